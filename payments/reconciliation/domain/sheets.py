"""A table of figures that is shown on a page, printed and given to spreadsheets. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from payments.domain.spreadsheet import BOM, Figure, line
from portal.kernel.money import euro, euro_plain


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DAY = "day"
    # Euro times days, in hundredths: a number, not an amount.
    PRODUCT = "product"


NOTHING = "\N{EN DASH}"
# More columns than these do not become cards on a phone: the table scrolls in its box.
MOST_ON_A_CARD = 10
FIGURES = {Kind.NUMBER, Kind.MONEY, Kind.PRODUCT}


@dataclass(frozen=True, slots=True)
class Column:
    """What stands in a column. `extra` is for spreadsheets alone, `words` for readers alone; the amounts of a `bare`
    column do without the sign of the euro, and nothing is a dash: the note of the table says so.
    """

    label: str
    kind: Kind = Kind.TEXT
    extra: bool = False
    words: bool = False
    bare: bool = False

    @property
    def numeric(self) -> bool:
        return self.kind in FIGURES

    def say(self, value: Any) -> str:
        """A value of the column as people read it."""
        if value is None:
            return ""
        if self.bare and self.kind is Kind.MONEY:
            return euro_plain(value) if value else NOTHING
        if self.kind is Kind.MONEY:
            return euro(value)
        if self.kind is Kind.PRODUCT:
            return euro_plain(value)
        return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)

    def plain(self, value: Any) -> str:
        """A value of the column as spreadsheets read it in a text file."""
        if value is None:
            return ""
        if self.kind in {Kind.MONEY, Kind.PRODUCT}:
            return Figure(euro_plain(value).replace(".", ""))
        return Figure(value) if self.kind is Kind.NUMBER else self.say(value)


@dataclass(frozen=True, slots=True)
class Row:
    """Values in the order of the columns; `receipt_id` when there is a receipt to open."""

    values: tuple[Any, ...]
    receipt_id: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as people read it."""

    label: str
    text: str
    kind: Kind

    @property
    def numeric(self) -> bool:
        return self.kind in FIGURES


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table, what it says of itself, and what it says when it is empty. `total` has a value a column."""

    name: str
    title: str
    note: str
    empty: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    total: tuple[Any, ...] | None = None

    @property
    def head(self) -> list[Column]:
        """The columns that people read."""
        return [column for column in self.columns if not column.extra]

    @property
    def wide(self) -> bool:
        return len(self.head) > MOST_ON_A_CARD

    def cells(self, values: Sequence[Any]) -> list[Cell]:
        """A row as people read it."""
        pairs = zip(self.columns, values, strict=True)
        return [Cell(each.label, each.say(value), each.kind) for each, value in pairs if not each.extra]

    @property
    def shown(self) -> list[tuple[int | None, list[Cell]]]:
        """Every row as people read it, with its receipt."""
        return [(row.receipt_id, self.cells(row.values)) for row in self.rows]

    @property
    def foot(self) -> list[Cell]:
        """The totals as people read them."""
        return self.cells(self.total) if self.total and self.rows else []

    def lines(self) -> Iterator[str]:
        """The rows as spreadsheets open them, without the totals: who works on the numbers adds them up."""
        yield BOM
        yield line([column.label for column in self.columns if not column.words])
        for row in self.rows:
            pairs = zip(self.columns, row.values, strict=True)
            yield line([each.plain(value) for each, value in pairs if not each.words])
