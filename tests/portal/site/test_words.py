from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.cases.domain.clock import Pause, read_clock
from portal.cases.domain.states import CLOSED, OPEN, State
from portal.site.case_page import clock_lines, steps_to_come
from portal.site.jsonld import dump
from portal.site.service_page import split_address
from portal.site.templatetags.portal_ui import chip_class, euro, file_size, notice_groups
from portal.site.todo import Todo, deadline_mark, waiting_sentence

TODAY = date(2026, 11, 22)
THING = Todo(kind="request", title="Rispondi", text="", action="Rispondi", url="/")


@pytest.mark.parametrize(
    ("due_in", "words"),
    [
        ([], "Non c'è niente che aspetta te."),
        ([None], "Una cosa aspetta te."),
        ([1], "Una cosa aspetta te, scade domani."),
        ([1, 5, None], "Tre cose aspettano te, la prima scade domani."),
        ([0, 1], "Due cose aspettano te, la prima scade oggi."),
        ([20], "Una cosa aspetta te, scade il 12/12/2026."),
        ([-2, 3], "Due cose aspettano te, la prima è scaduta il 20/11/2026."),
        ([None] * 12, "12 cose aspettano te."),
    ],
)
def test_the_first_sentence_of_the_area(due_in: list[int | None], words: str) -> None:
    todos = [replace(THING, due_on=None if days is None else TODAY + timedelta(days=days)) for days in due_in]

    assert waiting_sentence(todos, on=TODAY) == words


@pytest.mark.parametrize(("days", "tone"), [(-1, "bad"), (0, "bad"), (1, "bad"), (2, "info")])
def test_a_deadline_is_red_from_the_day_before(days: int, tone: str) -> None:
    assert deadline_mark(TODAY + timedelta(days=days), on=TODAY)[1] == tone


@pytest.mark.parametrize("state", State)
def test_an_open_case_always_says_what_comes_next(state: State) -> None:
    steps = steps_to_come(state, waits_until=None)

    assert bool(steps) == (state in OPEN)
    assert [step.state for step in steps[:1]] == ([] if state in CLOSED else ["now"])


def test_a_suspended_term_is_explained() -> None:
    clock = read_clock(started=date(2026, 11, 2), term_days=15, pauses=[Pause(date(2026, 11, 12), None)], on=TODAY)

    lines = clock_lines(clock, state=State.INTEGRATION_REQUESTED)

    assert lines[0] == "10 giorni usati su 15"
    assert "sospeso 10 giorni" in lines[1]
    assert "riparte quando rispondi" in lines[2]


@given(st.text())
def test_nothing_closes_the_block_of_structured_data(text: str) -> None:
    assert not {"<", ">", "&"} & set(dump({"name": text}))


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("Via Ginori 10, 50129 Firenze", ("Via Ginori 10", "50129", "Firenze")),
        ("Via Ginori 10", ("Via Ginori 10", "", "")),
        ("", ("", "", "")),
        ("Via Roma 1, scala B, 57123 Livorno", ("Via Roma 1, scala B", "57123", "Livorno")),
    ],
)
def test_addresses_are_taken_apart_only_when_they_have_a_postal_code(address: str, parts: tuple[str, str, str]) -> None:
    assert split_address(address) == parts


def test_figures_are_written_as_an_italian_reads_them() -> None:
    space = "\N{NO-BREAK SPACE}"

    assert euro(123456) == f"1.234,56{space}€"
    assert notice_groups("301000000000004285") == f"3010{space}0000{space}0000{space}0042{space}85"
    assert (file_size(84_000), file_size(1_240_000), file_size(3)) == (f"84{space}kB", f"1,2{space}MB", f"1{space}kB")


def test_an_unknown_state_has_a_neutral_chip() -> None:
    assert chip_class("mai_visto") == "chip chip-info"
    assert chip_class("revoked") == "chip chip-bad"
