import tomllib
from pathlib import Path

from portal.cases.models import LegalTerm

TERMS = Path(__file__).parent.parent / "data" / "legal_terms.toml"


def load_legal_terms(*, confirmed_by: str = "") -> int:
    """Load the terms of the shipped file that are not there yet; returns how many. Rows already there are not
    touched: the office may have confirmed or changed them. Without `confirmed_by` they wait for a confirmation."""
    rows = tomllib.loads(TERMS.read_text(encoding="utf-8"))["term"]
    before = LegalTerm.objects.count()
    LegalTerm.objects.bulk_create(
        [
            LegalTerm(
                code=row["code"],
                days=row["days"],
                valid_from=row["valid_from"],
                source=f"{row['source']} [{row['mark']}]",
                confirmed_by=confirmed_by,
            )
            for row in rows
        ],
        ignore_conflicts=True,
    )
    return LegalTerm.objects.count() - before
