"""The PDF of a notice: PDF/A-2a, tagged. Fonts and style are parsed once per thread: that, the absolute layout and the
1-bit codes are why it is more than twice as fast as the plain way (see naive.py and the bench)."""

import threading
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from payments.notices import modules
from payments.notices.content import NoticeContent
from payments.notices.sheets import notice_context
from payments.notices.tags import repeated_headers_are_decoration
from portal.documents.pdf import StaticFilesOnly

__all__ = ["TEMPLATE", "VARIANT", "Press", "look", "notice_context", "notice_pdf", "press", "style_text"]

TEMPLATE = "payments/notices/notice.html"
STYLE = "payments/css/notice.css"
VARIANT = "pdf/a-2a"
_local = threading.local()


class Press:
    """What one thread keeps between notices: WeasyPrint's fonts are not to be shared."""

    def __init__(self) -> None:
        self.fonts = FontConfiguration()
        self.fetcher = StaticFilesOnly(allowed_protocols=("file", "data"))
        self.style = CSS(string=style_text(), font_config=self.fonts, url_fetcher=self.fetcher)


def style_text() -> str:
    """The style sheet: what it looks like, from a file; where it stands, from the table."""
    return look() + modules.style_sheet()


def look() -> str:
    """What the notice looks like."""
    path = finders.find(STYLE)
    if path is None:
        raise FileNotFoundError(STYLE)
    return Path(path).read_text(encoding="utf-8")


def press() -> Press:
    """The thread's own press, made at the first notice."""
    if not hasattr(_local, "press"):
        _local.press = Press()
    return _local.press  # type: ignore[no-any-return]


def notice_pdf(content: NoticeContent) -> bytes:
    """The notice as it is printed and kept. Raises NoticeError."""
    html = render_to_string(TEMPLATE, notice_context(content))
    tools = press()
    page = HTML(string=html, url_fetcher=tools.fetcher)
    return bytes(
        page.write_pdf(
            stylesheets=[tools.style],
            font_config=tools.fonts,
            pdf_variant=VARIANT,
            finisher=repeated_headers_are_decoration,
        )
    )
