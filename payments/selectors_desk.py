"""What the accountants' pages read: odd receipts, refunds, positions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Prefetch, Q, QuerySet

from payments.domain import outside
from payments.domain.guidance import GUIDANCE, Guidance, suggested_refund
from payments.domain.judgement import ANOMALY_LABELS, Anomaly
from payments.domain.standing import standing
from payments.domain.states import PAYABILITY_LABELS, Payability
from payments.models import Instalment, OutsidePayment, PaymentOption, Position, ReceiptCase, Refund
from payments.models.receipts import CaseState
from payments.services.receipts import paid_on
from payments.services.refunds import own_cents, refundable_cents


@dataclass(frozen=True, slots=True)
class Reason:
    """One anomaly of a receipt with its words."""

    label: str
    guidance: Guidance


@dataclass(frozen=True, slots=True)
class CasePage:
    """An odd receipt and what an accountant needs beside it."""

    case: ReceiptCase
    reasons: Sequence[Reason]
    others: Sequence[ReceiptCase]
    outside: Sequence[OutsidePayment]
    refunds: Sequence[Refund]
    own_cents: int
    refundable_cents: int
    suggested_cents: int


def case_page(case: ReceiptCase) -> CasePage:
    """Everything about one odd receipt."""
    anomalies = [Anomaly(code) for code in case.anomalies]
    own, left = own_cents(case), refundable_cents(case)
    due = case.instalment.cents_on(paid_on(case.receipt)) if case.instalment else None
    suggested = suggested_refund(anomalies, own=own, paid=case.receipt.amount_cents, due=due)
    return CasePage(
        case=case,
        reasons=[Reason(ANOMALY_LABELS[code], GUIDANCE[code]) for code in anomalies],
        others=_other_receipts(case),
        outside=_paid_outside(case),
        refunds=list(Refund.objects.filter(case=case)),
        own_cents=own,
        refundable_cents=left,
        suggested_cents=min(left, suggested),
    )


def _other_receipts(case: ReceiptCase) -> list[ReceiptCase]:
    """The other receipts of the same position."""
    if case.instalment is None:
        return []
    position = case.instalment.option.position_id
    rows = ReceiptCase.objects.filter(instalment__option__position=position).exclude(pk=case.pk)
    return list(rows.select_related("receipt").order_by("receipt__received_at", "pk"))


def _paid_outside(case: ReceiptCase) -> list[OutsidePayment]:
    """What came for the same position without pagoPA."""
    if case.instalment is None:
        return []
    position = case.instalment.option.position_id
    return list(OutsidePayment.objects.filter(position=position, state=outside.State.CONFIRMED, reverses=None))


def waiting_by_anomaly(cases: QuerySet[ReceiptCase]) -> list[tuple[Anomaly, str, int]]:
    """How many of some receipts wait for somebody, by reason: one query. A receipt may have several."""
    counts = cases.filter(state=CaseState.TO_REVIEW).aggregate(
        **{code.value: Count("pk", filter=Q(anomalies__contains=[code.value])) for code in Anomaly}
    )
    return [(code, ANOMALY_LABELS[code], counts[code.value]) for code in Anomaly if counts[code.value]]


@dataclass(frozen=True, slots=True)
class InstalmentLine:
    """An instalment with how it stands on a day."""

    instalment: Instalment
    payability: Payability
    cents: int

    @property
    def label(self) -> str:
        """How it stands, in words."""
        return PAYABILITY_LABELS[self.payability]


@dataclass(frozen=True, slots=True)
class OptionLine:
    """A way to pay and its instalments."""

    option: PaymentOption
    instalments: Sequence[InstalmentLine]


def with_instalments(positions: QuerySet[Position]) -> QuerySet[Position]:
    """Positions with what tells how they stand."""
    return positions.prefetch_related("options__instalments")


def with_everything(positions: QuerySet[Position]) -> QuerySet[Position]:
    """Positions with all that hangs from them, down to the refunds."""
    cases = ReceiptCase.objects.select_related("receipt").defer("receipt__raw").prefetch_related("refunds")
    return positions.prefetch_related(
        "options__instalments__transfers",
        "options__instalments__dated_amounts",
        Prefetch("options__instalments__receipt_cases", cases),
        "outside_payments",
    )


def option_lines(position: Position, *, on: date) -> list[OptionLine]:
    """The ways to pay a position on a day; needs `with_everything`."""
    return [
        OptionLine(option, [InstalmentLine(row, how, row.cents_shown(on)) for row, how in rows])
        for option, rows in _judged(position, on=on)
    ]


def standing_of(position: Position, *, on: date) -> Payability:
    """How a position stands on a day; needs `with_instalments`."""
    return standing(how for _option, rows in _judged(position, on=on) for _row, how in rows)


def _judged(position: Position, *, on: date) -> list[tuple[PaymentOption, list[tuple[Instalment, Payability]]]]:
    options = sorted(position.options.all(), key=lambda option: option.pk)
    used = {
        option.pk
        for option in options
        if option.withdrawn_at is None and any(row.paid_at for row in option.instalments.all())
    }
    found = []
    for option in options:
        option.position = position  # the same row: not read again
        rows = []
        for row in sorted(option.instalments.all(), key=lambda row: row.number):
            row.option = option
            rows.append((row, row.payability(on, sibling_used=bool(used - {option.pk}))))
        found.append((option, rows))
    return found
