"""Notice numbers: one sequence for each body and segregation code, locked while numbers are taken from it."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Q

from payments.domain import codes
from payments.models import DebtKind, IuvSequence, StationLink
from portal import clock
from portal.kernel.errors import DomainError

CREDITOR_MISSING = "L'ente non è ancora collegato a pagoPA: completa i dati nella sezione Pagamenti."


def numbers_reserve(*, link: StationLink, count: int) -> list[codes.NoticeNumber]:
    """The next `count` numbers of a body on a station, for ever. Raises CodeError when the sequence is over."""
    return list(numbers_take(link=link, count=count))


@transaction.atomic
def numbers_take(*, link: StationLink, count: int) -> Iterator[codes.NoticeNumber]:
    """The same, written one by one as they are used: for hundreds of thousands. They are taken at once, all of them."""
    key: dict[str, Any] = {"entity_id": link.entity_id, "segregation_code": link.segregation_code}
    IuvSequence.objects.get_or_create(**key)
    sequence = IuvSequence.objects.select_for_update(of=("self",)).get(**key)
    first = sequence.next_value
    sequence.next_value = first + count
    codes.issue(segregation_code=link.segregation_code, sequence=first + count - 1)
    sequence.save(update_fields=["next_value"])
    return (codes.issue(segregation_code=link.segregation_code, sequence=first + place) for place in range(count))


def issuing_link(*, entity_id: int, kind: DebtKind | None = None) -> StationLink:
    """The station of a kind of debt, or else the one the body issues with. Raises DomainError when there is none."""
    named = kind.link_id if kind is not None else None
    rows = StationLink.objects.filter(entity_id=entity_id, active=True).select_related("creditor__entity", "station")
    link = rows.filter(pk=named).first() if named else rows.filter(issues=True).first()
    if link is None:
        raise DomainError("creditor_missing", CREDITOR_MISSING)
    return link


def debt_kind(*, entity_id: int, code: str) -> DebtKind:
    """The kind in force today. Raises DomainError when it is missing or nobody has confirmed it."""
    today = clock.today()
    kind = (
        DebtKind.objects.filter(Q(valid_until=None) | Q(valid_until__gte=today), valid_from__lte=today)
        .filter(entity_id=entity_id, code=code)
        .order_by("-valid_from")
        .first()
    )
    if kind is None:
        raise DomainError("debt_kind_missing", f"Manca il tipo di dovuto «{code}» in vigore oggi.")
    if not kind.confirmed_by:
        raise DomainError("debt_kind_unconfirmed", f"Il tipo di dovuto «{code}» attende la conferma della ragioneria.")
    return kind
