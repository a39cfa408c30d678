"""The notice as a file for the archive: PDF/A-2a, tagged, in its language, with its title; checked on its structure."""

import re
import shutil
import subprocess
from io import BytesIO
from itertools import pairwise

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from payments.notices.layouts import layout_of
from tests.payments.notice_samples import FRENCH, ITALIAN, printed

CHOSEN = ("single", "two and single", "ten and single", "fine", "fine, postal")
files = pytest.mark.parametrize(
    "content",
    [*(ITALIAN[name] for name in CHOSEN), FRENCH["single, French"]],
    ids=[*CHOSEN, "single, French"],
)


def reader_of(content) -> PdfReader:
    return PdfReader(BytesIO(printed(content)), strict=True)


def kids(node: DictionaryObject) -> list:
    """The children of a node of the structure, as a list."""
    found = node.get("/K", ArrayObject())
    found = found.get_object() if hasattr(found, "get_object") else found
    return list(found) if isinstance(found, list) else [found]


def nodes(node: DictionaryObject) -> list[DictionaryObject]:
    """The structure in reading order."""
    below = [kid.get_object() for kid in kids(node) if not isinstance(kid, int)]
    return [node, *(deeper for kid in below if isinstance(kid, DictionaryObject) for deeper in nodes(kid))]


@files
def test_the_metadata_declare_pdf_a_2a_and_agree_with_the_document(content):
    reader = reader_of(content)
    packet = reader.root_object["/Metadata"].get_object()
    assert "/Filter" not in packet or packet.get_data()
    xmp = packet.get_data().decode()
    assert re.search(r"pdfaid:part=['\"]2['\"]|<pdfaid:part>2<", xmp)
    assert re.search(r"pdfaid:conformance=['\"]A['\"]|<pdfaid:conformance>A<", xmp)
    title = f"Avviso di pagamento {content.first.number}"
    assert reader.metadata.title == title
    assert title in xmp
    assert content.entity_name in xmp
    assert reader.trailer["/ID"]
    assert "/Encrypt" not in reader.trailer


@files
def test_the_catalogue_says_language_title_and_tags(content):
    catalog = reader_of(content).root_object
    assert catalog["/Lang"] == "it"
    assert bool(catalog["/MarkInfo"]["/Marked"])
    assert bool(catalog["/ViewerPreferences"]["/DisplayDocTitle"])
    for active in ("/OpenAction", "/AA", "/AcroForm"):
        assert active not in catalog
    assert "/JavaScript" not in catalog.get("/Names", {})


@files
def test_colours_have_their_profile_and_nothing_is_transparent(content):
    reader = reader_of(content)
    (intent,) = reader.root_object["/OutputIntents"]
    intent = intent.get_object()
    assert intent["/S"] == "/GTS_PDFA1"
    assert intent["/OutputConditionIdentifier"]
    profile = intent["/DestOutputProfile"].get_object()
    assert profile["/N"] == 3
    assert profile.get_data()[36:40] == b"acsp"
    for page in reader.pages:
        for state in page["/Resources"].get("/ExtGState", {}).values():
            assert state.get_object().get("/ca", 1) == 1
            assert state.get_object().get("/SMask", "/None") == "/None"


@files
def test_every_font_is_in_the_file_and_its_letters_can_be_copied(content):
    for page in reader_of(content).pages:
        for font in page["/Resources"]["/Font"].values():
            font = font.get_object()
            (descendant,) = font["/DescendantFonts"]
            descriptor = descendant.get_object()["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & descriptor.keys()
            assert "beginbf" in font["/ToUnicode"].get_data().decode()


@files
def test_the_structure_has_headings_in_order_and_figures_with_words(content):
    root = reader_of(content).root_object["/StructTreeRoot"]
    (document,) = [kid.get_object() for kid in kids(root)]
    assert document["/S"] == "/Document"
    found = nodes(document)
    levels = [int(node["/S"][2:]) for node in found if re.fullmatch(r"/H[1-6]", node["/S"])]
    assert levels[0] == 1
    # A heading in two languages is two elements of the same level.
    assert levels.count(1) == 1 + bool(content.second_language)
    assert all(after - before <= 1 for before, after in pairwise(levels))
    figures = [node for node in found if node["/S"] == "/Figure"]
    codes = len(content.slips) + sum(content.has_postal(slip) for slip in content.slips)
    assert len(figures) == codes
    for slip in content.slips:
        named = [figure for figure in figures if slip.number in figure["/Alt"]]
        assert len(named) == 1 + content.has_postal(slip)
    assert {node["/S"] for node in found} <= {
        "/Document",
        "/Div",
        "/NonStruct",
        "/P",
        "/H1",
        "/H2",
        "/H3",
        "/Span",
        "/Figure",
    }


@files
def test_everything_on_a_page_is_either_tagged_or_decoration(content):
    reader = reader_of(content)
    numbers = reader.root_object["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    assert len(reader.pages) == len(layout_of(content).sheets)
    for index, page in enumerate(reader.pages):
        drawn = page.get_contents().get_data().decode("latin-1")
        assert page["/StructParents"] == index
        assert page["/Tabs"] == "/S"
        marks = [int(mark) for mark in re.findall(r"/MCID (\d+)", drawn)]
        parents = numbers[numbers.index(index) + 1].get_object()
        assert len(marks) == len(set(marks))
        assert all(parents[mark].get_object()["/Type"] == "/StructElem" for mark in marks)
        depth = 0
        for operator in re.findall(r"\b(BDC|BMC|EMC|Tj|TJ|Do)\b", drawn):
            depth += {"BDC": 1, "BMC": 1, "EMC": -1}.get(operator, 0)
            assert depth > 0 or operator == "EMC"
        assert depth == 0


def test_on_the_sheets_after_the_first_the_header_is_decoration():
    reader = reader_of(ITALIAN["ten and single"])
    found = nodes(reader.root_object["/StructTreeRoot"]["/K"][0].get_object())
    assert [node["/S"] for node in found].count("/H1") == 1
    for index, page in enumerate(reader.pages):
        assert "Autorizzazione al trasporto" in page.extract_text()
        drawn = page.get_contents().get_data().decode("latin-1")
        first = re.search(r"/Artifact\s+BMC(?:(?!EMC).)*?TJ", drawn, re.S)
        assert bool(first) == (index > 0)


def test_qpdf_finds_nothing_to_say(tmp_path):
    program = shutil.which("qpdf")
    if program is None:
        pytest.skip("qpdf is not on this machine")
    path = tmp_path / "notice.pdf"
    path.write_bytes(printed(ITALIAN["fine, postal"]))
    checked = subprocess.run([program, "--check", str(path)], capture_output=True, check=False)
    assert (checked.returncode, b"WARNING" in checked.stderr) == (0, False)
