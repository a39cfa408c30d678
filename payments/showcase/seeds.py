"""One of everything, ready to be looked at. Safe to run again: a story that was told is not told twice."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.db import transaction
from django_scopes import scope

from payments.demo import CREDITORS
from payments.reconciliation.services.books import reconcile_and_book
from payments.showcase import books, stories
from payments.showcase.campaigns import seed_campaigns
from portal.billing.models import Charge
from portal.entities.models import Entity

Story = Callable[[Entity, str], None]
# By the origin of the first sum that each asks for: the mark that it was told.
PISA: Final[dict[str, Story]] = {
    "demo:plan": stories.plan_begun,
    "demo:stamp": stories.stamps,
    "demo:refund": stories.refunds,
    "demo:odd": stories.odd_payments,
    "demo:books": books.settled_months,
}
FLORENCE: Final[dict[str, Story]] = {"demo:gpd": stories.at_the_archive}


def seed() -> None:
    """The stories of the first body, its campaigns, and what the second one has at PagoPA's archive."""
    for creditor, told in zip(CREDITORS, (PISA, FLORENCE), strict=False):
        entity = Entity.objects.filter(fiscal_code=creditor.fiscal_code).first()
        if entity is not None:
            with scope(entity=entity):
                for source, story in told.items():
                    _tell(entity, source, story)
                if told is PISA:
                    seed_campaigns(entity)
                    reconcile_and_book(entity=entity, actor=stories.ACTOR)


@transaction.atomic
def _tell(entity: Entity, source: str, story: Story) -> None:
    if not Charge.objects.filter(source=source).exists():
        story(entity, source)


def guide() -> list[str]:
    """Lines for the list of pages printed at the start."""
    office = f"{settings.PORTAL_BASE_URL}/admin/payments"
    return [
        "Pagamenti già pronti (chi li vede: ragioneria.pisa; tesoreria.pisa decide i rimborsi):",
        f"  posizioni {office}/position/, campagne {office}/campaign/, rimborsi {office}/refund/,"
        f" ricevute da verificare {office}/receiptcase/",
        "  Marco Rossi ha un piano di tre rate, la prima pagata; Elena Conti una marca da bollo digitale pagata"
        " e una da pagare",
    ]
