from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.money import cents_from_decimal, decimal_from_cents, euro, euro_plain
from portal.kernel.states import MoveNotAllowed, diagram, move
from portal.kernel.taxcodes import is_codice_fiscale, is_partita_iva, normalise


class Lamp(StrEnum):
    OFF = "off"
    ON = "on"


class Press(StrEnum):
    UP = "up"


TABLE = {(Lamp.OFF, Press.UP): Lamp.ON}


def test_a_move_of_the_table_gives_the_next_state():
    assert move(TABLE, Lamp.OFF, Press.UP) is Lamp.ON


def test_any_other_move_is_refused_with_a_sentence_for_people():
    with pytest.raises(MoveNotAllowed) as refused:
        move(TABLE, Lamp.ON, Press.UP)
    assert "Ricarica la pagina" in refused.value.message


def test_a_table_draws_its_own_diagram():
    assert diagram(TABLE) == "stateDiagram-v2\n    off --> on: up"


@given(st.integers(min_value=0, max_value=10**12))
def test_cents_survive_the_trip_to_decimal_and_back(cents):
    assert cents_from_decimal(decimal_from_cents(cents)) == cents


@pytest.mark.parametrize("amount", ["0.001", "NaN", "Infinity", "1.005"])
def test_fractions_of_a_cent_are_refused(amount):
    with pytest.raises(ValueError, match="cents"):
        cents_from_decimal(Decimal(amount))


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "0,00"), (5, "0,05"), (123456, "1.234,56"), (100000000, "1.000.000,00")]
)
def test_amounts_are_written_as_italians_read_them(cents, text):
    assert euro_plain(cents) == text
    assert euro(cents) == f"{text}\N{NO-BREAK SPACE}€"


def test_a_codice_fiscale_is_checked_to_its_last_character():
    assert is_codice_fiscale("RSSMRA85T10A562S")
    assert not is_codice_fiscale("RSSMRA85T10A562T")


def test_omocodia_is_a_good_codice_fiscale():
    assert is_codice_fiscale("RSSMRA85T10A56NH")


def test_a_partita_iva_has_eleven_digits_and_a_check():
    assert is_partita_iva("80000410508")
    assert not is_partita_iva("80000410509")
    assert not is_partita_iva("8000041050")


def test_the_prefix_of_tax_identifiers_is_taken_off_once():
    assert normalise(" tinit-rssmra85t10a562s ") == "RSSMRA85T10A562S"
    assert normalise("TINIT-TINIT-X") == "TINIT-X"
