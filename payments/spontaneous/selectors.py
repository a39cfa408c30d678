"""What may be paid without an avviso today, of which bodies, and whose requests are whose."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django_scopes import scopes_disabled

from payments.domain.spontaneous import AmountRule, Limits, Payers, last_day
from payments.models import (
    CreditorEntity,
    DebtKind,
    SpontaneousPayment,
    SpontaneousPrice,
    SpontaneousQuestion,
    SpontaneousService,
)
from portal.entities.models import Entity
from portal.people.acting import Acting


@dataclass(frozen=True, slots=True)
class Offer:
    """A service that can be paid today: its kind of debt, its price if it has one, what it asks."""

    service: SpontaneousService
    kind: DebtKind
    price: SpontaneousPrice | None
    questions: tuple[SpontaneousQuestion, ...]

    @property
    def rule(self) -> AmountRule:
        """How the amount is made."""
        return AmountRule(self.service.amount_rule)

    @property
    def payers(self) -> Payers:
        """Who may pay."""
        return Payers(self.service.payers)

    @property
    def limits(self) -> Limits:
        """What the office allows of the amount."""
        row = self.service
        return Limits(
            rule=self.rule,
            min_cents=row.min_cents,
            max_cents=row.max_cents,
            max_quantity=row.max_quantity,
            unit_cents=self.price.cents if self.price else None,
        )

    def open_until(self, on: date) -> date:
        """The last day to pay a notice made on a day."""
        return last_day(issued_on=on, open_days=self.kind.open_days or 0)


def offers(*, entity_id: int, on: date) -> list[Offer]:
    """What a body offers on a day, in four queries. What lacks its kind of debt or its price is not offered."""
    with scopes_disabled():
        return _offers(_active(on).filter(entity_id=entity_id).select_related("entity"), on=on)


def offer_of(*, entity: Entity | int, code: str, on: date) -> Offer | None:
    """One service of a body, by its code; None when it is not offered on that day."""
    with scopes_disabled():
        rows = _active(on).filter(entity=entity, code=code).select_related("entity")
        return next(iter(_offers(rows, on=on)), None)


def bodies(*, on: date) -> list[Entity]:
    """The bodies on pagoPA that have something to pay this way, by name."""
    with scopes_disabled():
        creditors = CreditorEntity.objects.values("entity")
        return list(Entity.objects.filter(pk__in=_active(on).values("entity")).filter(pk__in=creditors))


def _active(on: date) -> QuerySet[SpontaneousService]:
    ends = Q(valid_until=None) | Q(valid_until__gte=on)
    return SpontaneousService.objects.filter(ends, valid_from__lte=on)


def _offers(rows: Iterable[SpontaneousService], *, on: date) -> list[Offer]:
    services = list(rows)
    kinds = _kinds({row.entity_id for row in services}, on=on)
    prices: dict[int, SpontaneousPrice] = {}
    confirmed = SpontaneousPrice.objects.filter(service__in=services, valid_from__lte=on).exclude(confirmed_by="")
    for price in confirmed.order_by("valid_from"):
        prices[price.service_id] = price
    questions: dict[int, list[SpontaneousQuestion]] = {}
    for question in SpontaneousQuestion.objects.filter(service__in=services).order_by("seq"):
        questions.setdefault(question.service_id, []).append(question)
    found = []
    for row in services:
        kind = kinds.get((row.entity_id, row.debt_kind))
        is_free = row.amount_rule == AmountRule.FREE
        own_price = None if is_free else prices.get(row.pk)
        if kind is not None and (is_free or own_price is not None):
            found.append(Offer(row, kind, own_price, tuple(questions.get(row.pk, ()))))
    return found


def _kinds(entities: Iterable[int], *, on: date) -> dict[tuple[int, str], DebtKind]:
    """The kinds in force that spontaneous payments can use. A digital stamp wants a document: not from here."""
    ends = Q(valid_until=None) | Q(valid_until__gte=on)
    rows = DebtKind.objects.filter(ends, entity__in=list(entities), valid_from__lte=on).order_by("valid_from")
    latest = {(row.entity_id, row.code): row for row in rows}
    return {
        key: row
        for key, row in latest.items()
        if row.confirmed_by and row.open_days is not None and not row.digital_stamp
    }


def own_sources(acting: Acting) -> QuerySet[SpontaneousPayment]:
    """The sources of what was asked under the mandate of whoever acts, as one text column: who may act for a company
    only in some matters finds at least the payments they asked for."""
    with scopes_disabled():
        rows = SpontaneousPayment.objects.filter(mandate=acting.mandate, mandate__isnull=False).order_by()
    named = rows.annotate(
        own_source=Concat(Value("spontaneous:"), Cast(F("pk"), CharField()), output_field=CharField())
    )
    return named.values("own_source")  # type: ignore[return-value]
