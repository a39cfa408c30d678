"""Which layout a notice has, and where each module stands on its sheets.

The header is on every sheet; the payment data come in order, the whole amount first, each number with its postal
part right under it; what doesn't fit goes to the next sheet. Instalments stand two or three in a row, never mixed
in one notice; from nine up the rows are compact. Source: Avviso di pagamento analogico 3.5.1.
"""

from dataclasses import dataclass
from typing import Final

from payments.notices.content import NoticeContent
from payments.notices.geometry import BOTTOM, GAP, MARGIN, Box, Module
from payments.notices.modules import COLUMNS, ONE, TWO, across, down

VERSION: Final = "3.5.1"
MANY: Final = 9
_BY_COLUMNS: Final = {2: ("pair", "postal-pair"), 3: ("triple", "postal-triple")}


@dataclass(frozen=True, slots=True)
class Placed:
    """A module on a sheet, in millimetres from its corner; `slip` is which number of the notice it shows."""

    module: str
    x: float
    y: float
    slip: int | None = None

    @property
    def place(self) -> str:
        """The names of its place in the style sheet."""
        return f"{across(self.x)} {down(self.y)}"

    @property
    def template(self) -> str:
        """The template of the module."""
        return f"payments/notices/parts/{self.module}.html"


Sheet = tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The sheets of a notice. Two notices with equal layouts differ only in their texts and codes."""

    name: str
    two_languages: bool
    sheets: tuple[Sheet, ...]

    @property
    def modules(self) -> dict[str, Module]:
        """The table its modules come from."""
        return TWO if self.two_languages else ONE

    def boxes(self, sheet: int) -> dict[tuple[str, int | None, str], Box]:
        """Where everything stands on a sheet: (module, slip, box) and its place on the paper."""
        return {
            (placed.module, placed.slip, name): box.moved(placed.x, placed.y)
            for placed in self.sheets[sheet]
            for name, box in self.modules[placed.module].boxes.items()
        }


def layout_of(content: NoticeContent) -> Layout:
    """The layout of a notice."""
    if content.fine:
        name, flow = "violazioni-cds", _fine(content)
    elif not content.instalments:
        name, flow = "rata-unica", _instalments(content, 1)
    elif len(content.instalments) >= MANY:
        name, flow = "molte-rate", _instalments(content, 3, many=True)
    else:
        columns = _columns(content)
        name, flow = f"rate-multiple-{columns}", _instalments(content, columns)
    suffix = f"-{content.second_language}" if content.second_language else ""
    return Layout(f"{VERSION}-{name}{suffix}", bool(content.second_language), flow.result())


class _Flow:
    """Puts groups of modules one under the other, and turns the sheet when one doesn't fit."""

    def __init__(self, content: NoticeContent, opening: tuple[str, ...]) -> None:
        self.content = content
        self.modules = TWO if content.second_language else ONE
        self.opening = opening
        self.sheets: list[list[Placed]] = []
        self.turn(opening)

    def turn(self, opening: tuple[str, ...] = ()) -> None:
        """Begin a sheet, with its header."""
        self.sheets.append([])
        self.y = MARGIN
        for name in ("header", *opening):
            self.fixed(name, after=GAP)

    def fixed(self, name: str, *, after: float) -> None:
        """A module that shows no number."""
        self.sheets[-1].append(Placed(name, MARGIN, self.y))
        self.y += self.modules[name].h + after

    def row(self, name: str, slips: tuple[int | None, ...], columns: int) -> None:
        """The same module for each number; a blank where there is none."""
        for column, slip in zip(COLUMNS[columns], slips, strict=False):
            if slip is not None:
                self.sheets[-1].append(Placed(name, column, self.y, slip))
        self.y += self.modules[name].h + GAP

    def room(self, *names: str, lead: float = 0) -> bool:
        """Whether these modules, one under the other, fit in what is left of the sheet."""
        needed = lead + sum(self.modules[name].h for name in names) + GAP * (len(names) - 1)
        return self.y + needed <= BOTTOM

    def group(self, name: str, postal: str, slips: tuple[int, ...], *, columns: int = 1, heading: bool = False) -> None:
        """A row of numbers and the postal parts under it, never on two sheets."""
        with_postal = tuple(slip if self.content.has_postal(self.content.slips[slip]) else None for slip in slips)
        names = (name, postal) if any(slip is not None for slip in with_postal) else (name,)
        if not self.room(*names, lead=self.modules["data"].h if heading else 0):
            self.turn()
        if heading:
            self.fixed("data", after=0)
        self.row(name, slips, columns)
        if len(names) > 1:
            self.row(postal, with_postal, columns)

    def result(self) -> tuple[Sheet, ...]:
        """The sheets."""
        return tuple(tuple(sheet) for sheet in self.sheets)


def _instalments(content: NoticeContent, columns: int, *, many: bool = False) -> _Flow:
    flow = _Flow(content, ("parties", "pay"))
    first = 0
    if content.single:
        flow.group("single", "postal-single", (0,))
        first = 1
    name, postal = ("many", "postal-triple") if many else _BY_COLUMNS.get(columns, ("", ""))
    for start in range(first, len(content.slips), columns):
        row = tuple(range(start, min(start + columns, len(content.slips))))
        flow.group(name, postal, row, columns=columns, heading=start == 0)
    return flow


def _fine(content: NoticeContent) -> _Flow:
    """Both amounts in a row; with a postal part, a sheet for each."""
    flow = _Flow(content, ("parties", "fine-pay"))
    if not any(content.has_postal(slip) for slip in content.slips):
        flow.group("fine", "", (0, 1), columns=2, heading=True)
        return flow
    whole = flow.room("fine-single", "postal-single")
    flow.group("fine-single", "postal-single", (0,))
    flow.turn(flow.opening if whole else ())
    flow.group("fine-single", "postal-single", (1,))
    return flow


def _columns(content: NoticeContent) -> int:
    """Two or three in a row: what divides the instalments, then what takes fewer sheets, then the wider row."""
    count = len(content.instalments)
    dividing = [columns for columns in (2, 3) if count % columns == 0] or [2, 3]
    return min(dividing, key=lambda columns: (len(_instalments(content, columns).result()), -columns))
