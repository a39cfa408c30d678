"""A whole file, line by line: values, or errors with row and column; and what it adds up to."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final, Generic, TypeVar

from payments.fines.domain.columns import Placed
from payments.fines.domain.figures import Law
from payments.fines.domain.rows import Act, FineRow, ServedRow, Wrong, fine_row, served_row
from payments.fines.formats.tables import Line, UnreadableFile, open_table

MOST_LINES: Final = 200_000
MOST_SHOWN: Final = 200

SAME_REFERENCE: Final = "Senza segni il numero è uguale a quello {}: il riferimento del bonifico sarebbe lo stesso."

R = TypeVar("R", bound=FineRow | ServedRow)
RowOf = Callable[[dict[str, Any]], tuple[R | None, list[Wrong]]]


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong, and where: the line as a spreadsheet numbers it, the name of the column."""

    line: int
    column: str
    message: str


@dataclass(slots=True)
class Totals:
    """What a file adds up to. Of the errors the first ones are kept, all are counted."""

    rows: int = 0
    foreign: int = 0
    served: int = 0
    driver_data: int = 0
    sanction_cents: int = 0
    costs_cents: int = 0
    numbers: int = 0
    errors_count: int = 0
    errors: list[RowError] = field(default_factory=list)

    def refuse(self, error: RowError) -> None:
        """Count an error; show it if there is room."""
        self.errors_count += 1
        if len(self.errors) < MOST_SHOWN:
            self.errors.append(error)

    def as_json(self) -> dict[str, Any]:
        """For a column of the database."""
        return asdict(self)


class Reading(Generic[R]):
    """Iterate to get (line, row) of the good lines; `totals` grows meanwhile."""

    def __init__(self, content: bytes, *, kind: str, row_of: RowOf[R]) -> None:
        self.totals = Totals()
        self._content = content
        self._kind = kind
        self._row_of: RowOf[R] = row_of
        self._seen: dict[Act, int] = {}
        self._references: dict[str, int] = {}

    def __iter__(self) -> Iterator[tuple[int, R]]:
        try:
            placed, lines = open_table(self._content, kind=self._kind)
            for line in lines:
                if self.totals.rows >= MOST_LINES:
                    self._wrong(line.number, [("", f"Il file supera le {MOST_LINES} righe: dividilo.")])
                    return
                row = self._row(placed, line)
                if row is not None:
                    yield line.number, row
        except UnreadableFile as error:
            self._wrong(1, [("", str(error))])
            return
        if not self.totals.rows:
            self._wrong(1, [("", "Il file non contiene righe.")])

    def _row(self, placed: Placed, line: Line) -> R | None:
        self.totals.rows += 1
        if any(cell.strip() for cell in line.cells[placed.width :]):
            return self._wrong(line.number, [("", "La riga ha più celle dell'intestazione.")])
        values, errors = placed.read(line.cells)
        if errors:
            return self._wrong(line.number, errors)
        row, wrong = self._row_of(values)
        if row is None:
            return self._wrong(line.number, wrong)
        first = self._seen.setdefault(row.act, line.number)
        if first != line.number:
            return self._wrong(line.number, [("numero_verbale", f"Lo stesso verbale è già alla riga {first}.")])
        if isinstance(row, FineRow) and row.reference:
            first = self._references.setdefault(row.reference, line.number)
            if first != line.number:
                return self._wrong(line.number, [("numero_verbale", SAME_REFERENCE.format(f"della riga {first}"))])
        self._add(row)
        return row

    def _wrong(self, line: int, errors: list[Wrong]) -> R | None:
        """Count what is wrong; there is no row then."""
        for column, message in errors:
            self.totals.refuse(RowError(line, column, message))
        return None

    def _add(self, row: FineRow | ServedRow) -> None:
        totals = self.totals
        totals.served += row.served_on is not None
        if isinstance(row, FineRow):
            totals.foreign += row.is_foreign
            totals.driver_data += row.driver_data
            totals.sanction_cents += row.min_cents
            totals.costs_cents += row.costs_cents + row.send_fee_cents


def read_acts(content: bytes, *, law: Law, today: date) -> Reading[FineRow]:
    """The fines of a file."""
    return Reading(content, kind="acts", row_of=lambda values: fine_row(values, law=law, today=today))


def read_served(content: bytes, *, today: date) -> Reading[ServedRow]:
    """The days of service of a file."""
    return Reading(content, kind="served", row_of=lambda values: served_row(values, today=today))
