"""Where everything stands on the page, in millimetres: one table, from which the style sheet is made.

A4 with margins of 10 mm; 6 mm between modules; codes of 25 mm with nothing printed in their quiet zones.
Source: pagoPA, Avviso di pagamento analogico 3.5.1, "Regole di impaginazione".
"""

from dataclasses import dataclass
from typing import Final

PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0
MARGIN = 10.0
CODE_SIDE = 25.0
# Blank around a symbol: 4 modules of 33 for the QR, and as much for the DataMatrix, which asks for one of 48.
QUIET_ZONE = 3.1
LOGO_SIDE = 30.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the page; `css` adds what only this box has."""

    x: float
    y: float
    w: float
    h: float
    css: str = ""

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

    def overlaps(self, other: "Box") -> bool:
        """Whether the two share any area."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom


BACKGROUND = "background:#ececec"
RULE = "border-top:0.3mm solid #000"
DASHED = "border-top:0.3mm dashed #000"

# Surfaces and lines, drawn first.
GROUNDS: Final[dict[str, Box]] = {
    "ground-pay": Box(10, 91, 190, 57, BACKGROUND),
    "line-data": Box(10, 154, 190, 0, RULE),
    "line-postal": Box(10, 213, 190, 0, DASHED),
}

CODES: Final[dict[str, Box]] = {
    "qr": Box(13.5, 170, CODE_SIDE, CODE_SIDE),
    "datamatrix": Box(171.5, 230, CODE_SIDE, CODE_SIDE),
}

TEXTS: Final[dict[str, Box]] = {
    "title": Box(10, 10, 150, 10),
    "subject": Box(10, 22, 150, 16),
    "logo": Box(170, 10, LOGO_SIDE, LOGO_SIDE),
    "creditor": Box(10, 46, 92, 39),
    "addressee": Box(108, 46, 92, 39),
    "how-much": Box(14, 95, 84, 49),
    "where": Box(108, 95, 88, 49),
    "data-title": Box(10, 156, 110, 8),
    "data-due": Box(120, 156, 80, 8),
    "qr-help": Box(42.5, 169, 26, 41),
    "data-left": Box(70, 166, 73, 44),
    "data-right": Box(146, 166, 54, 44),
    "postal-title": Box(10, 215, 110, 8),
    "postal-due": Box(120, 215, 80, 8),
    "postal-left": Box(10, 226, 58, 55),
    "postal-middle": Box(72, 226, 94, 55),
    "postal-authorisation": Box(10, 282, 150, 5),
}


def style_sheet() -> str:
    """The rules that put each box in its place."""
    rules = [
        f".{name}{{left:{box.x}mm;top:{box.y}mm;width:{box.w}mm;height:{box.h}mm;{box.css}}}"
        for name, box in (GROUNDS | CODES | TEXTS).items()
    ]
    return "\n".join(rules)
