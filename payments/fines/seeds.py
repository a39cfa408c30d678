"""What the demonstration needs to have fines. Safe to run again; every figure is labelled as invented."""

from django.db import transaction
from django_scopes import scopes_disabled

from payments.demo import CONFIRMED_BY, CREDITORS, SOURCE, DemoKind
from payments.fines import conf
from payments.models import DebtKind
from payments.seeds import VALID_FROM
from portal.entities.models import Entity

KINDS = (
    DemoKind(conf.SANCTION_KIND, "Sanzioni del Codice della Strada", "DEMO04TS"),
    DemoKind(conf.COSTS_KIND, "Spese di procedura e notifica dei verbali", "DEMO05TS"),
)
# Without a known day of service a notice stays payable for the 90 days in which it is served and the 60 after them.
OPEN_DAYS = 150


@transaction.atomic
def seed_kinds(entity: Entity) -> None:
    """The two kinds of debt of a fine."""
    with scopes_disabled():
        for kind in KINDS:
            DebtKind.objects.get_or_create(
                entity=entity,
                code=kind.code,
                valid_from=VALID_FROM,
                defaults={
                    "description": kind.description,
                    "taxonomy_code": kind.taxonomy_code,
                    "office_name": "Polizia Provinciale",
                    "open_days": OPEN_DAYS,
                    "source": SOURCE,
                    "confirmed_by": CONFIRMED_BY,
                },
            )


def seed() -> None:
    """Kinds of debt of every body of the demonstration."""
    for entity in Entity.objects.filter(fiscal_code__in=[row.fiscal_code for row in CREDITORS]):
        seed_kinds(entity)
