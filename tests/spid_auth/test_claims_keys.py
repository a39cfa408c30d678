"""By what a person is known from one login to the next: nobody is taken for somebody else."""

import pytest

from spid_auth.domain import claims

JULIA = {"name": "Julia", "familyName": "Schmidt", "dateOfBirth": "1979-09-08"}
LONG = "DE/IT/" + "0123456789abcdef" * 4


def key(**attributes: str) -> str:
    return claims.read(JULIA | attributes, fiscal_code_required=False).subject_key


def test_identifiers_that_begin_alike_are_two_people() -> None:
    assert key(spidCode=LONG + "a") != key(spidCode=LONG + "b")
    assert key(spidCode=LONG + "a") == key(spidCode=LONG + "a")


def test_the_key_of_a_long_identifier_fits_its_column() -> None:
    assert len(key(spidCode="X" * 500)) <= 64
    assert key(spidCode="DE/IT/7f3a9c5e1b2d4860") == "DE/IT/7f3a9c5e1b2d4860"


@pytest.mark.parametrize("written", ["BNCGLI85C52Y999U", "bncgli85c52y999u", " BNCGLI85C52Y999U "])
def test_an_identifier_written_like_a_codice_fiscale_is_not_one(written: str) -> None:
    assert key(spidCode=written).strip().upper() != key(fiscalNumber="TINIT-BNCGLI85C52Y999U")
