"""What the accountants' pages read: odd receipts, refunds, positions."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from payments.domain.guidance import GUIDANCE, Guidance, suggested_refund
from payments.domain.judgement import ANOMALY_LABELS, Anomaly
from payments.models import ReceiptCase, Refund
from payments.models.receipts import CaseState
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
    refunds: Sequence[Refund]
    own_cents: int
    refundable_cents: int
    suggested_cents: int


def case_page(case: ReceiptCase) -> CasePage:
    """Everything about one odd receipt."""
    anomalies = [Anomaly(code) for code in case.anomalies]
    own, left = own_cents(case), refundable_cents(case)
    due = case.instalment.amount_cents if case.instalment else None
    suggested = suggested_refund(anomalies, own=own, paid=case.receipt.amount_cents, due=due)
    return CasePage(
        case=case,
        reasons=[Reason(ANOMALY_LABELS[code], GUIDANCE[code]) for code in anomalies],
        others=_other_receipts(case),
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


def waiting_by_anomaly(cases: QuerySet[ReceiptCase]) -> list[tuple[Anomaly, str, int]]:
    """How many of some receipts wait for somebody, by reason: one query. A receipt may have several."""
    counts = cases.filter(state=CaseState.TO_REVIEW).aggregate(
        **{code.value: Count("pk", filter=Q(anomalies__contains=[code.value])) for code in Anomaly}
    )
    return [(code, ANOMALY_LABELS[code], counts[code.value]) for code in Anomaly if counts[code.value]]
