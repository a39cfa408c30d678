"""The pure rules of mandates: who may do what, on which days, for which services."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import DomainError
from portal.people.domain import claims
from portal.people.domain.mandates import (
    ALLOWED,
    OPEN,
    TRANSITIONS,
    Action,
    Role,
    State,
    check_period,
    covers,
    first_end,
    is_good,
    is_past,
    meet,
    moves,
    scope_of,
    shown_state,
)
from portal.people.domain.phones import E164, normalise_phone

days = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))
ends = st.none() | days
slugs = st.sampled_from(["trasporto", "concorsi", "accessi", "licenze"])
scopes = st.none() | st.frozensets(slugs)

# Everything anybody may do, written by hand: the table of the code must not say more, nor less.
MAY = {
    (State.REQUESTED, Action.APPROVE, Role.OFFICE),
    (State.REQUESTED, Action.REFUSE, Role.OFFICE),
    (State.ACTIVE, Action.REVOKE, Role.OFFICE),
    (State.REQUESTED, Action.WITHDRAW, Role.HOLDER),
    (State.ACTIVE, Action.GIVE_UP, Role.HOLDER),
    (State.REQUESTED, Action.WITHDRAW, Role.REPRESENTATIVE),
    (State.ACTIVE, Action.REVOKE, Role.REPRESENTATIVE),
    (State.REQUESTED, Action.WITHDRAW, Role.SYSTEM),
    (State.ACTIVE, Action.EXPIRE, Role.SYSTEM),
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("state", State)
def test_each_role_does_only_what_is_its_own(state: State, action: Action, role: Role):
    assert (action in moves(state, role)) == ((state, action, role) in MAY)


def test_nothing_leaves_a_closed_mandate_and_every_action_belongs_to_somebody():
    assert {state for state, _action in TRANSITIONS} == OPEN
    assert set().union(*ALLOWED.values()) == set(Action)


def test_nothing_leaves_a_decided_claim():
    assert {state for state, _action in claims.TRANSITIONS} == {claims.State.REQUESTED}


@given(start=days, end=ends, on=days)
def test_a_mandate_is_good_from_its_first_day_to_its_last_both_included(start: date, end: date | None, on: date):
    good = is_good(state=State.ACTIVE, valid_from=start, valid_to=end, on=on)
    assert good == (start <= on and (end is None or on <= end))
    for state in set(State) - {State.ACTIVE}:
        assert not is_good(state=state, valid_from=start, valid_to=end, on=on)


@given(end=ends, on=days, state=st.sampled_from(State))
def test_only_an_active_mandate_is_shown_as_expired_and_only_after_its_last_day(
    end: date | None, on: date, state: State
):
    shown = shown_state(state=state, valid_to=end, on=on)
    if state is State.ACTIVE and is_past(end, on=on):
        assert shown is State.EXPIRED
    else:
        assert shown is state


@given(start=days, end=ends, on=days)
def test_a_period_that_can_be_used_is_accepted_and_no_other(start: date, end: date | None, on: date):
    usable = end is None or (start <= end and on <= end)
    if usable:
        check_period(valid_from=start, valid_to=end, on=on)
    else:
        with pytest.raises(DomainError):
            check_period(valid_from=start, valid_to=end, on=on)


@given(one=scopes, other=scopes, service=slugs)
def test_a_chain_of_mandates_reaches_only_what_both_reach(
    one: frozenset[str] | None, other: frozenset[str] | None, service: str
):
    assert covers(meet(one, other), service) == (covers(one, service) and covers(other, service))
    assert meet(one, other) == meet(other, one)


@given(services=st.lists(slugs), service=slugs)
def test_a_mandate_without_a_list_is_for_all_services(services: list[str], service: str):
    assert covers(scope_of(services), service) == (not services or service in services)


@given(one=ends, other=ends)
def test_a_chain_ends_with_its_first_link(one: date | None, other: date | None):
    end = first_end(one, other)
    assert (end is None) == (one is None and other is None)
    assert all(end is not None and end <= each for each in (one, other) if each is not None)


def test_the_last_day_itself_is_good():
    today = date(2026, 12, 31)
    assert not is_past(today, on=today)
    assert is_past(today, on=today + timedelta(days=1))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+39 333 1234567", "+393331234567"),
        ("333-123.45/67", "+393331234567"),
        ("0039 050 929111", "+39050929111"),
        ("(050) 929111", "+39050929111"),
        ("+49 151 23456789", "+4915123456789"),
    ],
)
def test_numbers_are_kept_as_e164(typed: str, kept: str):
    assert normalise_phone(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "abc", "+39", "12", "+0123456789", "333 12345 e mezzo", "+" + "9" * 16, "٣٣٣١٢٣٤٥٦٧"]
)
def test_what_is_not_a_number_is_refused(typed: str):
    with pytest.raises(DomainError, match="telefono"):
        normalise_phone(typed)


@given(st.text(max_size=30))
def test_whatever_is_typed_comes_out_as_e164_or_not_at_all(typed: str):
    try:
        number = normalise_phone(typed)
    except DomainError:
        return
    assert E164.fullmatch(number)
    assert normalise_phone(number) == number
