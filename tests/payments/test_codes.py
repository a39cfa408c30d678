"""Notice numbers: official vectors, edges, typing errors."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.domain import codes
from payments.domain.codes import CodeError
from tests.standards import SHARED_DATA, need

numbers = st.builds(
    lambda segregation, sequence: codes.issue(segregation_code=segregation, sequence=sequence),
    st.integers(0, 45),
    st.integers(0, codes.MAX_SEQUENCE),
)


def test_every_official_vector_is_read_and_written_back():
    with need(SHARED_DATA / "payments" / "test_vectors_iuv.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        number = codes.parse(row["notice_number"])
        assert (str(number.aux), number.prefix) == (row["aux"], row["app_or_segregation"])
        assert (number.sequence, number.check or "") == (row["iuv_base"], row["check"])
        assert number.iuv == row["iuv"]
        assert number.check_is_right
    assert len(rows) >= 9


@given(numbers)
def test_an_issued_number_is_read_back_and_its_check_is_right(number):
    assert codes.parse(number.nav) == number
    assert number.check_is_right
    assert (number.aux, len(number.nav), number.iuv) == (3, 18, number.nav[1:])
    assert codes.parse_typed(codes.grouped(number.nav)) == number


@given(numbers, st.integers(1, 17), st.integers(1, 9))
def test_any_single_wrong_digit_is_caught(number, place, shift):
    wrong = str((int(number.nav[place]) + shift) % 10)
    typed = number.nav[:place] + wrong + number.nav[place + 1 :]
    with pytest.raises(CodeError):
        codes.parse_typed(typed)


@given(numbers, st.integers(1, 14))
def test_two_digits_in_the_wrong_order_are_caught(number, place):
    first, second = number.nav[place], number.nav[place + 1]
    typed = number.nav[:place] + second + first + number.nav[place + 2 :]
    if first != second:
        with pytest.raises(CodeError):
            codes.parse_typed(typed)


def test_the_same_sequence_never_gives_the_same_number_under_another_segregation_code():
    assert codes.issue(segregation_code=1, sequence=42).nav == "301000000000004285"
    assert codes.issue(segregation_code=2, sequence=42).nav != "301000000000004285"


@pytest.mark.parametrize("segregation", [-1, 46, 47, 99])
def test_reserved_segregation_codes_are_not_issued(segregation):
    with pytest.raises(CodeError, match="segregazione"):
        codes.issue(segregation_code=segregation, sequence=1)


@pytest.mark.parametrize("sequence", [-1, codes.MAX_SEQUENCE + 1])
def test_a_sequence_beyond_its_thirteen_digits_is_refused(sequence):
    with pytest.raises(CodeError, match="sequenza"):
        codes.issue(segregation_code=1, sequence=sequence)


@pytest.mark.parametrize(
    "text",
    ["", "30100000000000428", "3010000000000042855", "401000000000004285", "30100000000000428x", "٣01000000000004285"],
)
def test_what_has_not_eighteen_digits_is_not_a_notice_number(text):
    with pytest.raises(CodeError):
        codes.parse_typed(text)


def test_the_probe_number_is_never_accepted_from_a_person():
    with pytest.raises(CodeError, match="zeri"):
        codes.parse_typed(codes.PROBE_NAV)


def test_numbers_received_from_others_are_read_even_with_a_wrong_check():
    number = codes.parse("302012387654312384")
    assert not number.check_is_right


def test_printed_groups_have_twenty_two_characters():
    assert codes.grouped("301000000000004285") == "3010 0000 0000 0042 85"
