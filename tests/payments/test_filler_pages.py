"""A notice filled in from a form is the notice that WeasyPrint prints: same picture, same words, same tags."""

import re
import shutil
import subprocess
import tracemalloc
import zlib
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image, ImageChops
from pypdf import PdfReader

from payments.domain.codes import issue
from payments.notices import pdf
from payments.notices.content import NoticeContent, Postal, Slip
from payments.notices.filler.fill import Filler, fill_notice, filler
from payments.notices.filler.trace import Unshapeable
from payments.notices.pdf import notice_pdf

SLIP = Slip("301000000000004285", 102099, date(2026, 12, 31))
USUAL = NoticeContent(
    subject="Autorizzazione al trasporto eccezionale PI-2026-000123",
    entity_name="Provincia di Pisa",
    entity_code="80000410508",
    department="Viabilità e trasporti",
    info="Piazza Prova 14 · 56125 Pisa",
    cbill="A0EDT",
    pays_on_site=True,
    debtor_name="Società Autotrasporti D’Angiò S.r.l.",
    debtor_code="01234567897",
    single=SLIP,
    postal=Postal("111111", "Provincia di Pisa", "AUT. DB/0000/DEMO 00000 DEL 01/01/2026"),
)
CONTENTS = {
    "usual": USUAL,
    "shortest": replace(USUAL, subject="A", entity_name="B", department="", info="", debtor_name="Li", cbill="C"),
    "longest": replace(
        USUAL,
        single=replace(SLIP, cents=9_999_999_999),
        subject=("Oggetto " * 12)[:90].strip(),
        entity_name=("Città metropolitana " * 5).strip(),
        department=("Settore " * 6).strip(),
        info=("Informazioni " * 7).strip(),
        debtor_name=("Cognome " * 8).strip(),
    ),
    "accents": replace(
        USUAL, debtor_name="Àgnes Ñuñez-Łukasz Čapek D'Ùrso ß", subject="È dovuto: «già» – 50% (è così)…"
    ),
    "capitals": replace(
        USUAL, debtor_name="AVV. TOTÒ WAVY YVES LTD. & FIGLI", subject="Tassa AV/TO 12-34/2026 per l’A.T.A."
    ),
    "no due date": replace(USUAL, single=replace(SLIP, due_on=None)),
    "no postal part": replace(USUAL, postal=None),
    "nothing that may be absent": replace(
        USUAL, department="", info="", debtor_code="", postal=None, pays_on_site=False
    ),
    "markup in a name": replace(USUAL, debtor_name="<b>Tizio</b> & (Caio) \\ Sempronio"),
}
contents = pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())


def notice_number(sequence: int) -> str:
    return issue(segregation_code=1, sequence=sequence).nav


def program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not on this machine")
    return path


def filled(content: NoticeContent) -> bytes:
    """Filled in, never printed: the form is made from another notice, so that a text left in it would show."""
    own = filler()
    other = replace(content, debtor_name="Qualcun Altro", single=replace(content.first, nav=notice_number(2)))
    before = own.counts["printed"]
    fill_notice(other)
    found = fill_notice(content)
    assert own.counts["printed"] == before
    return found


def picture(document: bytes, dots: int) -> Image.Image:
    command = [program("pdftoppm"), "-r", str(dots), "-gray", "-"]
    return Image.open(BytesIO(subprocess.run(command, input=document, capture_output=True, check=True).stdout))


def words(document: bytes, *options: str) -> str:
    command = [program("pdftotext"), *options, "-", "-"]
    return subprocess.run(command, input=document, capture_output=True, check=True).stdout.decode()


def tags(thing: object, depth: int = 0) -> list[tuple[int, str, str, list[int]]]:
    """The structure, as its depth, type, replacement text and marked contents."""
    node = thing.get_object()
    kids = node.get("/K", [])
    kids = kids if isinstance(kids, list) else [kids]
    own = (depth, node.get("/S", ""), node.get("/Alt", ""), [int(kid) for kid in kids if isinstance(kid, int)])
    return [own, *(row for kid in kids if not isinstance(kid, int) for row in tags(kid, depth + 1))]


def outlines(reader: PdfReader) -> list[str]:
    def titles(entries):
        for entry in entries:
            yield from titles(entry) if isinstance(entry, list) else [entry.title]

    return list(titles(reader.outline))


@contents
def test_the_page_looks_the_same(content):
    ours, theirs = picture(filled(content), 150), picture(notice_pdf(content), 150)
    assert ours.size == theirs.size
    darker = sum(ImageChops.difference(ours, theirs).histogram()[32:])
    assert darker <= 20


@contents
def test_the_page_reads_the_same(content):
    ours, theirs = filled(content), notice_pdf(content)
    assert words(ours) == words(theirs)
    assert words(ours, "-layout") == words(theirs, "-layout")


@contents
def test_the_tags_the_outline_and_the_metadata_are_the_same(content):
    ours, theirs = (PdfReader(BytesIO(document), strict=True) for document in (filled(content), notice_pdf(content)))
    assert tags(ours.root_object["/StructTreeRoot"]) == tags(theirs.root_object["/StructTreeRoot"])
    assert outlines(ours) == outlines(theirs)
    assert ours.metadata == theirs.metadata
    packets = [reader.root_object["/Metadata"].get_data() for reader in (ours, theirs)]
    assert packets[0] == packets[1]
    for key in ("/Lang", "/MarkInfo", "/ViewerPreferences"):
        assert ours.root_object[key] == theirs.root_object[key]


@contents
def test_both_codes_are_read_from_the_printed_page(content):
    found = {code.format.name: code.text for code in zxingcpp.read_barcodes(picture(filled(content), 200))}
    assert found.pop("QRCode") == content.qr_text(content.first)
    assert found.pop("DataMatrix", "") == content.datamatrix_text(content.first)
    assert found == {}


@contents
def test_the_cross_references_are_right(content):
    document = filled(content)
    start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n\Z", document)[1])
    table = zlib.decompress(re.search(rb"stream\n(.*)\nendstream", document[start:], re.S)[1])
    kinds = []
    for number in range(len(table) // 8):
        entry = int.from_bytes(table[number * 8 : number * 8 + 8], "big")
        kinds.append(entry >> 56)
        if kinds[-1] == 1:
            assert document[entry >> 16 & 0xFFFFFFFFFF :].startswith(b"%d 0 obj\n" % number)
    reader = PdfReader(BytesIO(document), strict=True)
    packed = [number for number, kind in enumerate(kinds) if kind == 2]
    assert len(packed) > 50
    assert all(reader.get_object(number) is not None for number in packed)


def test_qpdf_finds_nothing_to_say(tmp_path):
    path = tmp_path / "notice.pdf"
    path.write_bytes(filled(USUAL))
    checked = subprocess.run([program("qpdf"), "--check", str(path)], capture_output=True, check=False)
    assert (checked.returncode, b"WARNING" in checked.stderr) == (0, False)


def test_two_notices_have_two_names_and_two_identifiers_and_one_notice_always_the_same():
    first, again, other = (
        fill_notice(content) for content in (USUAL, USUAL, replace(USUAL, single=replace(SLIP, nav=notice_number(3))))
    )
    assert first == again
    a, b = (PdfReader(BytesIO(document)) for document in (first, other))
    assert a.metadata.title != b.metadata.title
    assert a.trailer["/ID"] != b.trailer["/ID"]


def test_nothing_of_a_notice_is_found_in_the_next_one():
    secret = replace(
        USUAL,
        subject="Zzyzx Oggetto",
        debtor_name="Zzyzx Nome",
        debtor_code="ZZYZXX60D20F205R",
        single=replace(SLIP, nav=notice_number(4), cents=31_415_926),
    )
    fresh = Filler()
    fresh.fill(pdf.notice_context(secret))
    document = fresh.fill(pdf.notice_context(replace(USUAL, debtor_code="RSSMRA60D20F205R")))
    reader = PdfReader(BytesIO(document))
    everything = [reader.pages[0].extract_text(), str(reader.metadata), *outlines(reader)]
    everything += [str(row) for row in tags(reader.root_object["/StructTreeRoot"])]
    everything.append(reader.root_object["/Metadata"].get_data().decode())
    for trace in ("zzyzx", "314.159", secret.first.number):
        assert trace not in "\n".join(everything).lower()


def test_every_letter_of_the_fonts_can_be_copied_from_the_page():
    reader = PdfReader(BytesIO(filled(USUAL)))
    fonts = reader.pages[0]["/Resources"]["/Font"]
    for font in fonts.values():
        mapping = font.get_object()["/ToUnicode"].get_data().decode()
        assert all(f"{ord(letter):04x}>" in mapping for letter in "AZaz09àèéìòùÀÈčŁß€’")


@pytest.mark.parametrize(
    "name",
    ["Мария", "דוד", "e\N{COMBINING ACUTE ACCENT}", "emoji 🚗", "soft\N{SOFT HYPHEN}hyphen", " spazio", "due\nrighe "],
    ids=["cyrillic", "right to left", "combining", "picture", "soft hyphen", "space", "space at the end"],
)
def test_what_cannot_be_filled_in_is_printed(name):
    content = replace(USUAL, debtor_name=name)
    with pytest.raises(Unshapeable):
        filler().fill(pdf.notice_context(content))
    before = filler().counts["printed"]
    assert words(fill_notice(content)) == words(notice_pdf(content))
    assert filler().counts["printed"] == before + 1


def test_a_word_wider_than_its_box_is_printed():
    with pytest.raises(Unshapeable):
        filler().fill(pdf.notice_context(replace(USUAL, debtor_name="M" * 70)))


def test_a_thousand_notices_leave_nothing_behind():
    def some(first: int, count: int) -> None:
        for number in range(first, first + count):
            fill_notice(replace(USUAL, single=replace(SLIP, nav=notice_number(number), cents=number)))

    some(1, 200)
    tracemalloc.start()
    some(1000, 200)
    before = tracemalloc.get_traced_memory()[0]
    some(2000, 1000)
    assert tracemalloc.get_traced_memory()[0] - before < 500_000
    tracemalloc.stop()
