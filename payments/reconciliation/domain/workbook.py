"""Tables of figures as an XLSX workbook (ISO/IEC 29500, the part that spreadsheets need). Pure.

Figures are numbers and days are days; what people wrote is text in cells marked as text, so that it is never worked
out as a formula, not even after somebody edits it.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

from payments.reconciliation.domain.sheets import Column, Kind, Sheet
from portal.kernel.money import decimal_from_cents

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
FORMAT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
EPOCH = date(1899, 12, 30)
# The same figures make the same bytes.
MOMENT = (1980, 1, 1, 0, 0, 0)
NARROW, WIDE, LONGEST_CELL, LONGEST_NAME = 9, 60, 32_767, 31
# Styles by number, as STYLES lists them; those of the totals come after the others.
TITLE, LOOKS, BOLD = 1, {Kind.TEXT: 2, Kind.NUMBER: 3, Kind.MONEY: 4, Kind.DAY: 5, Kind.PRODUCT: 6}, 5
# Characters that XML does not allow, and what spreadsheets would read as the code of one.
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
CODED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def workbook(sheets: Sequence[Sheet], *, heading: str) -> bytes:
    """A page for each table, with its totals; `heading` is printed above each."""
    numbers = range(1, len(sheets) + 1)
    parts = {
        "[Content_Types].xml": _types(numbers),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _index(sheets),
        "xl/_rels/workbook.xml.rels": _relations(
            [*(("worksheet", f"worksheets/sheet{number}.xml") for number in numbers), ("styles", "styles.xml")]
        ),
        "xl/styles.xml": HEAD + STYLES,
    }
    for number, sheet in zip(numbers, sheets, strict=True):
        parts[f"xl/worksheets/sheet{number}.xml"] = _page(sheet, heading)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, MOMENT), text.encode(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _types(numbers: Sequence[int]) -> str:
    pages = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{FORMAT}.worksheet+xml"/>'
        for number in numbers
    )
    return (
        f'{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{FORMAT}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{FORMAT}.styles+xml"/>{pages}</Types>'
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    found = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{found}</Relationships>'


def _index(sheets: Sequence[Sheet]) -> str:
    """The names of the pages, and the titles that each printed page repeats."""
    names = [_name(sheet.title) for sheet in sheets]
    pages = "".join(
        f'<sheet name="{_quoted(name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(names, start=1)
    )
    titles = "".join(
        f'<definedName name="_xlnm.Print_Titles" localSheetId="{place}">{_text(_reference(name))}!$1:$1</definedName>'
        for place, name in enumerate(names)
    )
    return (
        f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{pages}</sheets>'
        f"<definedNames>{titles}</definedNames></workbook>"
    )


def _name(title: str) -> str:
    """A title as the name of a page may be."""
    return re.sub(r"[\[\]:*?/\\]", " ", title)[:LONGEST_NAME].strip("' ") or "Foglio"


def _reference(name: str) -> str:
    inside = name.replace("'", "''")
    return f"'{inside}'"


def _page(sheet: Sheet, heading: str) -> str:
    columns = [(place, column) for place, column in enumerate(sheet.columns) if not column.words]
    last = _letters(len(columns) - 1)
    totals = [sheet.total] if sheet.total and sheet.rows else []
    rows = [_row(2 + number, columns, row.values, 0) for number, row in enumerate(sheet.rows)]
    rows += [_row(2 + len(sheet.rows), columns, total, BOLD) for total in totals]
    above = f"{heading}: {sheet.title}".replace("&", "&&")[:200]
    return (
        f'{HEAD}<worksheet xmlns="{MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews>'
        '<sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        f"</sheetView></sheetViews>{_widths(sheet, columns)}<sheetData>{_titles(columns)}{''.join(rows)}</sheetData>"
        f'<autoFilter ref="A1:{last}{1 + len(sheet.rows)}"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>'
        f"<headerFooter><oddHeader>&amp;L{_text(above)}</oddHeader><oddFooter>&amp;R&amp;P/&amp;N</oddFooter>"
        "</headerFooter></worksheet>"
    )


def _widths(sheet: Sheet, columns: Sequence[tuple[int, Column]]) -> str:
    """Each column as wide as its longest value; titles are on several lines, as wide as their longest word."""
    tables = [*(row.values for row in sheet.rows), *([sheet.total] if sheet.total else [])]
    found = []
    for number, (place, column) in enumerate(columns, start=1):
        longest = max((len(column.say(values[place])) for values in tables), default=0)
        width = min(max(longest, *(len(word) + 2 for word in column.label.split()), NARROW) + 2, WIDE)
        found.append(f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>')
    return f"<cols>{''.join(found)}</cols>"


def _titles(columns: Sequence[tuple[int, Column]]) -> str:
    cells = (_cell(f"{_letters(n)}1", TITLE, Kind.TEXT, column.label) for n, (_place, column) in enumerate(columns))
    return f'<row r="1">{"".join(cells)}</row>'


def _row(number: int, columns: Sequence[tuple[int, Column]], values: Sequence[Any], bold: int) -> str:
    return f'<row r="{number}">{"".join(_cells(number, columns, values, bold))}</row>'


def _cells(number: int, columns: Sequence[tuple[int, Column]], values: Sequence[Any], bold: int) -> Iterator[str]:
    for n, (place, column) in enumerate(columns):
        kind, value = column.kind, values[place]
        if kind is Kind.DAY and not isinstance(value, date):
            kind = Kind.TEXT
        if value not in {None, ""}:
            yield _cell(f"{_letters(n)}{number}", LOOKS[kind] + bold, kind, value)


def _cell(where: str, style: int, kind: Kind, value: Any) -> str:
    match kind:
        case Kind.TEXT:
            said = _text(str(value)[:LONGEST_CELL])
            return f'<c r="{where}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{said}</t></is></c>'
        case Kind.DAY:
            figure = str((value - EPOCH).days)
        case Kind.MONEY | Kind.PRODUCT:
            figure = f"{decimal_from_cents(value):f}"
        case Kind.NUMBER:
            figure = str(int(value))
    return f'<c r="{where}" s="{style}"><v>{figure}</v></c>'


def _letters(place: int) -> str:
    """The name of a column: A is the first."""
    name, left = "", place + 1
    while left:
        left, letter = divmod(left - 1, 26)
        name = chr(65 + letter) + name
    return name


def _text(value: str) -> str:
    return escape(CODED.sub("_x005F_", UNFIT.sub("\N{REPLACEMENT CHARACTER}", value)))


def _quoted(value: str) -> str:
    return escape(UNFIT.sub("", value), {'"': "&quot;"})


def _style(font: int, form: int, place: str = "", fill: int = 0) -> str:
    return (
        f'<xf numFmtId="{form}" fontId="{font}" fillId="{fill}" borderId="0" xfId="0" applyNumberFormat="1" '
        f'applyFont="1" applyFill="1" applyAlignment="1"><alignment {place}/></xf>'
    )


# 49 is text, 3 a whole number, 4 a number with two decimals; the others are declared.
_TITLE = _style(1, 49, 'vertical="center" wrapText="1"', 2)
_FORMS = ((49, 'vertical="top" wrapText="1"'), (3, 'vertical="top"'), (164, 'vertical="top"'),
          (165, 'horizontal="left" vertical="top"'), (4, 'vertical="top"'))  # fmt: skip
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="#,##0.00\\ &quot;€&quot;"/>'
    '<numFmt numFmtId="165" formatCode="dd/mm/yyyy"/></numFmts><fonts count="2"><font><sz val="11"/>'
    '<name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="3"><fill>'
    '<patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill '
    'patternType="solid"><fgColor rgb="FFE6ECF2"/></patternFill></fill></fills><borders count="1"><border><left/>'
    "<right/><top/><bottom/><diagonal/></border></borders>"
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    f'<cellXfs count="12">{_style(0, 0)}{_TITLE}'
    f"{''.join(_style(font, form, place) for font in (0, 1) for form, place in _FORMS)}</cellXfs>"
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
