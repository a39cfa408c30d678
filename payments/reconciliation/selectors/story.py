"""The payments somebody asks about: found by what they have in hand, and told from the notice to the treasury."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q

from payments.domain.codes import CodeError, grouped, parse
from payments.domain.outside import PAID_HOW, How
from payments.domain.outside import State as OutsideState
from payments.domain.refunds import State as RefundState
from payments.fines.models import Fine
from payments.models import (
    Instalment,
    OutsidePayment,
    PaymentOption,
    Position,
    Receipt,
    ReceiptCase,
    ReceiptTransfer,
    Refund,
)
from payments.reconciliation.domain.story import (
    NoticeFacts,
    OutsideFacts,
    PaymentFacts,
    RefundFacts,
    Step,
    answer,
    timeline,
)
from payments.reconciliation.models import FlowLine
from payments.reconciliation.selectors.linking import current_flows
from payments.reconciliation.selectors.travels import Travel, lines_alone, travels
from payments.selectors import BOOK_READERS, standings
from payments.services.receipts import paid_on
from portal import clock
from portal.billing.socket import Standing
from portal.documents.readers import staff_may_read
from portal.entities.models import StaffRole
from portal.kernel.taxcodes import normalise

MOST_FOUND = 20
_NAV = re.compile(r"\d{18}", re.ASCII)
_IUV = re.compile(r"\d{15}|\d{17}", re.ASCII)
# By its shape: what is looked for is what was written on the notice, right or wrong.
_TAX_CODE = re.compile(r"[A-Z]{6}[0-9A-Z]{10}|\d{11}", re.ASCII)
_ACT = re.compile(r"(?P<number>[0-9A-Z][0-9A-Z\-]*)/(?P<year>20\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Item:
    """A position in a list, as it stands today."""

    position: Position
    standing: Standing


@dataclass(frozen=True, slots=True)
class Found:
    """Positions, receipts without a position, and lines of flows without either, that answer to what was written;
    `more` when there are other positions.
    """

    items: Sequence[Item]
    strays: Sequence[Receipt]
    lines: Sequence[FlowLine] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """A position told step by step."""

    position: Position
    numbers: Sequence[str]
    answer: str
    steps: Sequence[Step]


def find_payments(text: str, *, roles: Sequence[StaffRole], on: date) -> Found:
    """What a notice number, an IUV, a tax code, the number of a fine or of a receipt leads to, among the positions
    that the roles may read. Receipts without a position are for who reads the books.
    """
    wanted = "".join(text.split()).upper()
    bodies = {role.entity_id for role in roles}
    rows = Position.objects.filter(_asked(wanted, bodies), entity_id__in=bodies).select_related("charge", "entity")
    readable = [row for row in rows.order_by("-pk").distinct()[: MOST_FOUND * 5] if may_read(row, roles)]
    books = {role.entity_id for role in roles if role.role in BOOK_READERS}
    strays = Receipt.objects.filter(entity_id__in=books, case__instalment=None)
    strays = strays.filter(Q(nav=wanted) | Q(iuv=wanted) | Q(receipt_id__iexact=wanted)).defer("raw")
    shown = readable[:MOST_FOUND]
    how = standings([row.charge for row in shown], on=on)
    items = [Item(row, how[row.charge_id]) for row in shown if row.charge_id in how]
    lines = lines_alone(books, Q(iuv__in=_iuvs(wanted)) | Q(iur__in=_iurs(wanted)))
    ours = Instalment.objects.filter(entity=OuterRef("entity"), iuv=OuterRef("iuv"))
    lines = lines.filter(~Exists(ours), flow__in=current_flows(list(books)))
    return Found(
        items=items,
        strays=list(strays.order_by("-pk")[:MOST_FOUND]),
        lines=list(lines.order_by("-pk")[:MOST_FOUND]),
        more=len(readable) > MOST_FOUND,
    )


def may_read(position: Position, roles: Iterable[StaffRole]) -> bool:
    """Who reads the books of a body reads all of its payments; the others those of what they work on."""
    mine = [role for role in roles if role.entity_id == position.entity_id]
    if any(role.role in BOOK_READERS for role in mine):
        return True
    return bool(mine) and staff_may_read(position.charge.source, entity_id=position.entity_id, roles=mine)


def _iuvs(wanted: str) -> set[str]:
    """What is written, and the IUV of the notice that it may be."""
    try:
        return {wanted, parse(wanted).iuv}
    except CodeError:
        return {wanted}


def _iurs(wanted: str) -> set[str]:
    """Collection ids are compared as flows write them; PSPs write them in capitals or not, and people as they like."""
    return {wanted, wanted.lower()}


def _asked(wanted: str, bodies: Collection[int]) -> Q:
    """The condition for what was written; by its shape, so that one look-up is made and not five."""
    if _NAV.fullmatch(wanted):
        return Q(options__instalments__nav=wanted)
    code = normalise(wanted)
    if _TAX_CODE.fullmatch(code):
        return Q(debtor_fiscal_code=code)
    if _IUV.fullmatch(wanted):
        return Q(options__instalments__iuv=wanted)
    act = _ACT.fullmatch(wanted)
    if act is not None:
        return Q(pk__in=Fine.objects.filter(_written(act["number"]), year=int(act["year"])).values("position"))
    receipt = Q(options__instalments__receipt_cases__receipt__receipt_id__iexact=wanted)
    reported = FlowLine.objects.filter(entity_id__in=bodies, iur__in=_iurs(wanted)).values("iuv")
    receipt |= Q(options__instalments__iuv__in=reported)
    return receipt | Q(pk__in=Fine.objects.filter(_written(wanted)).values("position"))


def _written(number: str) -> Q:
    """The number of an act as people read it: the series may stand before it."""
    series = number.rstrip("0123456789")
    return Q(number=number) | Q(series=series.rstrip("-"), number=number[len(series) :])


def story(position: Position, *, on: date) -> Story:
    """A position from its notice to the treasury; as many queries for one receipt as for many."""
    instalments = list(Instalment.objects.filter(option__position=position).select_related("option"))
    cases = ReceiptCase.objects.filter(instalment__option__position=position).select_related("receipt")
    ordered = sorted(cases.defer("receipt__raw"), key=lambda case: (paid_on(case.receipt), case.pk))
    alone = lines_alone([position.entity_id], Q(iuv__in=[row.iuv for row in instalments]))
    payments = _payments(position, ordered, list(alone))
    notice = _notice(position, instalments, on)
    return Story(
        position=position,
        numbers=[grouped(row.nav) for row in sorted(instalments, key=lambda row: (row.option_id, row.number))],
        answer=answer(notice, payments, today=on),
        steps=timeline(notice, payments, today=on),
    )


def _notice(position: Position, instalments: Sequence[Instalment], on: date) -> NoticeFacts:
    standing = standings([position.charge], on=on)[position.charge_id]
    begun = {row.option_id for row in instalments if row.paid_at is not None}
    recorded = OutsidePayment.objects.filter(position=position, reverses=None).exclude(
        state__in=[OutsideState.REFUSED, OutsideState.REVERSED]
    )
    plan = [row for row in instalments if row.option_id in begun and row.option.kind == PaymentOption.Kind.PLAN]
    hindrance = position.suspension or position.cancellation or standing.hindrance
    return NoticeFacts(
        cents=position.charge.amount_cents,
        issued_on=_italian_day(position.created_at),
        due_on=standing.due_on,
        hindrance=hindrance if standing.hindrance else "",
        instalments=max(1, len(plan)),
        outside=tuple(
            OutsideFacts(row.amount_cents, row.credited_on, PAID_HOW[How(row.how)], row.state == OutsideState.CONFIRMED)
            for row in recorded.order_by("pk")
        ),
    )


def _payments(position: Position, cases: Sequence[ReceiptCase], alone: Sequence[FlowLine]) -> list[PaymentFacts]:
    ways = travels([case.receipt_id for case in cases], alone)
    refunds: dict[int, list[RefundFacts]] = defaultdict(list)
    for row in Refund.objects.filter(case__in=cases).order_by("pk"):
        moment = row.closed_at or row.ordered_at or row.decided_at or row.requested_at
        done = row.state == RefundState.DONE
        day = _italian_day(moment)
        refunds[row.case_id].append(RefundFacts(row.amount_cents, row.get_state_display(), done, day))
    elsewhere = _elsewhere(position, cases)
    received = [
        PaymentFacts(
            receipt_id=case.receipt.receipt_id,
            cents=case.receipt.amount_cents,
            paid_on=paid_on(case.receipt),
            psp=case.receipt.psp_name or case.receipt.psp_id,
            accepted=case.settles,
            anomalies=tuple(case.anomaly_labels()),
            travels=case.receipt_id not in elsewhere,
            flows=ways[case.receipt_id].flows,
            credits=ways[case.receipt_id].credits,
            refunds=tuple(refunds[case.pk]),
        )
        for case in cases
    ]
    reported = [_reported(way) for key, way in ways.items() if not isinstance(key, int)]
    return sorted([*received, *reported], key=lambda payment: payment.paid_on)


def _reported(way: Travel) -> PaymentFacts:
    """A payment that flows report and of which there is no receipt."""
    paid = [line for line in way.lines if line.cents > 0] or way.lines
    first = min(paid, key=lambda line: (line.paid_on, line.pk))
    return PaymentFacts(
        receipt_id=first.iur,
        cents=sum(abs(line.cents) for line in paid),
        paid_on=first.paid_on,
        psp=first.flow.psp_name or first.flow.psp_id,
        accepted=False,
        anomalies=("la ricevuta non è arrivata",),
        flows=way.flows,
        credits=way.credits,
        received=False,
    )


def _elsewhere(position: Position, cases: Sequence[ReceiptCase]) -> set[int]:
    """Receipts that bring nothing to the body: all of their money is for digital stamps or for others."""
    receipts = [case.receipt_id for case in cases]
    rows = ReceiptTransfer.objects.filter(receipt_id__in=receipts)
    own = rows.filter(is_stamp=False, beneficiary_fiscal_code=position.entity.fiscal_code)
    return set(rows.values_list("receipt_id", flat=True)) - set(own.values_list("receipt_id", flat=True))


def _italian_day(moment: datetime) -> date:
    return moment.astimezone(clock.ROME).date()
