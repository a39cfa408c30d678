"""Adjacent axles (art. 62 c. 6 of the highway code). Pure."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from exceptional_transport.domain.convoy import Axle
from exceptional_transport.domain.figures import Figures


@dataclass(frozen=True, slots=True)
class Pair:
    """Two consecutive axles; `first` counts from 1 along the whole convoy."""

    first: int
    spacing_mm: int
    mass_kg: int

    @property
    def label(self) -> str:
        return f"assi {self.first} e {self.first + 1}"


def pairs(axles: Sequence[Axle]) -> Iterator[Pair]:
    """Every two consecutive axles of a convoy, also across two vehicles."""
    for position, (before, after) in enumerate(itertools.pairwise(axles), start=1):
        yield Pair(position, after.spacing_mm, before.mass_kg + after.mass_kg)


def pair_limit_code(spacing_mm: int) -> str | None:
    """The figure that limits two axles at this distance; None when they are not adjacent for the law (2 m or more)."""
    if spacing_mm < 1000:
        return "pair_below_1000_mm"
    if spacing_mm < 1300:
        return "pair_1000_1300_mm"
    if spacing_mm < 2000:
        return "pair_1300_2000_mm"
    return None


def pair_limit_kg(pair: Pair, figures: Figures) -> int | None:
    """Most kg two adjacent axles may carry together. Raises DomainError when the figure is missing."""
    code = pair_limit_code(pair.spacing_mm)
    return figures[code] if code else None
