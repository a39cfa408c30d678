"""The compiled English catalogue, which make setup makes from locale/en: tests of English pages need it fresh."""

from pathlib import Path

import pytest
from django.conf import settings

PO = Path(settings.LOCALE_PATHS[0]) / "en" / "LC_MESSAGES" / "django.po"


def need_english() -> None:
    """Skips, loudly, where English is not compiled or was compiled before the last change."""
    compiled = PO.with_suffix(".mo")
    if not compiled.exists() or compiled.stat().st_mtime < PO.stat().st_mtime:
        pytest.skip("locale/en is not compiled (`make setup`, or msgfmt): pages in English were NOT tried")
