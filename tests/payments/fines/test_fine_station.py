"""The table of the two options, as the node sees it: asked at the station, day by day, with nothing scheduled."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django_scopes import scope, scopes_disabled

from payments.domain.states import State
from payments.fines.domain.stages import AppealTo, ServedHow, Stage
from payments.fines.models import Fine
from payments.fines.services.fees import fine_send_fee
from payments.fines.services.serving import fine_serve
from payments.fines.services.stages import (
    fine_appeal,
    fine_appeal_closed,
    fine_cancel,
    fine_instalments,
    fine_instalments_closed,
)
from payments.models import Instalment, ReceiptCase
from payments.services.receipts import receipts_judge_waiting
from portal.audit.models import Event
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from portal.kernel.states import MoveNotAllowed
from tests.payments import node_messages as node
from tests.payments.fines.conftest import DESK, fine_of, numbers_of, take
from tests.payments.fines.fine_files import table

pytestmark = pytest.mark.django_db
Fined = Callable[..., Fine]
AMOUNT = "paymentList/paymentOptionDescription/amount"
SERVED = date(2026, 3, 20)
EXPIRED, UNKNOWN = "PAA_PAGAMENTO_SCADUTO", "PAA_PAGAMENTO_SCONOSCIUTO"
CANCELLED, DUPLICATE = "PAA_PAGAMENTO_ANNULLATO", "PAA_PAGAMENTO_DUPLICATO"


@pytest.fixture(autouse=True)
def _in_march() -> Any:
    with time_machine.travel("2026-03-20T12:00:00+01:00", tick=False):
        yield


def asked(row: Instalment, on: date) -> str:
    """What the station answers on a day: the amount, or the fault."""
    with time_machine.travel(f"{on.isoformat()}T10:00:00+01:00", tick=False):
        answer = node.post(node.verify(row.nav))
        activated = node.post(node.get(row.nav))
    assert answer.outcome == activated.outcome
    if answer.outcome == "OK":
        assert answer.text(AMOUNT) == activated.text("data/paymentAmount")
        shares = [share.text for share in activated.body.iterfind("data/transferList/transfer/transferAmount")]
        assert sum(int(share.replace(".", "")) for share in shares) == int((answer.text(AMOUNT) or "").replace(".", ""))
    return (answer.text(AMOUNT) or "") if answer.outcome == "OK" else answer.fault


def both(fine: Fine, on: date) -> tuple[str, str]:
    rows = numbers_of(fine)
    return asked(rows[True], on), asked(rows[False], on)


def serve(fine: Fine, served_on: date = SERVED) -> Fine:
    with scope(entity=fine.entity):
        return fine_serve(fine_id=fine.pk, served_on=served_on, how=ServedHow.MAIL, actor=DESK)


def pay(row: Instalment, amount: str, *, paid_on: date, receipt: str = "a") -> node.Answer:
    with scopes_disabled():
        shares = list(row.transfers.order_by("seq"))
    change = int(amount.replace(".", "")) - sum(share.amount_cents for share in shares)
    transfers = tuple(
        (share.seq, f"{(share.amount_cents + (change if share.seq == 1 else 0)) / 100:.2f}", "80000410508", share.iban)
        for share in shares
    )
    message = node.Receipt(
        row.nav, receipt_id=receipt * 32, amount=amount, transfers=transfers, paid_at=f"{paid_on.isoformat()}T10:00:00"
    )
    answer = node.post(node.send(message))
    receipts_judge_waiting()
    return answer


def test_with_an_unknown_day_of_service_both_can_be_paid_for_ever(fined: Fined):
    fine = fined()
    for days in (0, 5, 6, 61, 140):
        assert both(fine, SERVED + timedelta(days=days)) == ("45.90", "58.50")


def test_each_day_after_the_service_has_its_answer(fined: Fined):
    fine = serve(fined())
    for days in range(6):
        assert both(fine, SERVED + timedelta(days=days)) == ("45.90", "58.50"), days
    for days in (6, 7, 30, 59, 60):
        assert both(fine, SERVED + timedelta(days=days)) == (EXPIRED, "58.50"), days
    for days in (61, 62, 300):
        assert both(fine, SERVED + timedelta(days=days)) == (EXPIRED, "103.00"), days


@pytest.mark.parametrize(("day", "anomalies"), [(5, []), (6, ["late"]), (60, ["late"])])
def test_the_discounted_amount_paid_after_the_fifth_day_settles_and_goes_to_the_office(
    fined: Fined, day: int, anomalies: list[str]
):
    fine = serve(fined())
    paid_on = SERVED + timedelta(days=day)
    assert pay(numbers_of(fine)[True], "45.90", paid_on=paid_on).outcome == "OK"
    assert fine_of(fine.entity).position.state == State.PAID
    with scopes_disabled():
        assert ReceiptCase.objects.get().anomalies == anomalies
    assert asked(numbers_of(fine)[False], paid_on) == UNKNOWN


def test_last_days_on_a_holiday_move(fined: Fined):
    with time_machine.travel("2026-12-20T12:00:00+01:00", tick=False):
        fine = serve(fined(), date(2026, 12, 20))  # the fifth day is Christmas, the sixtieth a Thursday
    assert [both(fine, date(2026, 12, day))[0] for day in (25, 26, 27, 28, 29)] == [
        "45.90", "45.90", "45.90", "45.90", EXPIRED,
    ]  # fmt: skip
    assert both(fine, date(2027, 2, 18))[1] == "58.50"
    assert both(fine, date(2027, 2, 19))[1] == "103.00"


def test_a_fine_without_discount_has_the_reduced_number_alone(fined: Fined):
    fine = serve(fined(sconto="N"))
    (row,) = numbers_of(fine).values()
    assert [asked(row, SERVED + timedelta(days=days)) for days in (0, 5, 60, 61)] == [
        "58.50",
        "58.50",
        "58.50",
        "103.00",
    ]


def test_the_fee_of_send_is_owed_whole_in_every_amount(fined: Fined):
    fine = serve(fined(costo_send="3,10"))
    assert both(fine, SERVED) == ("49.00", "61.60")
    assert both(fine, SERVED + timedelta(days=61)) == (EXPIRED, "106.10")


@pytest.mark.parametrize("first", [True, False])
def test_once_one_is_paid_the_other_cannot_be(fined: Fined, first: bool):
    fine = serve(fined())
    rows = numbers_of(fine)
    assert pay(rows[first], "45.90" if first else "58.50", paid_on=SERVED).outcome == "OK"
    assert asked(rows[first], SERVED) == DUPLICATE
    assert asked(rows[not first], SERVED) == UNKNOWN
    fine.position.refresh_from_db()
    assert fine.position.state == State.PAID
    assert Event.objects.filter(action="charge.settled").count() == 1


def test_a_late_payment_of_the_amount_of_that_day_settles(fined: Fined):
    fine = serve(fined())
    pay(numbers_of(fine)[False], "103.00", paid_on=SERVED + timedelta(days=70))
    with scopes_disabled():
        assert ReceiptCase.objects.get().anomalies == []


def test_the_reduced_amount_after_the_sixtieth_day_is_less_than_what_is_due(fined: Fined):
    fine = serve(fined())
    assert pay(numbers_of(fine)[False], "58.50", paid_on=SERVED + timedelta(days=70)).outcome == "OK"
    with scopes_disabled():
        case = ReceiptCase.objects.get()
    assert "amount_short" in case.anomalies
    assert not case.settles


def test_paying_both_numbers_of_a_fine_is_seen(fined: Fined):
    rows = numbers_of(serve(fined()))
    pay(rows[True], "45.90", paid_on=SERVED)
    pay(rows[False], "58.50", paid_on=SERVED, receipt="b")
    with scopes_disabled():
        anomalies = [case.anomalies for case in ReceiptCase.objects.order_by("pk")]
    assert anomalies == [[], ["sibling_used"]]


def test_an_appeal_stops_both_numbers_and_its_end_lets_them_go_on(fined: Fined, body: Entity):
    fine = serve(fined())
    with scope(entity=body):
        fine_appeal(fine_id=fine.pk, to=AppealTo.JUDGE, actor=DESK)
    assert both(fine, SERVED) == (CANCELLED, CANCELLED)
    with scope(entity=body):
        assert fine_appeal_closed(fine_id=fine.pk, upheld=False, actor=DESK).stage == Stage.OPEN
    assert both(fine, SERVED) == ("45.90", "58.50")


def test_an_upheld_appeal_annuls_the_fine(fined: Fined, body: Entity):
    fine = serve(fined())
    with scope(entity=body):
        fine_appeal(fine_id=fine.pk, to=AppealTo.PREFECT, actor=DESK)
        fine_appeal_closed(fine_id=fine.pk, upheld=True, actor=DESK)
        with pytest.raises(MoveNotAllowed):
            fine_appeal(fine_id=fine.pk, to=AppealTo.JUDGE, actor=DESK)
    assert both(fine, SERVED) == (CANCELLED, CANCELLED)
    assert fine_of(body).position.state == State.CANCELLED


def test_a_plan_stops_both_numbers(fined: Fined, body: Entity):
    fine = serve(fined(importo_minimo="400", importo_massimo="1600"))
    with scope(entity=body):
        granted = fine_instalments(fine_id=fine.pk, count=4, income_cents=900_000, relatives=0, actor=DESK)
        assert (granted.stage, granted.plan_count) == (Stage.IN_INSTALMENTS, 4)
        assert both(fine, SERVED) == (CANCELLED, CANCELLED)
        fine_instalments_closed(fine_id=fine.pk, actor=DESK)
    assert both(fine, SERVED) == ("296.50", "416.50")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"count": 5}, "da 2 a 4"),
        ({"income_cents": 2_000_000}, "reddito"),
        ({"count": 0}, "da 2 a 4"),
    ],
)
def test_a_plan_against_the_law_is_refused_and_changes_nothing(
    fined: Fined, body: Entity, values: dict[str, int], words: str
):
    fine = serve(fined(importo_minimo="400", importo_massimo="1600"))
    wanted = {"count": 4, "income_cents": 0, "relatives": 0, **values}
    with scope(entity=body), pytest.raises(DomainError, match=words):
        fine_instalments(fine_id=fine.pk, actor=DESK, **wanted)
    assert fine_of(body).stage == Stage.OPEN


def test_a_cancelled_fine_cannot_be_paid_and_says_why(fined: Fined, body: Entity):
    fine = fined()
    with scope(entity=body):
        with pytest.raises(DomainError, match="perché"):
            fine_cancel(fine_id=fine.pk, reason="  ", actor=DESK)
        fine_cancel(fine_id=fine.pk, reason="Targa letta male", actor=DESK)
    assert both(fine, SERVED) == (CANCELLED, CANCELLED)
    assert fine_of(body).reason == "Targa letta male"


def test_what_is_paid_is_neither_cancelled_nor_appealed_nor_served_again(fined: Fined, body: Entity):
    fine = serve(fined())
    pay(numbers_of(fine)[True], "45.90", paid_on=SERVED)
    with scope(entity=body):
        with pytest.raises(DomainError):
            fine_cancel(fine_id=fine.pk, reason="x", actor=DESK)
        with pytest.raises(DomainError):
            fine_appeal(fine_id=fine.pk, to=AppealTo.JUDGE, actor=DESK)
        with pytest.raises(DomainError, match="già pagata"):
            serve(fine, date(2026, 3, 19))
    assert fine_of(body).stage == Stage.OPEN


def test_a_fine_paid_before_the_day_of_service_is_known_keeps_its_numbers(fined: Fined):
    fine = fined()
    pay(numbers_of(fine)[True], "45.90", paid_on=SERVED)
    assert serve(fine).served_on == SERVED
    assert numbers_of(fine)[True].due_on is None


def test_a_day_of_service_put_right_moves_everything(fined: Fined):
    fine = serve(fined(), date(2026, 3, 16))
    assert both(fine, date(2026, 3, 24))[0] == EXPIRED
    serve(fine, date(2026, 3, 19))
    assert both(fine, date(2026, 3, 24)) == ("45.90", "58.50")
    assert len(numbers_of(fine)[False].dated()) == 1
    assert Event.objects.filter(action="fines.served").count() == 2


@pytest.mark.parametrize("day", [date(2026, 3, 9), date(2026, 3, 21)])
def test_days_of_service_that_cannot_be_are_refused(fined: Fined, day: date):
    with pytest.raises(DomainError):
        serve(fined(), day)


def test_a_cancelled_fine_is_not_served(fined: Fined, body: Entity):
    fine = fined()
    with scope(entity=body):
        fine_cancel(fine_id=fine.pk, reason="x", actor=DESK)
    with pytest.raises(DomainError, match="annullata"):
        serve(fine)


def test_another_body_finds_no_fine_to_work_on(fined: Fined, firenze: Entity):
    fine = fined()
    with scope(entity=firenze), pytest.raises(Fine.DoesNotExist):
        fine_cancel(fine_id=fine.pk, reason="x", actor=DESK)


def test_due_dates_in_the_file_and_by_the_office_are_the_same(body: Entity):
    take(body, table({"data_notifica": "20/03/2026"}, {"numero_verbale": "1002"}))
    serve(fine_of(body, "1002"))
    first, second = (
        {key: (row.due_on, [(a.valid_from, a.cents) for a in row.dated()]) for key, row in numbers_of(fine).items()}
        for fine in (fine_of(body, "1001"), fine_of(body, "1002"))
    )
    assert first == second


@pytest.mark.parametrize("costs", ["16,50", "0"])
def test_the_fee_of_send_is_put_on_the_position_beforehand(fined: Fined, body: Entity, costs: str):
    fine = serve(fined(spese=costs))
    before = both(fine, SERVED)
    for cents in (310, 450, 0, 310):
        with scope(entity=body):
            fine_send_fee(fine_id=fine.pk, cents=cents, actor=DESK)
        connection.check_constraints()
    grown = tuple(f"{(int(amount.replace('.', '')) + 310) / 100:.2f}" for amount in before)
    assert both(fine, SERVED) == grown
    late = 8650 + (1650 if costs != "0" else 0) + 310
    assert both(fine, SERVED + timedelta(days=61))[1] == f"{late / 100:.2f}"
    charge = fine_of(body).position.charge
    with scopes_disabled():
        lines = sum(charge.lines.values_list("cents", flat=True))
    assert lines == charge.amount_cents == numbers_of(fine)[False].amount_cents
    assert Event.objects.filter(action="fines.send_fee_set").count() == 4


@pytest.mark.parametrize("cents", [-1, 100_001])
def test_a_fee_that_cannot_be_is_refused(fined: Fined, body: Entity, cents: int):
    with scope(entity=body), pytest.raises(DomainError):
        fine_send_fee(fine_id=fined().pk, cents=cents, actor=DESK)


def test_a_paid_fine_keeps_its_amounts(fined: Fined, body: Entity):
    fine = serve(fined())
    pay(numbers_of(fine)[True], "45.90", paid_on=SERVED)
    with scope(entity=body), pytest.raises(DomainError):
        fine_send_fee(fine_id=fine.pk, cents=310, actor=DESK)


@pytest.mark.parametrize(
    ("first", "paid", "served_on", "waits"),
    [
        (True, "45.90", date(2026, 3, 15), False),
        (True, "45.90", date(2026, 3, 13), True),
        (False, "58.50", date(2026, 3, 13), False),
        (False, "58.50", date(2026, 1, 10), True),
    ],
)
def test_a_day_of_service_known_after_the_payment_says_who_paid_too_little(
    fined: Fined, first: bool, paid: str, served_on: date, waits: bool
):
    fine = fined(data_violazione="08/01/2026")
    pay(numbers_of(fine)[first], paid, paid_on=SERVED)
    serve(fine, served_on)
    with scopes_disabled():
        case = ReceiptCase.objects.get()
    assert (case.state == "to_review", case.anomalies) == (waits, ["late"] if waits else [])
    assert case.settles


def test_a_plan_asked_for_in_time_is_granted_later(fined: Fined, body: Entity):
    fine = serve(fined(importo_minimo="400", importo_massimo="1600"))
    asked_for = {"fine_id": fine.pk, "count": 4, "income_cents": 0, "relatives": 0, "actor": DESK}
    with time_machine.travel("2026-05-04T10:00:00+02:00", tick=False), scope(entity=body):
        with pytest.raises(DomainError, match="termine"):
            fine_instalments(**asked_for)
        assert fine_instalments(**asked_for, asked_on=date(2026, 4, 10)).stage == Stage.IN_INSTALMENTS
