"""The straightforward way to print the same notice: flex layout, SVG codes, fonts and style parsed every time.

Nobody prints with it: it is the baseline of the notice benches, with the same fields and the same PDF variant, for
the notice with one number and for the one of a fine.
"""

from typing import Any

import segno
import zint
from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from payments.barcodes import rows_of
from payments.notices.captions import captions, postal_captions, wording
from payments.notices.content import NoticeContent, Slip
from payments.notices.pdf import VARIANT, look
from payments.notices.sheets import pay_text
from portal.documents.pdf import StaticFilesOnly

TEMPLATE = "payments/notices/naive.html"
FLEX = """
@page { margin: 10mm; }
.row { display: flex; gap: 6mm; margin-bottom: 6mm; }
.row > div { flex: 1; }
.paying { background: #ececec; padding: 4mm; }
.code svg { width: 25mm; height: 25mm; }
"""


def naive_notice_pdf(content: NoticeContent) -> bytes:
    """The same notice as pdf.notice_pdf."""
    say = wording(content.second_language)
    context = {
        "title": f"{captions()['title']} {content.first.number}",
        "content": content,
        "captions": say,
        "postal": postal_captions(),
        "pay": pay_text(content, say),
        "slips": [_slip(content, slip) for slip in content.slips],
    }
    fonts = FontConfiguration()
    fetcher = StaticFilesOnly(allowed_protocols=("file", "data"))
    style = CSS(string=look() + FLEX, font_config=fonts, url_fetcher=fetcher)
    page = HTML(string=render_to_string(TEMPLATE, context), url_fetcher=fetcher)
    return bytes(page.write_pdf(stylesheets=[style], font_config=fonts, pdf_variant=VARIANT))


def _slip(content: NoticeContent, slip: Slip) -> dict[str, Any]:
    postal = content.datamatrix_text(slip)
    return {
        "number": slip.number,
        "amount": slip.amount,
        "due": slip.due,
        "qr": _qr_svg(content.qr_text(slip)),
        "datamatrix": _datamatrix_svg(postal) if postal else "",
    }


def _qr_svg(text: str) -> str:
    return segno.make(text, version=4, error="m", boost_error=False).svg_inline(border=0, omitsize=True)


def _datamatrix_svg(text: str) -> str:
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.DATAMATRIX
    symbol.encode(text)
    squares = "".join(
        f"M{x} {y}h1v1h-1z"
        for y, row in enumerate(rows_of(symbol))
        for x in range(symbol.width)
        if row[x >> 3] >> (x & 7) & 1
    )
    side = symbol.width
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><path d="{squares}"/></svg>'
