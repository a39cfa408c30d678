"""The measures of the printed notice, in millimetres: boxes, modules and the style sheet that puts them in place.

A4 with margins of 10 mm; 6 mm between modules; codes of 25 mm with nothing printed in their quiet zones.
Source: pagoPA, Avviso di pagamento analogico 3.5.1, "Regole di impaginazione". The boxes of each module are in
payments/notices/modules.py, the place of each module on the sheets in payments/notices/layouts.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0
MARGIN = 10.0
WIDTH = PAGE_WIDTH - 2 * MARGIN
BOTTOM = PAGE_HEIGHT - MARGIN
GAP = 6.0
# Modules begin at whole steps from the top of the sheet.
STEP = 0.5
CODE_SIDE = 25.0
# Blank around a symbol: 4 modules of 33 for the QR, and as much for the DataMatrix, which asks for one of 48.
QUIET_ZONE = 3.1
LOGO_SIDE = 30.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """The far edge."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.h

    def grown(self, by: float) -> "Box":
        """The box with a border of `by` on all sides."""
        return Box(self.x - by, self.y - by, self.w + 2 * by, self.h + 2 * by)

    def moved(self, x: float, y: float) -> "Box":
        """The same box somewhere else."""
        return Box(self.x + x, self.y + y, self.w, self.h)

    def overlaps(self, other: "Box") -> bool:
        """Whether the two share any area, a thousandth of a millimetre apart from touching."""
        across = min(self.right, other.right) - max(self.x, other.x)
        down = min(self.bottom, other.bottom) - max(self.y, other.y)
        return across > 0.001 and down > 0.001

    def css(self) -> str:
        """Its place, as a declaration."""
        return f"left:{self.x:g}mm;top:{self.y:g}mm;width:{self.w:g}mm;height:{self.h:g}mm"


@dataclass(frozen=True, slots=True)
class Module:
    """A part of the notice that stands as one: its size, and its boxes measured from its own corner."""

    w: float
    h: float
    texts: Mapping[str, Box]
    codes: Mapping[str, Box] = field(default_factory=dict)

    @property
    def boxes(self) -> dict[str, Box]:
        """Texts and codes together."""
        return {**self.texts, **self.codes}

    def lowered(self, by: float, **texts: Box) -> "Module":
        """A taller module: everything goes down by `by`, and `texts` replace or join what is above."""
        lower = {name: box.moved(0, by) for name, box in self.texts.items()}
        codes = {name: box.moved(0, by) for name, box in self.codes.items()}
        return Module(self.w, self.h + by, {**lower, **texts}, codes)
