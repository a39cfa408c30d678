"""Many notices in one document for the printer: each page as by itself, tags included, fonts once."""

import os
import subprocess
import tracemalloc
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageChops
from pypdf import PdfReader

from payments.notices.filler.book import Book
from payments.notices.filler.fill import filler
from payments.notices.pdf import notice_pdf
from tests.payments.test_filler_pages import CONTENTS, SLIP, USUAL, notice_number, program, tags, words


def numbered(sequence: int):
    return replace(USUAL, single=replace(SLIP, nav=notice_number(sequence), cents=100 + sequence))


def bound(contents) -> bytes:
    target = BytesIO()
    with Book(target, "Campagna di prova <1> & (2)") as book:
        firsts = [book.add(content) for content in contents]
    assert firsts == sorted(set(firsts))
    return target.getvalue()


def picture(document: bytes, page: int) -> Image.Image:
    command = [program("pdftoppm"), "-r", "150", "-gray", "-f", str(page), "-l", str(page), "-"]
    return Image.open(BytesIO(subprocess.run(command, input=document, capture_output=True, check=True).stdout))


@pytest.fixture(scope="module")
def every_content() -> bytes:
    return bound([*CONTENTS.values(), replace(USUAL, debtor_name="Мария"), USUAL])


@pytest.mark.parametrize("place", range(len(CONTENTS)), ids=CONTENTS.keys())
def test_each_page_is_the_notice_by_itself(every_content, place):
    alone = notice_pdf(list(CONTENTS.values())[place])
    options = ("-f", str(place + 1), "-l", str(place + 1))
    assert words(every_content, *options) == words(alone)
    difference = ImageChops.difference(picture(every_content, place + 1), picture(alone, 1))
    assert sum(difference.histogram()[32:]) <= 20


def test_a_notice_that_cannot_be_filled_in_has_its_place(every_content):
    place = str(len(CONTENTS) + 1)
    assert "Мария" in words(every_content, "-f", place, "-l", place)
    reader = PdfReader(BytesIO(every_content), strict=True)
    assert len(reader.pages) == len(CONTENTS) + 2


def test_each_notice_is_a_part_of_the_structure_with_its_own_tags(every_content):
    root = PdfReader(BytesIO(every_content), strict=True).root_object["/StructTreeRoot"]
    (document,) = root["/K"]
    parts = document.get_object()["/K"]
    assert {part.get_object()["/S"] for part in parts} == {"/Part"}
    for part, content in zip(parts, CONTENTS.values(), strict=False):
        alone = PdfReader(BytesIO(notice_pdf(content))).root_object["/StructTreeRoot"]["/K"][0]
        assert tags(part)[1:] == tags(alone)[1:]


def test_every_marked_content_leads_to_an_element_of_its_page(every_content):
    reader = PdfReader(BytesIO(every_content), strict=True)
    leaves = [leaf.get_object() for leaf in reader.root_object["/StructTreeRoot"]["/ParentTree"]["/Kids"]]
    rows = {}
    for leaf in leaves:
        rows |= dict(zip(leaf["/Nums"][::2], leaf["/Nums"][1::2], strict=True))
    assert sorted(rows) == list(range(len(reader.pages)))
    for page in reader.pages:
        elements = [element.get_object() for element in rows[page["/StructParents"]]]
        assert [element["/K"] for element in elements] == [[mcid] for mcid in range(len(elements))]
        assert {element["/Pg"].get_object().indirect_reference for element in elements} == {page.indirect_reference}


def test_the_book_says_what_it_is():
    reader = PdfReader(BytesIO(bound([USUAL])), strict=True)
    catalog = reader.root_object
    assert reader.metadata.title == "Campagna di prova <1> & (2)"
    assert (catalog["/Lang"], catalog["/ViewerPreferences"]["/DisplayDocTitle"]) == ("it", True)
    assert catalog["/MarkInfo"]["/Marked"]
    assert "Campagna di prova &lt;1&gt; &amp; (2)" in catalog["/Metadata"].get_data().decode()


def test_fonts_are_in_the_book_once():
    ten, hundred = (bound(map(numbered, range(1, count + 1))) for count in (10, 100))
    assert ten.count(b"/FontFile2") == hundred.count(b"/FontFile2")
    assert (len(hundred) - len(ten)) / 90 < 12_000
    assert ten.count(b"/Length1") == 5


def test_the_tree_of_pages_has_branches_and_every_code_is_right():
    contents = [numbered(sequence) for sequence in range(1, 131)]
    document = bound(contents)
    reader = PdfReader(BytesIO(document), strict=True)
    assert [branch.get_object()["/Count"] for branch in reader.root_object["/Pages"]["/Kids"]] == [64, 64, 2]
    for place in (1, 64, 65, 130):
        command = [program("pdftoppm"), "-r", "200", "-gray", "-f", str(place), "-l", str(place), "-"]
        printed = subprocess.run(command, input=document, capture_output=True, check=True).stdout
        found = {code.format.name: code.text for code in zxingcpp.read_barcodes(Image.open(BytesIO(printed)))}
        content = contents[place - 1]
        assert found["QRCode"] == content.qr_text(content.first)
        assert found["DataMatrix"] == content.datamatrix_text(content.first)


def test_an_error_inside_leaves_the_book_without_an_end():
    target = BytesIO()
    with pytest.raises(KeyError), Book(target, "Prova") as book:
        book.add(USUAL)
        raise KeyError
    assert b"startxref" not in target.getvalue()


def test_a_thousand_notices_take_a_kilobyte_each():
    with Path(os.devnull).open("wb") as nowhere, Book(nowhere, "Prova") as book:
        for sequence in range(1, 200):
            book.add(numbered(sequence))
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for sequence in range(1000, 2000):
            book.add(numbered(sequence))
        assert (tracemalloc.get_traced_memory()[0] - before) / 1000 < 3000
        tracemalloc.stop()


def test_qpdf_finds_nothing_to_say(every_content, tmp_path):
    path = tmp_path / "book.pdf"
    path.write_bytes(every_content)
    checked = subprocess.run([program("qpdf"), "--check", str(path)], capture_output=True, check=False)
    assert (checked.returncode, b"WARNING" in checked.stderr) == (0, False)


def test_the_same_notices_make_the_same_book():
    assert bound([USUAL]) == bound([USUAL])
    assert filler().counts["filled"] > 0
