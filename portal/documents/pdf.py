"""HTML to PDF with WeasyPrint. Fonts and style sheets are parsed once per process: that is most of the cost."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from portal.words import in_italian

STYLE = "portal/css/pdf.css"


class StaticFilesOnly(URLFetcher):  # type: ignore[misc]
    """Documents may load our own static files (`static:path`) and data URIs, nothing else."""

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        if url.startswith("static:"):
            path = finders.find(url.removeprefix("static:"))
            if path is None:
                raise ValueError(f"static file not found: {url}")
            return super().fetch(f"file://{path}", headers)
        if not url.startswith("data:"):
            raise ValueError("documents load nothing from outside")
        return super().fetch(url, headers)


@cache
def _fonts() -> FontConfiguration:
    return FontConfiguration()


@cache
def _fetcher() -> StaticFilesOnly:
    return StaticFilesOnly(allowed_protocols=("file", "data"))


@cache
def _style(path: str) -> CSS:
    return CSS(url=f"static:{path}", font_config=_fonts(), url_fetcher=_fetcher())


def html_to_pdf(html: str, *, style: str = STYLE, variant: str = "pdf/ua-1") -> bytes:
    """PDF bytes of a whole HTML page (tagged, with language and title from the page)."""
    document = HTML(string=html, url_fetcher=_fetcher())
    return bytes(document.write_pdf(stylesheets=[_style(style)], font_config=_fonts(), pdf_variant=variant))


def render_pdf(template: str, context: dict[str, Any], *, style: str = STYLE) -> bytes:
    """Render a template to PDF bytes. An act is Italian, whatever language its reader chose for the pages."""
    with in_italian():
        return html_to_pdf(render_to_string(template, context), style=style)
