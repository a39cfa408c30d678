"""What the two codes say, and that machines read it back."""

from io import BytesIO

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from payments.barcodes import datamatrix, qr
from payments.domain.payloads import (
    DATAMATRIX_FIELDS,
    DATAMATRIX_LENGTH,
    PayloadError,
    datamatrix_payload,
    postal_text,
    qr_payload,
    read_datamatrix,
    read_qr,
)

NAV, ENTITY = "301000000000004285", "80000410508"
POSTAL = {
    "nav": NAV,
    "account": "111111",
    "cents": 15000,
    "entity": ENTITY,
    "debtor": "RSSMRA60D20F205R",
    "name": "Società Èdile D’Angiò",
    "subject": "Autorizzazione al trasporto eccezionale",
}


def decoded(picture):
    image = Image.open(BytesIO(picture.png)).convert("L").resize((picture.side * 4, picture.side * 4), 0)
    return zxingcpp.read_barcodes(ImageOps.expand(image, 24, 255))


@pytest.mark.parametrize(("cents", "written"), [(5, "05"), (15000, "15000"), (99_999_999_999, "99999999999")])
def test_the_qr_has_at_least_two_digits_of_cents_and_no_padding(cents, written):
    text = qr_payload(nav=NAV, entity=ENTITY, cents=cents)
    assert text == f"PAGOPA|002|{NAV}|{ENTITY}|{written}"
    assert read_qr(text).cents == cents


def test_the_padded_qr_of_other_bodies_is_read():
    assert read_qr("PAGOPA|002|000000000000000000|01199250158|0000015000").cents == 15000


@pytest.mark.parametrize(
    "text", ["", "PAGOPA|001|1|2|3", f"PAGOPA|002|{NAV}|{ENTITY}|5", f"PAGOPA|002|{NAV}|{ENTITY}|-50", "http://x"]
)
def test_other_qr_texts_are_refused(text):
    with pytest.raises(PayloadError):
        read_qr(text)


@pytest.mark.parametrize("change", [{"cents": 0}, {"cents": 10**11}, {"nav": "3"}, {"entity": "A" * 11}])
def test_a_qr_is_never_made_with_values_that_do_not_fit(change):
    with pytest.raises(PayloadError):
        qr_payload(**({"nav": NAV, "entity": ENTITY, "cents": 100} | change))


def test_the_longest_qr_is_version_4_level_m_without_boost():
    text = qr_payload(nav=NAV, entity=ENTITY, cents=99_999_999_999)
    picture = qr(text)
    (found,) = decoded(picture)
    assert (picture.side, found.text, found.ec_level) == (33, text, "M")


def test_the_offsets_table_covers_the_256_characters_once():
    covered = [place for start, length in DATAMATRIX_FIELDS.values() for place in range(start, start + length)]
    assert covered == list(range(DATAMATRIX_LENGTH))


def test_public_readers_find_number_amount_and_body_at_their_offsets():
    text = datamatrix_payload(**POSTAL)
    assert (text[15:33], text[49:59], text[66:77]) == (NAV, "0000015000", ENTITY)
    assert (text[:13], text[60:63], text[255]) == ("codfase=NBPA;", "896", "A")


def test_accents_are_written_in_plain_letters():
    fields = read_datamatrix(datamatrix_payload(**POSTAL))
    assert fields["name"].rstrip() == "SOCIETA EDILE D'ANGIO"
    assert postal_text("Straße Œuvre Łódź 5€ 漢") == "STRASSE OEUVRE LODZ 5EUR  "


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=30))
def test_the_postal_code_is_always_256_plain_characters(name, subject, debtor):
    text = datamatrix_payload(**(POSTAL | {"name": name, "subject": subject, "debtor": debtor}))
    assert len(text) == DATAMATRIX_LENGTH
    assert text.isascii()
    assert text.isprintable()
    assert read_datamatrix(text)["nav"] == NAV


def test_a_machine_reads_the_postal_code_back_character_by_character():
    text = datamatrix_payload(**POSTAL)
    (found,) = decoded(datamatrix(text))
    assert found.text == text


@pytest.mark.parametrize("change", [{"cents": 10**10}, {"cents": 0}, {"account": "1" * 13}, {"account": "12A"}])
def test_a_postal_code_is_never_made_with_values_that_do_not_fit(change):
    with pytest.raises(PayloadError):
        datamatrix_payload(**(POSTAL | change))


@pytest.mark.parametrize("text", ["", "A" * 255, "A" * 256])
def test_what_is_not_a_postal_code_is_refused(text):
    with pytest.raises(PayloadError):
        read_datamatrix(text)
