"""Rules of spontaneous payments: amounts as people type them, limits, formats of answers, words of the notice."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.spontaneous import (
    MOST_CENTS,
    AmountRule,
    Asked,
    Limits,
    answer_fits,
    cents_of,
    check_pattern,
    clean_words,
    description_of,
    fingerprint,
    parse_euro,
)
from portal.kernel.errors import DomainError
from portal.kernel.money import euro, euro_plain

FREE = Limits(AmountRule.FREE, min_cents=100, max_cents=500_000, max_quantity=1, unit_cents=None)
FIXED = Limits(AmountRule.FIXED, min_cents=1, max_cents=1, max_quantity=1, unit_cents=1000)
UNIT = Limits(AmountRule.UNIT, min_cents=1, max_cents=1, max_quantity=100, unit_cents=50)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("12", 1200), ("12,5", 1250), ("12,50", 1250), ("12.50", 1250), ("12.5", 1250), ("0,01", 1), ("1.234", 123400),
        ("1.234,56", 123456), ("1234,56", 123456), ("1.000.000,00", 100_000_000), (" 7,00 € ", 700), ("€ 7", 700),
        ("007", 700),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_an_italian_writes_it(text: str, cents: int):
    assert parse_euro(text) == cents


@pytest.mark.parametrize(
    "text",
    [
        "", " ", ",", "abc", "-1", "-1,00", "+1", "1,234", "1,2,3", "12,505", "1.23.456", "12.3456", "1e3", "1 000",
        "٣",         "NaN", "Infinity", "1,", ",50", "0x10", "12;50", "1.234.56", "9" * 10, "1\x00", "12,5O",
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused_with_an_example(text: str):
    with pytest.raises(DomainError, match="12,50") as refused:
        parse_euro(text)
    assert refused.value.code == "amount"


@given(st.integers(min_value=0, max_value=99_999_999_999))
def test_what_we_print_we_read_back(cents: int):
    assert parse_euro(euro_plain(cents)) == cents
    assert parse_euro(euro(cents)) == cents


@given(st.text(max_size=30))
def test_whatever_is_typed_is_a_number_of_cents_or_refused(text: str):
    try:
        assert parse_euro(text) >= 0
    except DomainError:
        return


@pytest.mark.parametrize("cents", [100, 101, 500_000])
def test_a_free_amount_within_its_limits_is_taken_as_it_is(cents: int):
    assert cents_of(Asked(cents=cents), FREE) == cents


@pytest.mark.parametrize(
    ("limits", "asked", "code"),
    [
        (FREE, Asked(), "amount"),
        (FREE, Asked(quantity=2), "amount"),
        (FREE, Asked(cents=0), "amount_low"),
        (FREE, Asked(cents=-100), "amount_low"),
        (FREE, Asked(cents=99), "amount_low"),
        (FREE, Asked(cents=500_001), "amount_high"),
        (FIXED, Asked(cents=999), "amount"),
        (FIXED, Asked(quantity=2), "amount"),
        (UNIT, Asked(), "quantity"),
        (UNIT, Asked(cents=50), "quantity"),
        (UNIT, Asked(quantity=0), "quantity"),
        (UNIT, Asked(quantity=-1), "quantity"),
        (UNIT, Asked(quantity=101), "quantity"),
        (Limits(AmountRule.UNIT, 1, 1, 9999, MOST_CENTS), Asked(quantity=2), "amount_high"),
        (Limits(AmountRule.FIXED, 1, 1, 1, None), Asked(), "price_missing"),
        (Limits(AmountRule.FREE, 0, 10, 1, None), Asked(cents=0), "amount_low"),
    ],
)
def test_an_amount_outside_the_rules_is_refused(limits: Limits, asked: Asked, code: str):
    with pytest.raises(DomainError) as refused:
        cents_of(asked, limits)
    assert refused.value.code == code


def test_a_fixed_amount_needs_nothing_and_a_unit_price_counts_the_pieces():
    assert cents_of(Asked(), FIXED) == cents_of(Asked(cents=1000), FIXED) == cents_of(Asked(quantity=1), FIXED) == 1000
    assert cents_of(Asked(quantity=7), UNIT) == 350


@pytest.mark.parametrize("text", ["D'Alò", "Ñoño", "Società «Ò & C.»", "Kovač-Müller", "Łódź", "5 € – acconto"])
def test_accents_and_apostrophes_stay(text: str):
    assert clean_words(text) == text


def test_spaces_become_one_and_the_typographic_apostrophe_a_plain_one():
    assert clean_words("  D\u2019Amico\t\n Rossi ") == "D'Amico Rossi"


@pytest.mark.parametrize("text", ["\x00", "a\x01b", "Иван", "李", "🙂", "a\u202eb", "a\u200bb", "\ufeffa", "a\x7f"])
def test_what_the_notice_cannot_print_is_refused(text: str):
    with pytest.raises(DomainError) as refused:
        clean_words(text)
    assert refused.value.code == "letters"


@pytest.mark.parametrize(
    "pattern",
    ["", r"[A-Z]{2}\d{3}[A-Z]{2}", r"\d{1,7}/\d{4}", "[0-9A-Z/-]{1,20}", "PI-[0-9]{4}", r"A?\d{2}", r"\d\.\d"],
)
def test_a_plain_pattern_is_accepted(pattern: str):
    check_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+", "a+", "a*", ".*", "(a|b)", "^a", "a$", "[a-z", "a{2", r"\w{3}", r"\b", "[z-a]", "a{3,1}", "[^a]",
        "(?i)a",         r"\d{1,40}" * 4, "[A-Z]" * 13, "a{100}", "à",
    ],
)  # fmt: skip
def test_a_pattern_that_could_take_for_ever_or_means_something_else_is_refused(pattern: str):
    with pytest.raises(DomainError) as refused:
        check_pattern(pattern)
    assert refused.value.code == "pattern"


@given(st.text(alphabet="aA0[]-{},?\\d/._ ", max_size=20))
def test_an_accepted_pattern_always_compiles(pattern: str):
    try:
        check_pattern(pattern)
    except DomainError:
        return
    assert re.compile(pattern)


def test_an_answer_must_have_the_whole_format():
    plate = r"[A-Z]{2}\d{3}[A-Z]{2}"
    assert answer_fits("AB123CD", plate)
    assert answer_fits("qualunque cosa", "")
    for wrong in ("ab123cd", "AB123CDE", " AB123CD", "AB١٢٣CD", "AB123CD\n", ""):
        assert not answer_fits(wrong, plate)


def test_the_notice_says_name_references_and_reason_in_140_characters():
    assert description_of("Copie", reason="Uso personale", answers=[("Protocollo", "1/2026"), ("Targa", "")]) == (
        "Copie - Protocollo 1/2026 - Uso personale"
    )
    cut = description_of("Copie", reason="à" * 140, answers=[])
    assert len(cut) == 140
    assert cut.endswith("à…")


def test_the_same_request_has_the_same_fingerprint_and_no_other_has_it():
    assert fingerprint("a", None, 1) == fingerprint("a", "", 1)
    assert len({fingerprint("ab", "c"), fingerprint("a", "bc"), fingerprint("a", "b", "c")}) == 3
    assert "a" * 16 not in fingerprint("a" * 16)
