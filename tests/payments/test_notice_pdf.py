"""The printed notice, read back as paper: texts, codes, boxes, tags."""

import shutil
import subprocess
from dataclasses import replace
from datetime import date
from io import BytesIO

import pdfplumber
import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from payments.domain.payloads import read_datamatrix, read_qr
from payments.notices import geometry
from payments.notices.captions import captions
from payments.notices.content import NoticeContent, NoticeError, Postal, Slip, sentence_case
from payments.notices.naive import naive_notice_pdf
from payments.notices.pdf import notice_pdf
from tests.standards import STANDARDS, need

MM = 72 / 25.4
CONTENT = NoticeContent(
    single=Slip("301000000000004285", 102099, date(2026, 12, 31)),
    subject="Autorizzazione al trasporto eccezionale PI-2026-000123",
    entity_name="Provincia di Pisa",
    entity_code="80000410508",
    department="Viabilità e trasporti",
    info="Piazza Prova 14 · 56125 Pisa",
    cbill="A0EDT",
    pays_on_site=True,
    debtor_name="Società Autotrasporti D’Angiò S.r.l.",
    debtor_code="01234567897",
    postal=Postal("111111", "Provincia di Pisa", "AUT. DB/0000/DEMO 00000 DEL 01/01/2026"),
)
LONGEST = replace(
    CONTENT,
    single=Slip("301000000000004285", 9_999_999_999, date(2026, 12, 31)),
    subject=sentence_case("Oggetto " * 30),
    entity_name="Città metropolitana " * 5,
    department="Settore " * 6,
    info="Informazioni " * 7,
    debtor_name="Cognome " * 8,
)


def codes_on_paper(pdf: bytes) -> dict[str, str]:
    """Print at 200 dots an inch, look at the paper, read every code on it."""
    program = shutil.which("pdftoppm")
    if program is None:
        pytest.skip("pdftoppm (poppler-utils) is not on this machine")
    printed = subprocess.run([program, "-r", "200", "-gray", "-"], input=pdf, capture_output=True, check=True).stdout
    found = zxingcpp.read_barcodes(Image.open(BytesIO(printed)))
    return {code.format.name: code.text for code in found}


def words(pdf: bytes) -> str:
    with pdfplumber.open(BytesIO(pdf)) as document:
        return " ".join(document.pages[0].extract_text().split())


@pytest.mark.parametrize(
    ("make", "content"),
    [(notice_pdf, CONTENT), (notice_pdf, LONGEST), (naive_notice_pdf, CONTENT)],
    ids=["usual", "longest", "plain way"],
)
def test_both_codes_are_read_from_the_printed_page(make, content):
    codes = codes_on_paper(make(content))
    qr = read_qr(codes["QRCode"])
    assert (qr.nav, qr.entity, qr.cents) == (content.first.nav, content.entity_code, content.first.cents)
    postal = read_datamatrix(codes["DataMatrix"])
    assert (postal["nav"], postal["entity"], int(postal["amount"])) == (
        content.first.nav,
        content.entity_code,
        content.first.cents,
    )
    assert codes["DataMatrix"] == content.datamatrix_text(content.first)


@pytest.mark.parametrize("make", [notice_pdf, naive_notice_pdf])
def test_every_field_is_on_the_page_in_words(make):
    text = words(make(CONTENT)).lower()
    for field in (
        *("Avviso di pagamento", CONTENT.subject, CONTENT.entity_name, CONTENT.entity_code, CONTENT.department),
        *(CONTENT.info, CONTENT.debtor_name, CONTENT.debtor_code, "1.020,99", "31/12/2026", "A0EDT", "111111"),
        *("3010 0000 0000 0042 85", "Quanto e quando pagare?", "Bollettino Postale PA", "AUT. DB/0000/DEMO"),
    ):
        assert field.lower() in text


def test_the_official_texts_are_word_for_word():
    import json

    path = need(STANDARDS / "pagopa" / "notices" / "stringhe-it-3.5.0.json")
    official = json.loads(path.read_text(encoding="utf-8"))["avviso"]
    ours, data, pay = captions()["notice"], official["datiPagamento"], official["importoScadenza"]
    where = official["dovePagare"]["italia"]
    assert ours["title"] == official["intestazione"]["titolo"]
    assert (ours["creditor"], ours["addressee"]) == (data["enteCreditore"], data["destinatario"])
    assert (ours["how_much_and_when"], ours["legal"]) == (pay["titolo"], pay["disclaimer"]["legal"])
    assert (ours["amount"], ours["euro"]) == (pay["importo"]["importo"], pay["euro"])
    assert (ours["where"], ours["around"]) == (official["dovePagare"]["titolo"], where["territorio"]["titolo"])
    assert (ours["online"], ours["around_text"]) == (where["online"]["titolo"], where["territorio"]["descrizione"])
    assert ours["online_without_site"] == where["online"]["descrizione"]["noEnte"]
    with_site = where["online"]["descrizione"]["sitoEnte"].replace("{{EnteNome}}", CONTENT.entity_name)
    assert CONTENT.online_text == with_site
    assert (ours["data"], ours["single"], ours["due_by"]) == (data["titolo"], data["rataUnica"], data["scadenza"])
    assert (ours["qr_help"], ours["subject"]) == (
        data["istruzioni"]["qrCode"]["rataUnica"],
        data["oggettoDelPagamento"],
    )
    assert (ours["cbill"], ours["number"]) == (data["cbill"]["esteso"], data["avviso"]["esteso"])
    assert ours["entity_code"] == data["codiceFiscaleEnte"]["esteso"]


def test_without_a_due_date_nothing_speaks_of_when():
    text = words(notice_pdf(replace(CONTENT, single=replace(CONTENT.first, due_on=None)))).lower()
    assert "quanto pagare?" in text
    assert "entro il" not in text


def test_an_amount_too_large_for_the_postal_slip_is_printed_without_it():
    larger = replace(CONTENT, single=replace(CONTENT.first, cents=10_000_000_000))
    assert set(codes_on_paper(notice_pdf(larger))) == {"QRCode"}


@pytest.mark.parametrize("numbers", [{"single": None}, {"fine": (CONTENT.first, CONTENT.first)}])
def test_a_notice_without_numbers_or_with_a_fine_and_something_else_is_refused(numbers):
    with pytest.raises(NoticeError):
        replace(CONTENT, **numbers)


def test_without_a_postal_account_there_is_no_postal_part():
    pdf = notice_pdf(replace(CONTENT, postal=None))
    assert "bollettino" not in words(pdf).lower()
    assert set(codes_on_paper(pdf)) == {"QRCode"}


def test_an_unknown_debtor_has_no_tax_code():
    assert "01234567897" not in words(notice_pdf(replace(CONTENT, debtor_code="")))


def test_codes_are_25_millimetres_and_nothing_touches_their_quiet_zone():
    with pdfplumber.open(BytesIO(notice_pdf(LONGEST))) as document:
        page = document.pages[0]
        assert (len(document.pages), len(page.images)) == (1, 2)
        for image in page.images:
            assert image["width"] / MM == pytest.approx(25, abs=0.1)
            assert image["height"] / MM == pytest.approx(25, abs=0.1)
            zone = (
                image["x0"] - geometry.QUIET_ZONE * MM,
                image["top"] - geometry.QUIET_ZONE * MM,
                image["x1"] + geometry.QUIET_ZONE * MM,
                image["bottom"] + geometry.QUIET_ZONE * MM,
            )
            assert page.crop(zone).chars == []
            assert page.crop(zone).rects == []
            assert page.crop(zone).lines == []


@pytest.mark.parametrize("content", [CONTENT, LONGEST], ids=["usual", "longest"])
def test_everything_stands_inside_margins_of_ten_millimetres(content):
    with pdfplumber.open(BytesIO(notice_pdf(content))) as document:
        (page,) = document.pages
        assert (page.width / MM, page.height / MM) == (pytest.approx(210, abs=0.1), pytest.approx(297, abs=0.1))
        for mark in page.chars + page.images:
            assert mark["x0"] / MM >= 9.9
            assert mark["x1"] / MM <= 200.1
            assert mark["top"] / MM >= 9.9
            assert mark["bottom"] / MM <= 287.1


def test_the_table_of_boxes_keeps_codes_apart_from_everything():
    for name, code in geometry.CODES.items():
        zone = code.grown(geometry.QUIET_ZONE)
        others = geometry.TEXTS | {other: box for other, box in geometry.CODES.items() if other != name}
        assert [other for other, box in others.items() if zone.overlaps(box)] == []
        assert [other for other, box in geometry.GROUNDS.items() if zone.overlaps(box)] == []


def test_no_two_texts_share_a_place():
    boxes = list(geometry.TEXTS.items())
    pairs = [(a, b) for i, (a, x) in enumerate(boxes) for b, y in boxes[i + 1 :] if x.overlaps(y)]
    assert pairs == []


def test_the_page_is_tagged_titled_and_in_italian():
    reader = PdfReader(BytesIO(notice_pdf(CONTENT)))
    catalog = reader.root_object
    assert catalog["/Lang"] == "it"
    assert catalog["/MarkInfo"]["/Marked"] is True or catalog["/MarkInfo"]["/Marked"].value
    assert catalog["/StructTreeRoot"]
    assert reader.metadata.title == "Avviso di pagamento 3010 0000 0000 0042 85"
    assert "pdfuaid" in reader.root_object["/Metadata"].get_data().decode()


def test_only_our_two_families_of_letters_are_in_the_file():
    with pdfplumber.open(BytesIO(notice_pdf(CONTENT))) as document:
        names = {char["fontname"].split("+")[-1] for char in document.pages[0].chars}
    assert all(name.startswith(("Titillium-Web", "Roboto-Mono")) for name in names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AUTORIZZAZIONE TRANSITO", "Autorizzazione transito"),
        ("  Spazi   doppi ", "Spazi doppi"),
        ("x" * 91, "x" * 89 + "…"),
    ],
)
def test_the_subject_is_in_sentence_case_and_fits(text, expected):
    assert sentence_case(text) == expected


def test_the_longest_texts_stay_in_their_boxes():
    with pdfplumber.open(BytesIO(notice_pdf(LONGEST))) as document:
        (page,) = document.pages
        for name, box in geometry.TEXTS.items():
            below = geometry.Box(box.x, box.bottom, box.w, 2.5)
            if any(below.overlaps(other) for other in geometry.TEXTS.values()):
                continue
            strip = page.crop((below.x * MM, below.y * MM, below.right * MM, below.bottom * MM))
            assert strip.extract_text() == "", name
