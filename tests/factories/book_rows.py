"""Rows of the books of a body, made by the services of the books."""

from datetime import date
from typing import Any

from django_scopes import scope

from payments.reconciliation.models import AllocationRule, Correspondent, ProposalExport, RevenueAssessment
from payments.reconciliation.services.assessments import assessment_file_receive
from payments.reconciliation.services.books import books_update
from portal import clock
from portal.audit.actor import Actor

ACTOR = Actor.system("prova")


def book_rows(entity: Any, secret: str) -> None:
    """An assessment with its rule, a registry that waits to be brought in, the books of what is there, and a file."""
    with scope(entity=entity):
        assessment = RevenueAssessment.objects.create(
            entity=entity,
            year=2026,
            number="7",
            chapter="30100",
            description=f"{secret} oneri",
            source=f"{secret} atto",
        )
        AllocationRule.objects.create(
            entity=entity, debt_kind="TE_BOLLO", assessment=assessment, valid_from=date(2026, 1, 1),
            source=f"{secret} atto", confirmed_by="prova",
        )  # fmt: skip
        Correspondent.objects.create(
            entity=entity, role="psp", psp_id=secret[:35], name=f"{secret} PSP", email="pec@esempio.it"
        )
        content = f"annoEsercizio;codAccertamento;codCapitolo;codiceTipoDovuto\n2026;8;{secret[:8]};TE_USURA\n"
        assessment_file_receive(entity=entity, name=f"{secret}.csv", content=content.encode(), actor=ACTOR)
        books_update(entity=entity, actor=ACTOR)
        ProposalExport.objects.create(
            entity=entity, layout="csv", name=f"{secret}.csv", created_at=clock.now(), rows=1, cents=100,
            content=secret.encode(),
        )  # fmt: skip
