from django.db.models import Q, QuerySet
from django_scopes import scopes_disabled

from portal.billing.domain.states import State
from portal.billing.models import Charge
from portal.billing.socket import ANONYMOUS
from portal.people.acting import Acting
from portal.people.sources import from_own_sources, within_scope


def charges_of(acting: Acting) -> QuerySet[Charge]:
    """Charges of the company the person acts for, or of the person; the newest first.

    The code alone is not enough: a sole trader's firm has the codice fiscale of its owner, and who has no codice
    fiscale owes as everybody else without one: their charges are those of their own cases.
    """
    with scopes_disabled():
        rows = Charge.objects.select_related("entity")
    if acting.company:
        return rows.filter(within_scope(acting), payer_kind="G", payer_fiscal_code=acting.company.fiscal_code)
    own = Q(payer_fiscal_code=ANONYMOUS) & from_own_sources(acting)
    if acting.person.fiscal_code:
        own |= Q(payer_fiscal_code=acting.person.fiscal_code)
    return rows.filter(own, payer_kind="F")


def open_charges_of(acting: Acting) -> QuerySet[Charge]:
    """What waits to be paid, the first to expire on top."""
    return charges_of(acting).filter(state=State.REQUESTED).order_by("due_on", "pk")


def charges_of_source(source: str) -> QuerySet[Charge]:
    """Charges asked for by a source, e.g. a case. Needs a scope."""
    return Charge.objects.filter(source=source).prefetch_related("lines")
