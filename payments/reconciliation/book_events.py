"""Audit events of the books, one typed function each."""

from collections.abc import Sequence

from django.db.models import Model

from payments.reconciliation.models import AssessmentFile, ProposalExport
from portal.audit.actor import Actor
from portal.audit.services import record
from portal.entities.models import Entity


def assessment_file_received(file: AssessmentFile, *, actor: Actor) -> None:
    """A registry of assessments came in."""
    record("reconciliation.assessments_received", subject=file, actor=actor, data={"sha256": file.sha256})


def assessment_file_imported(file: AssessmentFile, *, actor: Actor) -> None:
    """A registry of assessments was brought in."""
    record("reconciliation.assessments_imported", subject=file, actor=actor, data={"rows": file.imported_rows})


def book_setting_changed(setting: Model, *, fields: list[str], actor: Actor) -> None:
    """An accountant changed an assessment or a rule."""
    record("reconciliation.setting_changed", subject=setting, actor=actor, data={"fields": fields})


def ledger_posted(*, entity: Entity, postings: int, actor: Actor) -> None:
    """The books were brought up to date."""
    record("reconciliation.ledger_posted", subject=entity, actor=actor, data={"postings": postings})


def proposals_moved(*, entity: Entity, action: str, proposals: int, cents: int, actor: Actor) -> None:
    """Somebody approved proposals of collection orders, or took one back."""
    data = {"action": str(action), "proposals": proposals, "cents": cents}
    record("reconciliation.proposals_moved", subject=entity, actor=actor, data=data)


def proposals_exported(export: ProposalExport, *, actor: Actor) -> None:
    """Collection orders were given to the accounting system."""
    data = {"layout": export.layout, "rows": export.rows, "cents": export.cents}
    record("reconciliation.proposals_exported", subject=export, actor=actor, data=data)


def orders_voided(export: ProposalExport, *, lines: int, cents: int, actor: Actor) -> None:
    """Exported collection orders were annulled, refused or lost. The reason stays with the rows."""
    record("reconciliation.orders_voided", subject=export, actor=actor, data={"lines": lines, "cents": cents})


def report_downloaded(*, bodies: Sequence[Entity], report: str, kind: str, month: str, actor: Actor) -> None:
    """Somebody took a report away, as a file: one event, which names all its bodies."""
    data = {"report": report, "kind": kind, "month": month, "bodies": [body.code for body in bodies]}
    record("reconciliation.report_downloaded", subject=bodies[0], actor=actor, data=data)
