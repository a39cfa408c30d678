"""What a position's page says besides amount and number: who asked for the money registers its own part of the page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from payments.selectors import PositionPage

Reader = Callable[[PositionPage, date], Any]


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
