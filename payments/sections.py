"""What the page of a position, or of an odd receipt, says besides: who asked for the money registers its own part."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from payments.models import Position
from payments.selectors import PositionPage

Reader = Callable[[PositionPage, date], Any]
CaseReader = Callable[[Position], Any]


@dataclass(frozen=True, slots=True)
class Section:
    """Two templates and what they show: `why` stands below the amount and explains it, `more` takes the place of the
    plain list of lines."""

    why: str
    more: str
    data: Any


_readers: dict[str, tuple[str, str, Reader]] = {}


def register_section(prefix: str, *, why: str, more: str, read: Reader) -> None:
    """`read(page, day)` answers for charges whose source is `prefix:...`. Called in AppConfig.ready."""
    _readers[prefix] = (why, more, read)


def section_of(page: PositionPage, *, on: date) -> Section | None:
    """The part of the page of a position; None for those that have none."""
    found = _readers.get(page.position.charge.source.partition(":")[0])
    if found is None:
        return None
    why, more, read = found
    return Section(why, more, read(page, on))


@dataclass(frozen=True, slots=True)
class CaseSection:
    """A template and what it shows."""

    template: str
    data: Any


_case_readers: dict[str, tuple[str, CaseReader]] = {}


def register_case_section(prefix: str, *, template: str, read: CaseReader) -> None:
    """`read(position)` answers for odd receipts of charges whose source is `prefix:...`. Called in AppConfig.ready."""
    _case_readers[prefix] = (template, read)


def case_section_of(position: Position) -> CaseSection | None:
    """The part of the page of an odd receipt of this position; None for those that have none."""
    found = _case_readers.get(position.charge.source.partition(":")[0])
    if found is None:
        return None
    template, read = found
    return CaseSection(template, read(position))
