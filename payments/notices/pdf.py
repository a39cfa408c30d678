"""The PDF of a notice. Fonts and style are parsed once per thread: that, the absolute layout and the 1-bit codes
are why it is more than twice as fast as the plain way (see naive.py and the bench)."""

import threading
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from payments.barcodes import datamatrix, qr
from payments.notices import geometry
from payments.notices.captions import captions
from payments.notices.content import NoticeContent
from portal.documents.pdf import StaticFilesOnly

LAYOUT = "3.5.1-rata-unica"
TEMPLATE = "payments/notices/single.html"
STYLE = "payments/css/notice.css"
VARIANT = "pdf/ua-1"
_local = threading.local()


class Press:
    """What one thread keeps between notices: WeasyPrint's fonts are not to be shared."""

    def __init__(self) -> None:
        self.fonts = FontConfiguration()
        self.fetcher = StaticFilesOnly(allowed_protocols=("file", "data"))
        self.style = CSS(string=style_text(), font_config=self.fonts, url_fetcher=self.fetcher)


def style_text() -> str:
    """The style sheet: what it looks like, from a file; where it stands, from the table."""
    path = finders.find(STYLE)
    if path is None:
        raise FileNotFoundError(STYLE)
    return Path(path).read_text(encoding="utf-8") + geometry.style_sheet()


def press() -> Press:
    """The thread's own press, made at the first notice."""
    if not hasattr(_local, "press"):
        _local.press = Press()
    return _local.press  # type: ignore[no-any-return]


def notice_pdf(content: NoticeContent) -> bytes:
    """A tagged, accessible PDF of one page."""
    html = render_to_string(TEMPLATE, notice_context(content))
    tools = press()
    page = HTML(string=html, url_fetcher=tools.fetcher)
    return bytes(page.write_pdf(stylesheets=[tools.style], font_config=tools.fonts, pdf_variant=VARIANT))


def notice_context(content: NoticeContent) -> dict[str, object]:
    """What the template needs."""
    postal_text = content.datamatrix_text(content.first)
    return {
        "content": content,
        "slip": content.first,
        "captions": captions()["notice"],
        "postal": captions()["postal"],
        "qr": qr(content.qr_text(content.first)).data_uri,
        "datamatrix": datamatrix(content.datamatrix_text(content.first)).data_uri
        if content.has_postal(content.first)
        else "",
    }
