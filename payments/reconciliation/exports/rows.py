"""What a layout is given: collection orders to be. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

MOST_TEXT = 140


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One collection order: a provisional on an assessment. Cents; `year` is that of the provisional."""

    year: int
    provisional: str
    provisional_on: date
    assessment_year: int
    assessment: str
    chapter: str
    siope: str
    description: str
    cents: int
    payer: str

    @property
    def residual(self) -> bool:
        """Whether the assessment is of an earlier year than the provisional."""
        return self.assessment_year < self.year

    @property
    def text(self) -> str:
        """The reason of the order (causale), as long as it may be."""
        return f"Incassi pagoPA, provvisorio {self.provisional}/{self.year}, {self.description}"[:MOST_TEXT]


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind of file. `example` tells that no office has confirmed it yet."""

    code: str
    title: str
    suffix: str
    write: Callable[[Sequence[OrderRow]], bytes]
    example: bool = False
