"""Two months of settlements before the demonstration began: what an accountant finds on the desk in the morning.

Flows and signed journals are those of the sandbox, handed over as if they had just come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from operator import itemgetter

from django.db import transaction

from payments.models import Position
from payments.reconciliation.formats.reporting_flow_json import bundle
from payments.reconciliation.models import Channel
from payments.reconciliation.services.ingest import ingest
from payments.sandbox import flows, receipts, treasurer
from payments.sandbox.treasurer import Credit
from payments.showcase import by_hand, till
from payments.showcase.by_hand import DOUBLE_CENTS
from payments.showcase.people import Invented
from payments.showcase.stories import ACTOR, FIRST_STRANGER, asked, numbers, rent
from portal import clock
from portal.entities.models import Entity
from portal.kernel.calendar import add_working_days, is_working_day
from portal.operations.sandbox.store import Store, Value

# Not among those of the other stories.
FIRST_TENANT = FIRST_STRANGER + 21
BANK = "PSP DI PROVA"
BANK_TEXT = "BONIFICO DI PSP DI PROVA A VOSTRO FAVORE"
CUT_TEXT = "/PUR/LGPE-RIVERSAMENTO/URI/2"
CUT_CENTS = 7_310
BY_HAND_CENTS = 155_000
NOTICE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Settlement:
    """Rents paid on a day, and what became of them: cents of each; the text and the cents of each credit, how many
    working days after the settlement. Without a text the bank gives the identifier of the flow. `lost`: of so many
    of the last rents no receipt came; pagoPA can still give the first of these.
    """

    working_days_ago: int
    rents: tuple[int, ...]
    credits_: tuple[int, ...] = ()
    text: str = ""
    delay: int = 0
    reported: bool = True
    customer: str = BANK
    lost: int = 0


SETTLEMENTS = (
    # In order: three that agree, the last of which came late.
    Settlement(48, (18_000, 24_500), (42_500,)),
    Settlement(30, (31_000, 9_600, 12_000), (52_600,)),
    Settlement(22, (27_500, 14_000), (41_500,), delay=9),
    # The bank wrote nothing that a rule dares to trust: one to be confirmed by a person, one by two.
    Settlement(15, (21_000, 16_400), (37_400,), BANK_TEXT),
    Settlement(9, (96_000, 72_500), (96_000, 72_500), BANK_TEXT),
    # The money has not come; the flow has not come.
    Settlement(7, (13_300,)),
    Settlement(6, (11_700,), reported=False),
    # What persons decide by hand: a debt asked for twice, receipts that never came, a credit that names nobody.
    Settlement(14, (DOUBLE_CENTS, DOUBLE_CENTS), (2 * DOUBLE_CENTS,)),
    Settlement(12, (15_500, 8_200, 9_900), (33_600,), lost=2),
    Settlement(11, (125_000, 30_000), (BY_HAND_CENTS,), "GIROCONTO INTERNO", customer="TESORERIA"),
)


def settled_months(entity: Entity, source: str) -> None:
    """Rents paid, reported and credited, in every way that an accountant must know how to deal with."""
    tenants = iter(range(FIRST_TENANT, FIRST_TENANT + 20))
    came: list[tuple[date, list[Credit]]] = []
    for number, settlement in enumerate(SETTLEMENTS, start=1):
        paid_on = _working_day_before(clock.today(), settlement.working_days_ago)
        lost = len(settlement.rents) - settlement.lost
        payments = [
            _paid(entity, source if number == 1 and place == 0 else f"{source}:{number}:{place}", next(tenants), cents,
                  paid_on, flow=_name(paid_on, number) if settlement.reported else "", lost=max(0, place - lost + 1))
            for place, cents in enumerate(settlement.rents)
        ]  # fmt: skip
        if settlement.reported:
            flow = _flow(entity, payments, paid_on, number)
            _publish(entity, flow)
            came.append(_credits(settlement, flow))
    cut = Credit(CUT_CENTS, CUT_TEXT, "TRN0000000000000", BANK)
    came.append((_working_day_before(clock.today(), 5), [cut]))
    came.extend((_working_day_before(clock.today(), days), [credit]) for days, credit in by_hand.from_abroad(entity))
    for day, credits_ in sorted(came, key=itemgetter(0)):
        if credits_:
            _journal(entity, credits_, day)
    by_hand.decided(entity)


def _working_day_before(day: date, count: int) -> date:
    while count:
        day -= timedelta(days=1)
        count -= is_working_day(day)
    return day


def _name(paid_on: date, number: int) -> str:
    """The identifier of a flow: day of its settlement, PSP, number."""
    return f"{add_working_days(paid_on, 1).isoformat()}AGID01-9{number:07d}"


def _paid(entity: Entity, source: str, tenant: int, cents: int, on: date, *, flow: str, lost: int = 0) -> Value:
    """A rent that was paid on a day; its flow is written down, so that the end of a day does not settle it again."""
    kilometre = f"S.P. {tenant - FIRST_TENANT + 12} km {tenant % 9}+{tenant % 7}00"
    charge = asked(entity, source, Invented(tenant).payer, f"Canone unico - accesso, {kilometre}", rent(cents))
    # Only the calendar is made up: the notice went out a month before it was paid.
    Position.objects.filter(charge=charge).update(created_at=clock.now() - (clock.today() - on + NOTICE))
    payment = till.activate(body=entity.fiscal_code, nav=numbers(charge)[0])
    moment = datetime.combine(on, time(10, tenant % 60), clock.ROME)
    payment |= {"paid_at": moment.isoformat(timespec="seconds"), "settled": flow or "mai"}
    if not lost:
        till.deliver(payment)
    elif lost == 1:
        transaction.on_commit(lambda: receipts.remember(payment))
    return payment


def _flow(entity: Entity, payments: Sequence[Value], paid_on: date, number: int) -> Value:
    day = add_working_days(paid_on, 1)
    transfers = [(payment, transfer) for payment in payments for transfer in payment["transfers"]]
    told = datetime.combine(add_working_days(paid_on, 2), time(2), clock.ROME).astimezone(UTC)
    psp = payments[0]["psp"]
    return {
        "fdr": _name(paid_on, number),
        "revision": 1,
        "pspId": psp["id"],
        "pspName": psp["name"],
        "organizationId": entity.fiscal_code,
        "organizationName": entity.name,
        "regulation": f"TRN{day:%Y%m%d}9{number:07d}",
        "regulationDate": day.isoformat(),
        "published": f"{told:%Y-%m-%dT%H:%M:%S.%fZ}",
        "cents": sum(transfer["amount_cents"] for _payment, transfer in transfers),
        "payments": [flows.line(seq, *pair) for seq, pair in enumerate(transfers, start=1)],
    }


def _publish(entity: Entity, flow: Value) -> None:
    content = bundle(flows.header(flow), [flows.payments_page(flow, page=1, size=len(flow["payments"]))])
    ingest(entity=entity, content=content, name=f"{flow['fdr']}-r1.json", channel=Channel.API, actor=ACTOR)


def _credits(settlement: Settlement, flow: Value) -> tuple[date, list[Credit]]:
    """The day on which the money of a flow came, and how the bank writes it."""
    day = add_working_days(date.fromisoformat(flow["regulationDate"]), settlement.delay)
    text = settlement.text or f"/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{flow['fdr']}"
    references = [f"CRO{day:%Y%m%d}{place}" if settlement.text else flow["regulation"] for place in range(9)]
    return day, [
        Credit(cents, text, reference, settlement.customer)
        for cents, reference in zip(settlement.credits_, references, strict=False)
    ]


def _journal(entity: Entity, credits_: Sequence[Credit], day: date) -> None:
    at = datetime.combine(day, time(18), clock.ROME)
    name, content = treasurer.signed_journal(Store(), entity=entity, credits_=credits_, at=at)
    ingest(entity=entity, content=content, name=name, channel=Channel.FOLDER, actor=ACTOR)
