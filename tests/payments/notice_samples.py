"""Notices of every layout, and eyes to read them as paper."""

import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from payments.domain.codes import issue
from payments.notices.content import NoticeContent, Postal, Slip
from payments.notices.pdf import notice_pdf

MM = 72 / 25.4
POSTAL = Postal("111111", "Provincia di Pisa", "AUT. DB/0000/DEMO 00000 DEL 01/01/2026")


def number(sequence: int) -> str:
    """A notice number with its check digits."""
    return issue(segregation_code=1, sequence=sequence).nav


def plan(count: int, cents: int = 5000) -> tuple[Slip, ...]:
    """The instalments of a plan, a month apart."""
    return tuple(
        Slip(number(1000 + index), cents + index, date(2026 + index // 12, index % 12 + 1, 28), index + 1)
        for index in range(count)
    )


SINGLE = Slip(number(1), 102099, date(2026, 12, 31))
FINE = (Slip(number(2), 5846, None), Slip(number(3), 7440, None))
USUAL = NoticeContent(
    single=SINGLE,
    subject="Autorizzazione al trasporto eccezionale PI-2026-000123",
    entity_name="Provincia di Pisa",
    entity_code="80000410508",
    department="Viabilità e trasporti",
    info="Piazza Prova 14 · 56125 Pisa",
    cbill="A0EDT",
    pays_on_site=True,
    debtor_name="Società Autotrasporti D’Àngelo S.r.l.",
    debtor_code="01234567897",
    debtor_address="Vicolo Corto 12, 20133 Milano MI",
    postal=POSTAL,
)


def longest(text: str, limit: int) -> str:
    """A text repeated up to its limit."""
    return (text * limit)[:limit].strip().ljust(limit, "x")


LONG = replace(
    USUAL,
    single=replace(SINGLE, cents=9_999_999_999),
    subject=longest("Violazione dell’art. 142 accertata in località Àncora ", 90),
    entity_name=longest("Unione dei Comuni della Città di ", 100),
    department=longest("Settore polizia e sicurezza ", 50),
    info=longest("Via di Prova 14 · Pisa · ", 100),
    debtor_name=longest("D’Àngelo Bianchi Maria ", 70),
    debtor_address=longest("Località Ponte a Cappiano, via Àngelo Perù 12, ", 140),
    postal=replace(POSTAL, holder=longest("Unione dei Comuni della Città di ", 50)),
)


def _variants(base: NoticeContent) -> dict[str, NoticeContent]:
    cents = base.first.cents // 3
    without = replace(base, postal=None)
    return {
        "single": base,
        "single, no postal": without,
        "single, no due date": replace(base, single=replace(base.first, due_on=None)),
        "two": replace(base, single=None, instalments=plan(2, cents)),
        "two and single": replace(base, instalments=plan(2, cents)),
        "three": replace(base, single=None, instalments=plan(3, cents)),
        "three and single, no postal": replace(without, instalments=plan(3, cents)),
        "four": replace(base, single=None, instalments=plan(4, cents)),
        "seven": replace(base, single=None, instalments=plan(7, cents)),
        "ten and single": replace(base, instalments=plan(10, cents)),
        "twenty-four, no postal": replace(without, single=None, instalments=plan(24, cents)),
        "fine": replace(without, single=None, fine=FINE),
        "fine, postal": replace(base, single=None, fine=FINE),
    }


ITALIAN = _variants(USUAL)
FRENCH = {f"{name}, French": replace(content, second_language="fr") for name, content in ITALIAN.items()}
LONGEST = {f"{name}, longest": content for name, content in _variants(LONG).items()}
LONGEST_FRENCH = {f"{name}, French": replace(content, second_language="fr") for name, content in LONGEST.items()}
USUAL_LENGTHS = ITALIAN | FRENCH
EVERY = ITALIAN | FRENCH | LONGEST | LONGEST_FRENCH


def cases(contents: dict[str, NoticeContent]) -> pytest.MarkDecorator:
    """One test for each notice."""
    return pytest.mark.parametrize("content", contents.values(), ids=contents.keys())


def program(name: str) -> str:
    """The path of a program, or a loud skip."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not on this machine")
    return path


@cache
def printed(content: NoticeContent) -> bytes:
    """The notice, printed once for all tests."""
    return notice_pdf(content)


def pictures(pdf: bytes, dots: int = 200) -> list[Image.Image]:
    """The sheets as printed at a number of dots an inch."""
    command = [program("pdftoppm"), "-r", str(dots), "-gray", "-"]
    sheets = BytesIO(subprocess.run(command, input=pdf, capture_output=True, check=True).stdout)
    found = []
    while sheets.tell() < len(sheets.getvalue()):
        start = sheets.tell()
        header = [sheets.readline() for _ in range(3)]
        width, height = map(int, header[1].split())
        sheets.seek(start)
        found.append(Image.open(BytesIO(sheets.read(sum(map(len, header)) + width * height))))
    return found


def codes_on_paper(pdf: bytes) -> Counter[tuple[str, str]]:
    """Print at 200 dots an inch, look at the paper, read every code on it."""
    return codes_on(pictures(pdf))


def codes_on(sheets: list[Image.Image]) -> Counter[tuple[str, str]]:
    """Every code that a reader finds."""
    return Counter((code.format.name, code.text) for sheet in sheets for code in zxingcpp.read_barcodes(sheet))
