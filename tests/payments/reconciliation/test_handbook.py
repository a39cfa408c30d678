from pathlib import Path

from django.conf import settings

from payments.reconciliation.domain.outcomes import CODES
from payments.reconciliation.handbook import drawn

PAGE = Path(settings.BASE_DIR) / "docs" / "reconciliation.md"


def test_the_tables_of_the_handbook_are_those_of_the_code():
    text = PAGE.read_text(encoding="utf-8")
    assert drawn(text) == text, "run manage.py draw_handbook"
    assert all(f"| {card.title} | `{code}` |" in text for code, card in CODES.items())
