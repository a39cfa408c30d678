"""Readers of the shipped files: figures of law and library of prescriptions."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from exceptional_transport.models import LegalFigure

DATA = Path(__file__).parent / "data"


def load_figures(*, confirmed_by: str = "") -> int:
    """Load data/law.toml; rows already there stay as the office left them. Returns how many were new.

    Rows read in a published text (mark V) come in as confirmed; the others wait, unless `confirmed_by` is given.
    """
    new = 0
    for group in tomllib.loads((DATA / "law.toml").read_text(encoding="utf-8"))["figure"]:
        confirmed = "testo pubblicato" if group["mark"] == "V" else confirmed_by
        for code, value in group["codes"].items():
            row, created = LegalFigure.objects.get_or_create(
                code=code,
                valid_from=group["valid_from"],
                defaults={
                    "value": value,
                    "unit": group["unit"],
                    "source": group["source"],
                    "mark": group["mark"],
                    "confirmed_by": confirmed,
                },
            )
            new += created
            if not row.confirmed_by and confirmed:
                LegalFigure.objects.filter(pk=row.pk).update(confirmed_by=confirmed)
    return new


@dataclass(frozen=True, slots=True)
class Prescription:
    """A line of the library; `when` names what makes it proposed."""

    key: str
    text: str
    source: str
    mandatory: bool
    when: str = ""


@cache
def prescription_library() -> tuple[Prescription, ...]:
    """data/prescriptions.toml, mandatory ones first."""
    raw = tomllib.loads((DATA / "prescriptions.toml").read_text(encoding="utf-8"))["prescription"]
    return tuple(sorted((Prescription(**row) for row in raw), key=lambda row: not row.mandatory))
