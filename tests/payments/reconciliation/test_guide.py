"""The day of the accountant, as the guide tells it: what it names is written on the pages."""

import re
from itertools import chain
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
SECTION = "## La giornata, passo per passo"


def test_every_button_page_and_column_that_the_guide_of_the_day_names_exists():
    guide = (ROOT / "docs/guide/ragioneria.md").read_text()
    section = guide.split(SECTION)[1].split("\n## ")[0]
    plain = " ".join(section.replace("**", "").split())
    named = set(re.findall(r"\*([^*]+)\*", plain))
    pages = chain((ROOT / "templates/payments").rglob("*.html"), (ROOT / "payments").rglob("*.py"))
    written = "\n".join(path.read_text() for path in pages)
    assert len(named) > 15
    assert {name for name in named if name.lower() not in written.lower()} == set()
