from datetime import date
from enum import StrEnum

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django_scopes import scopes_disabled

from portal.billing.domain.states import State
from portal.billing.models import Charge
from portal.billing.socket import ANONYMOUS
from portal.people.acting import Acting
from portal.people.sources import from_own_sources, within_scope


def charges_of(acting: Acting) -> QuerySet[Charge]:
    """Charges of the company the person acts for, or of the person; the newest first.

    The code alone is not enough: a sole trader's firm has the codice fiscale of its owner, and who has no codice
    fiscale owes as everybody else without one: their charges are those of their own cases. What a stranger
    asked for with somebody's code is theirs only once it is paid.
    """
    with scopes_disabled():
        rows = Charge.objects.select_related("entity").filter(Q(listed=True) | Q(state=State.SETTLED))
    if acting.company:
        return rows.filter(within_scope(acting), payer_kind="G", payer_fiscal_code=acting.company.fiscal_code)
    own = Q(payer_fiscal_code=ANONYMOUS) & from_own_sources(acting)
    if acting.person.fiscal_code:
        own |= Q(payer_fiscal_code=acting.person.fiscal_code)
    return rows.filter(own, payer_kind="F")


def open_charges_of(acting: Acting) -> QuerySet[Charge]:
    """What waits to be paid, the first to expire on top."""
    return charges_of(acting).filter(state=State.REQUESTED).order_by("due_on", "pk")


class Listed(StrEnum):
    """How the personal area sorts charges: `expired` is still to pay and past its day."""

    TO_PAY = "da-pagare"
    EXPIRED = "scaduti"
    PAID = "pagati"
    CANCELLED = "annullati"


LISTED_LABELS = {
    Listed.TO_PAY: _("Da pagare"),
    Listed.EXPIRED: _("Scaduti"),
    Listed.PAID: _("Pagati"),
    Listed.CANCELLED: _("Annullati"),
}


def listed(rows: QuerySet[Charge], state: Listed, *, on: date) -> QuerySet[Charge]:
    """Of some charges, those of one list on a day. Expired ones are not among those to pay."""
    waiting = Q(state=State.REQUESTED)
    late = Q(due_on__lt=on)
    wanted = {
        Listed.TO_PAY: waiting & (Q(due_on__isnull=True) | ~late),
        Listed.EXPIRED: waiting & late,
        Listed.PAID: Q(state=State.SETTLED),
        Listed.CANCELLED: Q(state=State.CANCELLED),
    }
    return rows.filter(wanted[state])


def what_waits_first(rows: QuerySet[Charge]) -> QuerySet[Charge]:
    """Charges to pay by their due date, then the others from the newest."""
    waits = Case(When(state=State.REQUESTED, then=0), default=1)
    due = Case(When(state=State.REQUESTED, then=F("due_on")))
    return rows.order_by(waits, due.asc(nulls_last=True), "-created_at", "-pk")


def paid(rows: QuerySet[Charge]) -> QuerySet[Charge]:
    """Of some charges, those with a receipt; the last paid on top."""
    return rows.filter(state=State.SETTLED).order_by("-settled_at", "-pk")


def total_cents(rows: QuerySet[Charge]) -> int:
    """The sum of some charges, in cents: of the paid ones, what was paid."""
    each = Coalesce("paid_cents", "amount_cents", output_field=BigIntegerField())
    return rows.order_by().aggregate(cents=Sum(each))["cents"] or 0


def charges_of_source(source: str) -> QuerySet[Charge]:
    """Charges asked for by a source, e.g. a case. Needs a scope."""
    return Charge.objects.filter(source=source).prefetch_related("lines")
