"""Instalments of a fine by art. 202-bis: their numbers, how they end; and the sum decided on an appeal."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import pairwise, product
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.db import connection, connections
from django_scopes import scope, scopes_disabled
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.drafts import MAX_INSTALMENTS
from payments.domain.states import State
from payments.fines.domain.drafts import plan_option, single_option
from payments.fines.domain.plans import PlanRequest, interest, monthly, most_instalments, obstacles, parts_of, split
from payments.fines.domain.stages import SUSPENDED, TRANSITIONS, Action, AppealTo, ServedHow, Stage
from payments.fines.law import law
from payments.fines.models import Fine
from payments.fines.services.fees import fine_send_fee
from payments.fines.services.serving import fine_serve
from payments.fines.services.stages import (
    fine_appeal,
    fine_appeal_closed,
    fine_appeal_decided,
    fine_cancel,
    fine_instalments,
    fine_instalments_closed,
    fine_instalments_forfeited,
)
from payments.models import Instalment, PaymentOption, ProviderExport, ReceiptCase
from payments.models.receipts import CaseState
from payments.node.options import payment_options
from payments.services.documents import notice_document
from payments.services.receipts import receipts_judge_waiting
from portal import clock
from portal.audit.models import Event
from portal.billing.models import Charge
from portal.entities.models import Entity
from portal.kernel.calendar import is_holiday
from portal.kernel.errors import DomainError
from portal.kernel.states import MoveNotAllowed, move
from portal.outbox.services import carry_due
from tests.payments import node_messages as node
from tests.payments.fines.conftest import DESK, fine_of, numbers_of, take
from tests.payments.fines.fine_files import table
from tests.payments.fines.test_fine_station import CANCELLED, DUPLICATE, asked, both, pay

pytestmark = pytest.mark.django_db
Fined = Callable[..., Fine]
DAY = date(2026, 3, 20)
KINDS = {"sanction_kind": "S", "costs_kind": "C"}


@pytest.fixture(autouse=True)
def _in_march() -> Iterator[None]:
    with time_machine.travel("2026-03-20T12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def fine(fined: Fined) -> Fine:
    """416,50 euro to pay within 60 days, 816,50 after."""
    made = fined(importo_minimo="400", importo_massimo="1600")
    with scope(entity=made.entity):
        return fine_serve(fine_id=made.pk, served_on=DAY, how=ServedHow.MAIL, actor=DESK)


def grant(fine: Fine, count: int = 4) -> list[Instalment]:
    with scope(entity=fine.entity):
        fine_instalments(fine_id=fine.pk, count=count, income_cents=0, relatives=0, actor=DESK)
    return plan_of(fine)


def plan_of(fine: Fine) -> list[Instalment]:
    with scopes_disabled():
        rows = Instalment.objects.filter(option__position=fine.position_id, option__kind="plan")
        return list(rows.select_related("option__position").order_by("number"))


def in_force(fine: Fine) -> list[Instalment]:
    with scopes_disabled():
        rows = Instalment.objects.filter(option__position=fine.position_id, option__withdrawn_at=None)
        return list(rows.select_related("option__position").prefetch_related("dated_amounts").order_by("pk"))


def euros(cents: int) -> str:
    return f"{cents / 100:.2f}"


def pay_row(row: Instalment, on: date = DAY, receipt: str = "a") -> node.Answer:
    return pay(row, euros(row.amount_cents), paid_on=on, receipt=receipt)


def on_day(day: str) -> Any:
    return time_machine.travel(f"{day}T12:00:00+02:00", tick=False)


def forfeit(fine: Fine, reason: str = "Rata 1 non pagata") -> Fine:
    with scope(entity=fine.entity):
        return fine_instalments_forfeited(fine_id=fine.pk, reason=reason, actor=DESK)


def charge_of(fine: Fine) -> tuple[int, int, str, date | None]:
    """What the charge says: its total, that of its lines, its number, its day."""
    with scopes_disabled():
        charge = Charge.objects.get(pk=fine.position.charge_id)
        lines = sum(charge.lines.values_list("cents", flat=True))
    return charge.amount_cents, lines, charge.notice_number, charge.due_on


# --- rules -----------------------------------------------------------------------------------------------------

MOVES = {
    (Stage.OPEN, Action.APPEAL): Stage.APPEALED,
    (Stage.OPEN, Action.GRANT_PLAN): Stage.IN_INSTALMENTS,
    (Stage.OPEN, Action.CANCEL): Stage.CANCELLED,
    (Stage.APPEALED, Action.APPEAL_REJECTED): Stage.OPEN,
    (Stage.APPEALED, Action.APPEAL_DECIDED): Stage.DECIDED,
    (Stage.APPEALED, Action.APPEAL_UPHELD): Stage.CANCELLED,
    (Stage.APPEALED, Action.CANCEL): Stage.CANCELLED,
    (Stage.DECIDED, Action.APPEAL): Stage.REAPPEALED,
    (Stage.DECIDED, Action.CANCEL): Stage.CANCELLED,
    (Stage.REAPPEALED, Action.APPEAL_REJECTED): Stage.DECIDED,
    (Stage.REAPPEALED, Action.APPEAL_DECIDED): Stage.DECIDED,
    (Stage.REAPPEALED, Action.APPEAL_UPHELD): Stage.CANCELLED,
    (Stage.REAPPEALED, Action.CANCEL): Stage.CANCELLED,
    (Stage.IN_INSTALMENTS, Action.CLOSE_PLAN): Stage.OPEN,
    (Stage.IN_INSTALMENTS, Action.COMPLETE_PLAN): Stage.COMPLETED,
    (Stage.IN_INSTALMENTS, Action.FORFEIT_PLAN): Stage.FORFEITED,
    (Stage.COMPLETED, Action.FORFEIT_PLAN): Stage.FORFEITED,
    (Stage.IN_INSTALMENTS, Action.CANCEL): Stage.CANCELLED,
    (Stage.FORFEITED, Action.CANCEL): Stage.CANCELLED,
}


def test_a_fine_makes_only_the_moves_of_the_table():
    for stage, action in product(Stage, Action):
        if (stage, action) in MOVES:
            assert move(TRANSITIONS, stage, action) is MOVES[stage, action]
        else:
            with pytest.raises(MoveNotAllowed):
                move(TRANSITIONS, stage, action)


def test_only_an_appeal_suspends_and_every_suspension_ends():
    assert {after for (_stage, action), after in MOVES.items() if action is Action.APPEAL} == SUSPENDED
    assert all((stage, Action.APPEAL_REJECTED) in MOVES for stage in SUSPENDED)


@given(cents=st.integers(20_001, 50_000_000), data=st.data())
def test_a_plan_is_split_to_the_cent_and_no_instalment_is_below_the_least(cents: int, data: st.DataObject):
    costs = data.draw(st.integers(0, cents - 20_001))
    most = most_instalments(cents, law=law(), on=DAY, costs_cents=costs)
    count = data.draw(st.integers(2, most))
    parts = split(cents, count)
    assert (len(parts), sum(parts)) == (count, cents)
    assert min(parts) >= 10_000
    assert max(parts) - min(parts) <= 1
    assert parts == sorted(parts, reverse=True)


@given(
    cents=st.integers(20_001, 2_000_000), costs=st.integers(0, 20_000), count=st.integers(2, 60), start=st.dates(
        min_value=date(2022, 1, 1), max_value=date(2035, 12, 31)
    )
)  # fmt: skip
def test_shares_of_a_plan_sum_up_to_sanction_costs_and_interest(cents: int, costs: int, count: int, start: date):
    parts = parts_of(cents, count, granted_on=start, law=law(), on=DAY)
    option = plan_option(parts, costs=costs, **KINDS)
    assert [row.due_on for row in option.instalments] == [part.due_on for part in parts]
    for row, part in zip(option.instalments, parts, strict=True):
        assert row.cents == part.capital + part.interest
        assert 1 <= len(row.shares) <= 2
        assert all(share.cents > 0 for share in row.shares)
    found = {kind: sum(s.cents for row in option.instalments for s in row.shares if s.kind == kind) for kind in "SC"}
    assert found == {"S": cents - costs + sum(part.interest for part in parts), "C": costs}


@given(start=st.dates(min_value=date(2022, 1, 1), max_value=date(2035, 12, 31)), count=st.integers(2, MAX_INSTALMENTS))
def test_instalments_are_a_month_apart_and_never_due_on_a_holiday(start: date, count: int):
    days = monthly(start, count)
    assert not any(is_holiday(day) for day in days)
    assert all(20 <= (later - sooner).days <= 40 for sooner, later in pairwise([start, *days]))
    last = start.year * 12 + start.month - 1 + count
    assert abs((days[-1] - date(last // 12, last % 12 + 1, min(start.day, 28))).days) <= 7


def test_the_last_day_of_a_short_month_stands_for_a_day_it_has_not():
    assert monthly(date(2027, 12, 31), 3) == [date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 31)]


@pytest.mark.parametrize(
    ("cents", "rate", "days", "found"),
    [(100_000, 450, 365, 4500), (100_000, 450, 0, 0), (10_413, 450, 31, 40), (100_000, 0, 365, 0), (1, 450, 31, 0)],
)
def test_interest_is_simple_and_rounded_half_up(cents: int, rate: int, days: int, found: int):
    assert interest(cents, rate=rate, days=days) == found


def test_costs_do_not_lift_a_sanction_over_the_threshold():
    assert most_instalments(25_000, law=law(), on=DAY, costs_cents=5_000) == 0
    assert most_instalments(25_001, law=law(), on=DAY, costs_cents=5_000) == 2
    asked_for = PlanRequest(25_000, 2, 0, 0, DAY, DAY, costs_cents=5_000)
    assert "soglia" in " ".join(obstacles(asked_for, law=law(), on=DAY))


def test_a_sum_smaller_than_the_costs_is_all_costs():
    option = single_option(500, 1650, DAY, "x", **KINDS)
    assert [(share.kind, share.cents) for share in option.instalments[0].shares] == [("C", 500)]


# --- granting --------------------------------------------------------------------------------------------------


def test_granting_writes_numbers_that_can_be_paid_and_withdraws_those_of_the_fine(fine: Fine):
    rows = grant(fine)
    assert [row.due_on for row in rows] == [date(2026, 4, 20), date(2026, 5, 20), date(2026, 6, 20), date(2026, 7, 20)]
    assert [row.amount_cents for row in rows] == [10_453, 10_491, 10_530, 10_569]
    assert len({row.nav for row in rows} | {row.nav for row in numbers_of(fine).values()}) == 6
    assert [asked(row, DAY) for row in rows] == ["104.53", "104.91", "105.30", "105.69"]
    assert both(fine, DAY) == (CANCELLED, CANCELLED)
    assert both(fine, DAY + timedelta(days=100)) == (CANCELLED, CANCELLED)
    connection.check_constraints()
    total = sum(row.amount_cents for row in rows)
    assert charge_of(fine) == (total, total, rows[0].nav, rows[-1].due_on)
    assert fine_of(fine.entity).stage == Stage.IN_INSTALMENTS
    assert Event.objects.filter(action="payments.options_changed").count() == 1


def test_an_instalment_past_its_day_can_still_be_paid_while_the_plan_runs(fine: Fine):
    assert asked(grant(fine)[0], date(2026, 6, 1)) == "104.53"


def test_the_notice_of_a_plan_shows_the_instalments_alone(fine: Fine):
    with scope(entity=fine.entity):
        first = notice_document(position_id=fine.position_id, entity_id=fine.entity_id)
        rows = grant(fine)
        second = notice_document(position_id=fine.position_id, entity_id=fine.entity_id)
        assert first is not None
        assert second is not None
        assert fine.position.notice.layout.startswith("3.5.1-rate-multiple")
    assert first.pk != second.pk
    assert second.number == rows[0].nav


def test_the_options_of_a_plan_are_told_to_the_node_without_the_withdrawn_ones(fine: Fine):
    old = numbers_of(fine)[True]
    rows = grant(fine)
    for nav in (rows[0].nav, old.nav):
        _entity, answer = payment_options(entity=fine.entity.fiscal_code, nav=nav, on=DAY)
        assert [option["numberOfInstallments"] for option in answer["paymentOptions"]] == [4]


def test_a_plan_taken_back_before_anything_was_paid_gives_the_fine_its_numbers_again(fine: Fine):
    before = charge_of(fine)
    rows = grant(fine)
    with scope(entity=fine.entity):
        assert fine_instalments_closed(fine_id=fine.pk, actor=DESK).stage == Stage.OPEN
    assert [asked(row, DAY) for row in rows] == [CANCELLED] * 4
    assert both(fine, DAY) == ("296.50", "416.50")
    assert both(fine, DAY + timedelta(days=61))[1] == "816.50"
    assert charge_of(fine) == before
    again = grant(fine, 2)
    assert len({row.nav for row in again}) == 6


def test_a_plan_partly_paid_is_not_taken_back_nor_cancelled(fine: Fine):
    rows = grant(fine)
    pay_row(rows[0])
    with scope(entity=fine.entity):
        with pytest.raises(DomainError, match="già stata pagata"):
            fine_instalments_closed(fine_id=fine.pk, actor=DESK)
        with pytest.raises(DomainError):
            fine_cancel(fine_id=fine.pk, reason="x", actor=DESK)
    assert fine_of(fine.entity).stage == Stage.IN_INSTALMENTS
    assert asked(rows[1], DAY) == "104.91"


def test_the_fee_of_send_and_the_day_of_service_do_not_change_under_a_plan(fine: Fine):
    rows = grant(fine)
    for paid in (False, True):
        if paid:
            pay_row(rows[0])
        with scope(entity=fine.entity):
            with pytest.raises(DomainError, match="rate"):
                fine_send_fee(fine_id=fine.pk, cents=310, actor=DESK)
            with pytest.raises(DomainError):
                fine_serve(fine_id=fine.pk, served_on=DAY - timedelta(days=1), how=ServedHow.MAIL, actor=DESK)
    connection.check_constraints()
    assert fine_of(fine.entity).send_fee_cents == 0


# --- receipts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_the_last_receipt_completes_the_plan_in_whatever_order_they_come(fine: Fine, order: tuple[int, ...]):
    rows = grant(fine)
    for place in order[:-1]:
        assert pay_row(rows[place], receipt=str(place)).outcome == "OK"
    carry_due()
    assert fine_of(fine.entity).position.state == State.PARTLY_PAID
    assert fine_of(fine.entity).stage == Stage.IN_INSTALMENTS
    assert asked(rows[order[0]], DAY) == DUPLICATE
    assert both(fine, DAY) == (CANCELLED, CANCELLED)
    pay_row(rows[order[-1]], receipt="z")
    carry_due()
    done = fine_of(fine.entity)
    assert (done.stage, done.position.state) == (Stage.COMPLETED, State.PAID)
    assert done.position.charge.paid_cents == sum(row.amount_cents for row in rows)
    with scopes_disabled():
        assert all(case.anomalies == [] for case in ReceiptCase.objects.all())
    assert both(fine, DAY) == (CANCELLED, CANCELLED)


@pytest.mark.django_db(transaction=True)
def test_the_last_two_instalments_paid_at_once_complete_the_plan_once(fine: Fine):
    rows = grant(fine, 2)
    gate = Barrier(2)

    def run(row: Instalment, name: str) -> None:
        gate.wait()
        try:
            pay_row(row, receipt=name)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(row, name)) for row, name in zip(rows, "ab", strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    receipts_judge_waiting()
    carry_due()
    assert (fine_of(fine.entity).stage, fine_of(fine.entity).position.state) == (Stage.COMPLETED, State.PAID)
    assert Event.objects.filter(action="charge.settled").count() == 1
    assert Event.objects.filter(action="fines.moved", data__after="completed").count() == 1


def test_a_number_paid_on_the_day_it_was_withdrawn_settles_and_the_plan_is_closed(fine: Fine):
    rows = grant(fine)
    pay(numbers_of(fine)[False], "416.50", paid_on=DAY)
    carry_due()
    done = fine_of(fine.entity)
    assert (done.stage, done.position.state) == (Stage.OPEN, State.PAID)
    with scopes_disabled():
        case = ReceiptCase.objects.get()
    assert (case.settles, case.anomalies, case.state) == (True, ["since_withdrawn"], CaseState.TO_REVIEW)
    assert asked(rows[0], DAY) != "104.53"


def test_a_withdrawn_number_paid_later_settles_nothing(fine: Fine):
    rows = grant(fine)
    pay(numbers_of(fine)[False], "416.50", paid_on=DAY + timedelta(days=1))
    with scopes_disabled():
        case = ReceiptCase.objects.get()
    assert (case.settles, case.anomalies) == (False, ["withdrawn"])
    assert asked(rows[0], DAY) == "104.53"


def test_a_withdrawn_number_paid_after_an_instalment_is_a_second_payment(fine: Fine):
    pay_row(grant(fine)[0])
    pay(numbers_of(fine)[False], "416.50", paid_on=DAY, receipt="b")
    with scopes_disabled():
        case = ReceiptCase.objects.order_by("-pk")[0]
    assert (case.settles, case.anomalies) == (False, ["sibling_used"])


# --- losing the plan -------------------------------------------------------------------------------------------


def test_who_pays_in_time_does_not_lose_the_plan(fine: Fine):
    grant(fine)
    with on_day("2026-04-20"), pytest.raises(DomainError, match="Nessuna rata è scaduta"):
        forfeit(fine)
    with pytest.raises(DomainError, match="Scrivi perché"):
        forfeit(fine, "   ")
    assert fine_of(fine.entity).stage == Stage.IN_INSTALMENTS


@pytest.mark.parametrize(
    ("paid", "day", "left", "later"),
    [
        (0, "2026-04-21", 41_650, 81_650),
        (1, "2026-05-19", None, None),
        (0, "2026-05-19", 41_650, 81_650),
        (0, "2026-05-20", 81_650, None),
        (1, "2026-05-21", 81_650 - 10_453, None),
        (3, "2026-08-01", 81_650 - 10_453 - 10_491 - 10_530, None),
    ],
)
def test_what_is_left_is_asked_once_and_never_what_was_paid(
    fine: Fine, paid: int, day: str, left: int | None, later: int | None
):
    rows = grant(fine)
    for place in range(paid):
        pay_row(rows[place], receipt=str(place))
    with on_day(day):
        if left is None:
            with pytest.raises(DomainError, match="Nessuna rata"):
                forfeit(fine)
            return
        lost = forfeit(fine)
        assert (lost.stage, lost.plan_note) == (Stage.FORFEITED, "Rata 1 non pagata")
        (row,) = in_force(fine)
        assert (row.amount_cents, row.due_on) == (left, clock.today())
        assert [(dated.valid_from, dated.cents) for dated in row.dated()] == (
            [(date(2026, 5, 20), later)] if later else []
        )
    connection.check_constraints()
    on = date.fromisoformat(day)
    assert [asked(each, on) for each in rows[paid:]] == [CANCELLED] * (4 - paid)
    assert asked(row, on) == euros(left)
    if later:
        assert asked(row, date(2026, 5, 20)) == euros(later)
    amount, lines, nav, due_on = charge_of(fine)
    assert (amount, lines, nav, due_on) == (left + sum(each.amount_cents for each in rows[:paid]), amount, row.nav, on)
    pay(row, euros(left), paid_on=on, receipt="z")
    carry_due()
    done = fine_of(fine.entity)
    assert (done.stage, done.position.state) == (Stage.FORFEITED, State.PAID)
    assert done.position.charge.paid_cents == amount


def test_an_instalment_of_a_lost_plan_paid_anyway_settles_nothing(fine: Fine):
    rows = grant(fine)
    pay_row(rows[0])
    with on_day("2026-05-21"):
        forfeit(fine)
        pay_row(rows[1], date(2026, 5, 21), receipt="b")
    with scopes_disabled():
        case = ReceiptCase.objects.order_by("-pk")[0]
    assert (case.settles, case.anomalies) == (False, ["withdrawn"])
    assert fine_of(fine.entity).position.state == State.PARTLY_PAID


def test_a_plan_paid_in_part_elsewhere_is_not_lost_behind_the_intermediarys_back(fine: Fine):
    rows = grant(fine)
    pay_row(rows[0])
    with scope(entity=fine.entity):
        ProviderExport.objects.create(
            entity=fine.entity, position_id=fine.position_id, provider="gpd", created_at=clock.now()
        )
    with on_day("2026-05-21"), pytest.raises(DomainError, match="intermediario"):
        forfeit(fine)
    assert fine_of(fine.entity).stage == Stage.IN_INSTALMENTS


# --- the decision on an appeal ---------------------------------------------------------------------------------


def appeal(fine: Fine, to: AppealTo = AppealTo.PREFECT) -> None:
    with scope(entity=fine.entity):
        fine_appeal(fine_id=fine.pk, to=to, actor=DESK)


def decide(fine: Fine, cents: int = 83_300, due_on: date = date(2026, 4, 30)) -> Fine:
    with scope(entity=fine.entity):
        return fine_appeal_decided(fine_id=fine.pk, cents=cents, due_on=due_on, actor=DESK)


@pytest.mark.parametrize(
    ("to", "words"),
    [(AppealTo.PREFECT, "Ordinanza-ingiunzione del Prefetto"), (AppealTo.JUDGE, "Somma decisa dal Giudice di pace")],
)
def test_a_rejected_appeal_with_a_sum_asks_for_that_sum_alone(fine: Fine, to: AppealTo, words: str):
    appeal(fine, to)
    assert decide(fine).stage == Stage.DECIDED
    (row,) = in_force(fine)
    assert (row.option.description, row.amount_cents, row.due_on) == (words, 83_300, date(2026, 4, 30))
    assert asked(row, DAY) == asked(row, date(2026, 12, 1)) == "833.00"
    assert both(fine, DAY) == (CANCELLED, CANCELLED)
    assert charge_of(fine) == (83_300, 83_300, row.nav, date(2026, 4, 30))
    pay_row(row)
    carry_due()
    assert fine_of(fine.entity).position.state == State.PAID


@pytest.mark.parametrize("cents", [1, 1650, 1651, 20_000, 10_000_000])
def test_a_sum_of_any_size_keeps_charge_and_position_equal(fine: Fine, cents: int):
    appeal(fine)
    decide(fine, cents)
    connection.check_constraints()
    assert charge_of(fine)[:2] == (cents, cents)
    assert asked(in_force(fine)[0], DAY) == euros(cents)


def test_a_rejected_appeal_without_a_sum_gives_back_the_terms_of_before(fine: Fine):
    appeal(fine)
    with scope(entity=fine.entity):
        fine_appeal_closed(fine_id=fine.pk, upheld=False, actor=DESK)
    assert both(fine, DAY) == ("296.50", "416.50")


def test_a_decision_may_be_appealed_too_and_decided_again(fine: Fine):
    appeal(fine)
    decide(fine, 1000)
    first = in_force(fine)[0]
    appeal(fine, AppealTo.JUDGE)
    assert asked(first, DAY) == CANCELLED
    with scope(entity=fine.entity):
        assert fine_appeal_closed(fine_id=fine.pk, upheld=False, actor=DESK).stage == Stage.DECIDED
    assert asked(first, DAY) == "10.00"
    appeal(fine, AppealTo.JUDGE)
    decide(fine, 50_000)
    assert asked(first, DAY) == CANCELLED
    assert asked(in_force(fine)[0], DAY) == "500.00"
    assert charge_of(fine)[:2] == (50_000, 50_000)
    with scope(entity=fine.entity):
        fine_cancel(fine_id=fine.pk, reason="x", actor=DESK)
    assert asked(in_force(fine)[0], DAY) == CANCELLED


@pytest.mark.parametrize(
    ("cents", "due_on"),
    [(0, DAY), (-1, DAY), (100_000_001, DAY), (100, date(2026, 3, 10)), (100, date(2036, 1, 1))],
)
def test_a_decision_that_cannot_be_changes_nothing(fine: Fine, cents: int, due_on: date):
    appeal(fine)
    with pytest.raises(DomainError):
        decide(fine, cents, due_on)
    assert fine_of(fine.entity).stage == Stage.APPEALED
    assert len(in_force(fine)) == 2


def test_a_decision_needs_an_appeal(fine: Fine):
    with pytest.raises(MoveNotAllowed):
        decide(fine)


# --- files -----------------------------------------------------------------------------------------------------


def test_a_fee_of_send_set_later_leaves_the_act_the_same_for_another_file(body: Entity):
    take(body, table({}))
    with scope(entity=body):
        fine_send_fee(fine_id=fine_of(body).pk, cents=310, actor=DESK)
    again = take(body, table({}, {"numero_verbale": "1002"}), name="altro.csv")
    assert (again.totals["errors"], again.new_rows, again.known_rows) == ([], 1, 1)
    assert fine_of(body).send_fee_cents == 310


@pytest.mark.parametrize(("maximum", "wrong"), [("83,98", True), ("83,99", False), ("84,00", False), ("42,00", True)])
def test_a_maximum_whose_half_is_less_than_the_minimum_is_an_error_of_the_row(body: Entity, maximum: str, wrong: bool):
    reading = take(body, table({"importo_massimo": maximum}))
    columns = [error["column"] for error in reading.totals["errors"]]
    assert columns == (["importo_massimo"] if wrong else [])


def test_options_of_a_fine_remember_when_they_came_and_went(fine: Fine):
    grant(fine)
    with scopes_disabled():
        rows = list(PaymentOption.objects.filter(position=fine.position_id).order_by("pk"))
    assert [(row.added_at is None, row.withdrawn_at is None) for row in rows] == [
        (True, False), (True, False), (False, True),
    ]  # fmt: skip
