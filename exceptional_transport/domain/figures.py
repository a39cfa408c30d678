"""Figures that a norm or an act sets: dated, with their source, usable only when confirmed. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from portal.kernel.errors import DomainError


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its unit. Without `confirmed_by` nobody has taken it upon themselves yet."""

    code: str
    value: int
    unit: str
    valid_from: date
    valid_to: date | None
    source: str
    confirmed_by: str

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Figures:
    """The figures in force on a day."""

    def __init__(self, rows: Iterable[Figure], *, on: date) -> None:
        self._rows = {row.code: row for row in sorted(rows, key=lambda row: row.valid_from) if row.covers(on)}
        self.on = on

    def __getitem__(self, code: str) -> int:
        """The value of a figure. Raises DomainError: figure_missing, figure_unconfirmed."""
        row = self._rows.get(code)
        if row is None:
            text = "Manca il valore «%(figure)s» in vigore il %(day)s."
            raise DomainError("figure_missing", text, figure=code, day=f"{self.on:%d/%m/%Y}")
        if not row.confirmed_by:
            text = "Il valore «%(figure)s» (%(source)s) attende la conferma dell'ufficio."
            raise DomainError("figure_unconfirmed", text, figure=code, source=row.source)
        return row.value

    def source(self, code: str) -> str:
        """The norm behind a figure, empty when there is none."""
        row = self._rows.get(code)
        return row.source if row else ""
