"""A body's books in a test: evidence goes in, verdicts come out."""

from datetime import UTC, date, datetime
from typing import Any

from payments.reconciliation.domain.outcomes import Code
from payments.reconciliation.models import Channel, EvidenceReading, Verdict
from payments.reconciliation.services.flows import ingest_flow
from payments.reconciliation.services.journals import ingest_journal
from payments.reconciliation.services.matching import Run, reconcile
from portal.audit.actor import Actor
from portal.entities.models import Entity
from tests.payments.reconciliation.builders import flow_bundle, journal

ACTOR = Actor.system("prova")


class Books:
    """What a test does with the evidence of a body."""

    def __init__(self, entity: Entity, time_machine: Any) -> None:
        self.entity, self.time_machine = entity, time_machine
        self.ledger = {"closing": 100_000_00, "journal": 1, "number": 0}

    def flow(self, lines: list[dict[str, Any]], **changes: Any) -> EvidenceReading:
        content = flow_bundle(self.entity.fiscal_code, lines, **changes)
        return ingest_flow(entity=self.entity, content=content, name="f.json", channel=Channel.API, actor=ACTOR)

    def journal(self, credits_: list[Any], **changes: Any) -> EvidenceReading:
        content = journal(self.entity, credits_, ledger=self.ledger, **changes)
        return ingest_journal(entity=self.entity, content=content, name="g.xml", channel=Channel.FOLDER, actor=ACTOR)

    def run(self, *, full: bool = False) -> Run:
        return reconcile(entity=self.entity, actor=ACTOR, full=full)

    def on(self, day: date) -> None:
        self.time_machine.move_to(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))

    def standing(self, *codes: Code) -> list[Verdict]:
        rows = Verdict.objects.filter(entity=self.entity, closed_run=None).order_by("subject", "key", "code")
        return list(rows.filter(code__in=codes) if codes else rows)

    def said(self) -> set[tuple[str, str]]:
        """What is said now, of which kind of document."""
        return {(row.subject, row.code) for row in self.standing()}

    def of_payments(self) -> set[tuple[str, str]]:
        """The same, of lines and receipts only."""
        return {said for said in self.said() if said[0] in {"line", "receipt"}}
