"""Addresses on a road, as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exceptional_transport.domain.chainage import Address, format_km, normal_road, parse_address, parse_km
from portal.kernel.errors import DomainError

METRES = st.integers(min_value=0, max_value=999_999)


@given(METRES)
def test_what_is_written_is_read_back(metres: int):
    assert parse_km(format_km(metres)) == metres


@given(
    METRES, st.sampled_from(["SP", "SR", "SS", "SC", "SGC"]), st.integers(1, 999), st.sampled_from(["", "bis", "dir"])
)
def test_an_address_is_read_back(metres: int, kind: str, number: int, suffix: str):
    address = Address(f"{kind}{number}{suffix}", metres)
    assert parse_address(str(address)) == address


@given(st.text(max_size=12))
def test_any_text_gives_metres_or_a_sentence(text: str):
    try:
        metres = parse_km(text)
    except DomainError:
        return
    assert 0 <= metres <= 999_999


@pytest.mark.parametrize(
    ("text", "metres"), [("3+450", 3450), ("3", 3000), ("3,45", 3450), (" 3.450 ", 3450), ("0", 0)]
)
def test_kilometres_as_people_write_them(text: str, metres: int):
    assert parse_km(text) == metres


@pytest.mark.parametrize("text", ["", "km 3", "3+45", "3+4500", "-1", "1000+000", "3+"])
def test_kilometres_that_are_not(text: str):
    with pytest.raises(DomainError):
        parse_km(text)


@pytest.mark.parametrize(
    ("text", "road"), [("SP012", "SP12"), ("sp 12", "SP12"), ("SR439 dir", "SR439dir"), ("SS67a", "SS67a")]
)
def test_roads_are_written_as_on_their_signs(text: str, road: str):
    assert normal_road(text) == road


@pytest.mark.parametrize("text", ["", "12", "via Roma", "SP", "A12"])
def test_what_is_not_a_road(text: str):
    with pytest.raises(DomainError):
        normal_road(text)
