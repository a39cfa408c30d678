"""Every layout of the notice, filled in: operator by operator the page that WeasyPrint draws, and every code right."""

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
import zxingcpp
from django.template.loader import render_to_string
from PIL import Image
from pypdf import PdfReader

from payments.domain.codes import issue
from payments.notices import pdf
from payments.notices.content import NoticeContent, Postal, Slip
from payments.notices.filler.fill import fill_notice, filler
from payments.notices.filler.forms import written_as
from payments.notices.filler.sheets import laid_out, objects_of
from payments.notices.pdf import notice_pdf
from tests.payments.test_filler_pages import tags, words

NOTHING = re.compile(rb">0<|(?<=>)0(?=\] TJ)")
IMAGE = re.compile(rb"/i[0-9a-f]{33} Do")


def slip(sequence: int, due_on: date | None = date(2026, 12, 31), ordinal: int = 0) -> Slip:
    return Slip(issue(segregation_code=1, sequence=sequence).nav, 5000 + sequence, due_on, ordinal)


def instalments(count: int, first: int = 100) -> tuple[Slip, ...]:
    return tuple(slip(first + place, date(2027, place % 12 + 1, 28), place + 1) for place in range(count))


WHOLE = NoticeContent(
    subject="Violazione del codice della strada, verbale n. 12345/2026 del 12/11/2026",
    entity_name="Provincia di Pisa",
    entity_code="80000410508",
    department="Polizia provinciale",
    info="Piazza Prova 14 · 56125 Pisa · www.esempio.it",
    cbill="A0EDT",
    pays_on_site=True,
    debtor_name="Società Autotrasporti D’Angiò & Figli S.r.l.",
    debtor_code="01234567897",
    debtor_address="Via Tevere-Arno 12/B, 56125 Pisa (PI), interno 4, scala A, c/o Studio Bianchi",
    single=slip(1),
    postal=Postal("111111", "Provincia di Pisa", "AUT. DB/0000/DEMO 00000 DEL 01/01/2026"),
)
NO_POSTAL = replace(WHOLE, postal=None)
FINE = replace(WHOLE, single=None, fine=(slip(2, None), slip(3, None)))
LAYOUTS = {
    "whole": WHOLE,
    "no due date": replace(WHOLE, single=slip(1, None)),
    "whole and two": replace(WHOLE, instalments=instalments(2)),
    "whole and three": replace(WHOLE, instalments=instalments(3)),
    "two": replace(NO_POSTAL, single=None, instalments=instalments(2)),
    "three": replace(WHOLE, single=None, instalments=instalments(3)),
    "whole and seven": replace(NO_POSTAL, instalments=instalments(7)),
    "many": replace(WHOLE, single=None, instalments=instalments(12)),
    "fine": FINE,
    "fine without postal part": replace(FINE, postal=None),
    "whole, two languages": replace(WHOLE, second_language="fr"),
    "fine, two languages": replace(FINE, second_language="fr"),
    "three, two languages": replace(NO_POSTAL, single=None, instalments=instalments(3), second_language="fr"),
}
layouts = pytest.mark.parametrize("content", LAYOUTS.values(), ids=LAYOUTS.keys())


def filled(content: NoticeContent) -> bytes:
    """Filled in, never printed, in a form that another notice has made if both have the same lines."""
    other = replace(
        content,
        debtor_name="Compagnia Trasporti Eccezionali Vattelappesca",
        subject="Violazione del codice della strada, verbale n. 98765/2026 del 11/12/2026",
        debtor_address="Viale Adige-Brenta 98/C, 56100 Pisa (PI), interno 7, scala B, c/o Studio Verdi",
    )
    before = filler().counts["printed"]
    fill_notice(other)
    found = fill_notice(content)
    assert filler().counts["printed"] == before
    return found


def drawn(content: NoticeContent) -> list[bytes]:
    """The operators of WeasyPrint's pages, with whole fonts so that letters have the same numbers."""
    tools = filler().tools
    tree = tools.parsed(render_to_string(pdf.TEMPLATE, pdf.notice_context(content)))
    _, pages = objects_of(laid_out(tree, [tools.style], tools.fonts), tools.variant)
    return [NOTHING.sub(b"", b"\n".join(map(written_as, page.stream))) for page in pages]


def codes(document: bytes) -> list[tuple[int, str, str]]:
    """Every code on every page, read at 200 dots an inch."""
    program = shutil.which("pdftoppm")
    if program is None:
        pytest.skip("pdftoppm (poppler-utils) is not on this machine")
    command = [program, "-r", "200", "-gray", "-"]
    printed = subprocess.run(command, input=document, capture_output=True, check=True).stdout
    found = []
    for place, page in enumerate(_pictures(printed)):
        found += [(place, code.format.name, code.text) for code in zxingcpp.read_barcodes(page)]
    return sorted(found)


def _pictures(printed: bytes) -> list[Image.Image]:
    """The pages one after the other, each with its own heading."""
    pages, position = [], 0
    while position < len(printed):
        heading = re.match(rb"P5\n(\d+) (\d+)\n255\n", printed[position:])
        width, height = int(heading[1]), int(heading[2])
        start = position + heading.end()
        pages.append(Image.frombytes("L", (width, height), printed[start : start + width * height]))
        position = start + width * height
    return pages


@layouts
def test_the_pages_are_drawn_with_the_same_operators(content):
    ours = [page.get_contents().get_data().strip() for page in PdfReader(BytesIO(filled(content))).pages]
    theirs = drawn(content)
    assert [IMAGE.sub(b"", page) for page in ours] == [IMAGE.sub(b"", page).strip() for page in theirs]


@layouts
def test_every_code_is_the_right_one_in_the_right_place(content):
    ours = codes(filled(content))
    assert ours == codes(notice_pdf(content))
    assert content.qr_text(content.first) in [text for _, _, text in ours]


@layouts
def test_words_and_tags_are_the_same(content):
    ours, theirs = filled(content), notice_pdf(content)
    assert words(ours) == words(theirs)
    structures = [PdfReader(BytesIO(document)).root_object["/StructTreeRoot"] for document in (ours, theirs)]
    assert tags(structures[0]) == tags(structures[1])
