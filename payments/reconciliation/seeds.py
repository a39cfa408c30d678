"""Assessments and rules of the demonstration, all labelled as invented. Safe to run again."""

from dataclasses import dataclass

from django.db import transaction
from django_scopes import scopes_disabled

from payments.demo import CONFIRMED_BY, CREDITORS, SOURCE
from payments.models import DebtKind
from payments.reconciliation.models import AllocationRule, RevenueAssessment
from payments.seeds import VALID_FROM
from portal import clock
from portal.entities.models import Entity


@dataclass(frozen=True, slots=True)
class DemoAssessment:
    """A chapter, its assessment of each year, and the kinds of debt that go there with their shares."""

    number: str
    chapter: str
    siope: str
    description: str
    kinds: tuple[tuple[str, int], ...]
    final: bool = True


# Codes, chapters and shares are invented: an office writes its own, or imports them from its accounting system.
ASSESSMENTS = (
    DemoAssessment("101", "30100/1", "3.01.02.01.032", "Oneri di istruttoria", (("TE_ISTRUTTORIA", 1000),)),
    DemoAssessment("102", "10101/5", "1.01.01.99.001", "Imposta di bollo in modo virtuale", (("TE_BOLLO", 1000),)),
    DemoAssessment(
        "103", "30100/7", "3.01.03.01.003", "Indennizzo per maggiore usura", (("TE_USURA", 1000),), final=False
    ),
    DemoAssessment("201", "30200/1", "3.02.02.01.999", "Sanzioni, quota vincolata", (("CDS_SANZIONE", 500),)),
    DemoAssessment("202", "30200/2", "3.02.02.01.999", "Sanzioni, quota libera", (("CDS_SANZIONE", 500),)),
    DemoAssessment("203", "30500/9", "3.05.02.03.001", "Recupero spese dei verbali", (("CDS_SPESE", 1000),)),
    DemoAssessment("301", "30100/3", "3.01.03.01.002", "Canoni e concessioni", (("SP_CANONE", 1000),)),
)


@transaction.atomic
def seed() -> None:
    """Assessments of this year, and the rules of their chapters, for the bodies that are there."""
    with scopes_disabled():
        for row in CREDITORS:
            entity = Entity.objects.filter(fiscal_code=row.fiscal_code).first()
            if entity is not None:
                _seed_books(entity)


def _seed_books(entity: Entity) -> None:
    known = set(DebtKind.objects.filter(entity=entity).values_list("code", flat=True))
    for row in ASSESSMENTS:
        RevenueAssessment.objects.get_or_create(
            entity=entity,
            year=clock.today().year,
            number=row.number,
            defaults={
                "chapter": row.chapter,
                "siope": row.siope,
                "description": row.description,
                "final": row.final,
                "source": SOURCE,
            },
        )
        for code, permille in row.kinds:
            if code in known:
                AllocationRule.objects.get_or_create(
                    entity=entity,
                    debt_kind=code,
                    assessment=None,
                    chapter=row.chapter,
                    valid_from=VALID_FROM,
                    defaults={"permille": permille, "source": SOURCE, "confirmed_by": CONFIRMED_BY},
                )
