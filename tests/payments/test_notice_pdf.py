"""The printed notice, read back as paper in every layout: texts, codes, boxes."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import pdfplumber
import pytest

from payments.notices.captions import captions, postal_captions, wording
from payments.notices.geometry import MARGIN, PAGE_HEIGHT, PAGE_WIDTH, QUIET_ZONE
from payments.notices.layouts import layout_of
from payments.notices.naive import naive_notice_pdf
from payments.notices.pdf import notice_pdf
from tests.payments.notice_samples import (
    EVERY,
    ITALIAN,
    LONG,
    LONGEST,
    LONGEST_FRENCH,
    MM,
    SINGLE,
    USUAL,
    USUAL_LENGTHS,
    cases,
    codes_on,
    codes_on_paper,
    longest,
    pictures,
    printed,
)
from tests.standards import STANDARDS, need

# Where the captions stand in the official files; "how_much" is the heading without its second half.
OFFICIAL = {
    "title": "intestazione.titolo",
    "creditor": "datiPagamento.enteCreditore",
    "addressee": "datiPagamento.destinatario",
    "how_much_and_when": "importoScadenza.titolo",
    "amount": "importoScadenza.importo.importo",
    "euro": "importoScadenza.euro",
    "due_by": "datiPagamento.scadenza",
    "legal": "importoScadenza.disclaimer.legal",
    "instalments": "importoScadenza.disclaimer.rate.rate",
    "only_instalments": "importoScadenza.disclaimer.rate.soloRate",
    "many_instalments": "importoScadenza.disclaimer.rate.molteRate",
    "discounted": "importoScadenza.importo.scontato",
    "reduced": "importoScadenza.importo.ridotto",
    "discounted_term": "importoScadenza.scadenza.cinqueGiorni",
    "reduced_term": "importoScadenza.scadenza.sessantaGiorni",
    "choose": "importoScadenza.disclaimer.scelta",
    "terms": "importoScadenza.disclaimer.scadenze.titolo",
    "terms_text": "importoScadenza.disclaimer.scadenze.descrizione",
    "deposit": "importoScadenza.disclaimer.giacenza.titolo",
    "deposit_text": "importoScadenza.disclaimer.giacenza.descrizione",
    "where": "dovePagare.titolo",
    "online": "dovePagare.italia.online.titolo",
    "online_with_site": "dovePagare.italia.online.descrizione.sitoEnte",
    "online_without_site": "dovePagare.italia.online.descrizione.noEnte",
    "around": "dovePagare.italia.territorio.titolo",
    "around_text": "dovePagare.italia.territorio.descrizione",
    "data": "datiPagamento.titolo",
    "single": "datiPagamento.rataUnica",
    "instalment": "datiPagamento.numRata",
    "qr_help": "datiPagamento.istruzioni.qrCode.rataUnica",
    "qr_help_above": "datiPagamento.istruzioni.qrCode.rate",
    "subject": "datiPagamento.oggettoDelPagamento",
    "cbill": "datiPagamento.cbill.esteso",
    "cbill_short": "datiPagamento.cbill.breve",
    "number": "datiPagamento.avviso.esteso",
    "number_short": "datiPagamento.avviso.breve",
    "entity_code": "datiPagamento.codiceFiscaleEnte.esteso",
    "entity_code_short": "datiPagamento.codiceFiscaleEnte.breve",
}
NOT_OFFICIAL = {"source", "confirmed_by", "how_much"}


def squeezed(text: str) -> str:
    """Without the white space and the case, which the page may change."""
    return "".join(text.split()).lower()


def words(pdf: bytes) -> str:
    with pdfplumber.open(BytesIO(pdf)) as document:
        return squeezed("".join(page.extract_text(use_text_flow=True) for page in document.pages))


def expected_codes(content) -> Counter[tuple[str, str]]:
    found = Counter(("QRCode", content.qr_text(slip)) for slip in content.slips)
    return found + Counter(("DataMatrix", text) for slip in content.slips if (text := content.datamatrix_text(slip)))


@cases(USUAL_LENGTHS | LONGEST)
def test_every_code_is_read_from_the_printed_page_and_stands_in_its_quiet_zone(content):
    layout, sheets = layout_of(content), pictures(printed(content), 200)
    assert len(sheets) == len(layout.sheets)
    assert codes_on(sheets) == expected_codes(content)
    for index, sheet in enumerate(sheets):
        codes = [box for (_, _, name), box in layout.boxes(index).items() if name in ("qr", "datamatrix")]
        for box in codes:
            sheet.paste(255, dots(box.grown(0.15)))
        assert [sheet.crop(dots(box.grown(QUIET_ZONE - 0.3))).getextrema() for box in codes] == [(255, 255)] * len(
            codes
        )


def dots(box) -> tuple[int, int, int, int]:
    """A box in dots of a sheet printed at 200 an inch."""
    return tuple(round(side * 200 / 25.4) for side in (box.x, box.y, box.right, box.bottom))


@cases(USUAL_LENGTHS)
def test_codes_are_25_millimetres(content):
    with pdfplumber.open(BytesIO(printed(content))) as document:
        for image in (image for page in document.pages for image in page.images):
            assert image["width"] / MM == pytest.approx(25, abs=0.1)
            assert image["height"] / MM == pytest.approx(25, abs=0.1)


@pytest.mark.parametrize("name", ["single", "fine", "fine, postal"])
def test_the_plain_way_prints_the_same_codes_and_fields(name):
    content = ITALIAN[name]
    pdf = naive_notice_pdf(content)
    assert codes_on_paper(pdf) == expected_codes(content)
    text = words(pdf)
    for field in fields(content):
        assert squeezed(field) in text


def fields(content) -> Iterator[str]:
    """What every notice must say of itself."""
    yield from (content.subject, content.entity_name, content.entity_code, content.department, content.info)
    yield from (content.cbill, content.debtor_name, content.debtor_code, content.debtor_address)
    for slip in content.slips:
        yield from (slip.number, slip.amount, slip.due)


def said(content) -> Iterator[str]:
    """The captions every notice must have, then those of its layout."""
    yield from ("title", "creditor", "addressee", "euro", "where", "online", "around", "around_text", "data")
    yield from ("amount", "cbill", "number", "entity_code" if len(content.slips) == 1 else "entity_code_short")
    if content.fine:
        yield from ("discounted", "reduced", "discounted_term", "reduced_term", "choose", "deposit", "deposit_text")
        yield from ("how_much_and_when", "terms", "terms_text")
        return
    yield from ("legal", "how_much_and_when" if any(slip.due_on for slip in content.slips) else "how_much")
    if content.single:
        yield from ("single", "qr_help", "subject")
    if content.instalments:
        yield "qr_help_above"
    if len(content.instalments) >= 9:
        yield "many_instalments"
    if any(slip.due_on for slip in content.slips):
        yield "due_by"


@cases(USUAL_LENGTHS)
def test_every_field_and_caption_is_on_the_page_in_words(content):
    text = words(printed(content))
    for field in fields(content):
        assert squeezed(field) in text
    say = wording(content.second_language)
    for key in said(content):
        if key == "entity_code_short" and layout_of(content).name.startswith(("3.5.1-rate-multiple-2", "3.5.1-viol")):
            key = "entity_code"
        assert squeezed(say.say(key).text) in text, key
        assert squeezed(say.say(key).second) in text, key
    for slip in content.instalments:
        assert squeezed(f"Rata {slip.ordinal}") in text


@cases({name: content for name, content in ITALIAN.items() if content.postal})
def test_the_postal_part_is_whole(content):
    text = words(printed(content))
    for caption in ("title", "account", "holder", "kind", "euro", "number", "entity_code", "subject"):
        assert squeezed(postal_captions()[caption]) in text
    for field in (content.postal.account, content.postal.holder, content.postal.authorisation, "P1"):
        assert squeezed(field) in text


def test_how_many_instalments_is_said_from_two_up():
    assert squeezed("Puoi pagare per intero o in 2 rate") in words(notice_pdf(ITALIAN["two and single"]))
    assert squeezed("Puoi pagare in 3 rate") in words(notice_pdf(ITALIAN["three"]))
    one = replace(ITALIAN["two"], instalments=ITALIAN["two"].instalments[:1])
    assert "puoipagare" not in words(notice_pdf(one))


def test_without_a_single_amount_the_page_opens_with_the_sum():
    content = ITALIAN["three"]
    with pdfplumber.open(BytesIO(printed(content))) as document:
        box = layout_of(content).boxes(0)["pay", None, "how-much"]
        text = document.pages[0].crop((box.x * MM, box.y * MM, box.right * MM, box.bottom * MM)).extract_text()
    assert "1.020,99" in text.replace("1.021,02", "1.020,99")
    assert "entro" not in text


@pytest.mark.parametrize(("language", "file"), [("it", "stringhe-it-3.5.0.json"), ("fr", "stringhe-fr-3.5.0.json")])
def test_the_official_texts_are_word_for_word(language, file):
    path = need(STANDARDS / "pagopa" / "notices" / file)
    official, ours = json.loads(path.read_text(encoding="utf-8"))["avviso"], captions(language)
    assert ours.keys() - NOT_OFFICIAL == OFFICIAL.keys()
    for key, place in OFFICIAL.items():
        text = official
        for step in place.split("."):
            text = text[step]
        assert ours[key].replace("{entity}", "{{EnteNome}}").replace("{number}", "{{Numero}}") == text


@pytest.mark.parametrize("language", ["", "fr"])
def test_without_a_due_date_nothing_speaks_of_when(language):
    text = words(notice_pdf(replace(USUAL, single=replace(SINGLE, due_on=None), second_language=language)))
    assert "quantopagare?" in text
    assert "entroil" not in text
    assert "avantle" not in text


def test_without_a_postal_account_there_is_no_postal_part():
    assert "bollettino" not in words(notice_pdf(replace(USUAL, postal=None)))


def test_an_amount_too_large_for_the_postal_slip_is_printed_without_it():
    largest = replace(SINGLE, cents=10_000_000_000)
    pdf = notice_pdf(replace(USUAL, single=largest))
    assert "bollettino" not in words(pdf)
    assert [kind for kind, _ in codes_on_paper(pdf)] == ["QRCode"]
    plan = (replace(largest, ordinal=1), replace(ITALIAN["two"].instalments[1]))
    mixed = notice_pdf(replace(ITALIAN["two"], instalments=plan))
    assert sorted(kind for kind, _ in codes_on_paper(mixed)) == ["DataMatrix", "QRCode", "QRCode"]


def test_an_unknown_debtor_has_no_tax_code():
    assert "01234567897" not in words(notice_pdf(replace(USUAL, debtor_code="")))


@cases(EVERY)
def test_every_word_stands_in_a_box_and_over_no_other(content):
    """The measure of the letters includes room for accents and tails: about a millimetre above and below."""
    layout = layout_of(content)
    with pdfplumber.open(BytesIO(printed(content))) as document:
        for index, page in enumerate(document.pages):
            boxes = list(layout.boxes(index).values())
            found = page.extract_words(x_tolerance=1, y_tolerance=1)
            assert [word["text"] for word in found if not any(_holds(box, word) for box in boxes)] == []
            assert list(_overlapping(found)) == []


def _holds(box, word) -> bool:
    return (
        box.x - 0.3 <= word["x0"] / MM
        and word["x1"] / MM <= box.right + 0.3
        and box.y - 1 <= word["top"] / MM
        and word["bottom"] / MM <= box.bottom + 1
    )


def _overlapping(found) -> Iterator[tuple[str, str]]:
    for index, one in enumerate(found):
        for other in found[index + 1 :]:
            across = min(one["x1"], other["x1"]) - max(one["x0"], other["x0"])
            down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
            if across > 0.5 and down > 1.8:
                yield one["text"], other["text"]


@cases(USUAL_LENGTHS)
def test_everything_stands_inside_margins_of_ten_millimetres(content):
    with pdfplumber.open(BytesIO(printed(content))) as document:
        for page in document.pages:
            assert page.width / MM == pytest.approx(PAGE_WIDTH, abs=0.1)
            assert page.height / MM == pytest.approx(PAGE_HEIGHT, abs=0.1)
            letters = [char for char in page.chars if char["text"].strip()]
            for mark in letters + page.images + page.rects:
                assert mark["x0"] / MM >= MARGIN - 0.1
                assert mark["x1"] / MM <= PAGE_WIDTH - MARGIN + 0.1
                assert mark["top"] / MM >= MARGIN - 0.1
                assert mark["bottom"] / MM <= PAGE_HEIGHT - MARGIN + 0.1


@cases(LONGEST | LONGEST_FRENCH)
def test_the_longest_texts_are_printed_whole(content):
    text = words(printed(content))
    for field in (content.subject, content.entity_name, content.debtor_name, content.debtor_address, content.info):
        assert squeezed(field) in text


def test_a_name_in_capitals_that_cannot_fit_ends_with_an_ellipsis_inside_its_box():
    capitals = longest("WWWWWW MMMMMM ", 70)
    content = replace(LONG, debtor_name=capitals, entity_name=longest("MMMMM WWWWWW ", 100), single=SINGLE)
    pdf = printed(content)
    assert "…" in words(pdf)
    box = layout_of(content).boxes(0)["single", 0, "names"]
    with pdfplumber.open(BytesIO(pdf)) as document:
        below = document.pages[0].crop((box.x * MM, (box.bottom + 0.5) * MM, box.right * MM, (box.bottom + 4) * MM))
        assert below.extract_text() == ""


def test_only_our_two_families_of_letters_are_in_the_file():
    with pdfplumber.open(BytesIO(notice_pdf(ITALIAN["fine, postal"]))) as document:
        names = {char["fontname"].split("+")[-1] for page in document.pages for char in page.chars}
    assert all(name.startswith(("Titillium-Web", "Roboto-Mono")) for name in names)
