"""What a template does with its context: which texts it prints, on which conditions.

The context is wrapped: every text read through it comes out as one private character, a mark that survives escaping
and upper case and is found again on the page; every condition looked at is written down with what it was. A value that
the template compares, or puts where it shapes the page, is shown as it is, and its exact value becomes a condition.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

FIRST_MARK: Final = 0xE000
LAST_MARK: Final = 0xF8FF
MARKS: Final = re.compile(f"[{chr(FIRST_MARK)}-{chr(LAST_MARK)}]")

Path = tuple[str | int, ...]


class Unshapeable(ValueError):
    """What this notice asks for cannot be filled in: WeasyPrint prints it."""


@dataclass
class Trace:
    """The marks given out and the conditions met while a template was rendered."""

    literal: frozenset[Path]
    texts: list[Path] = field(default_factory=list)
    conditions: dict[Path, object] = field(default_factory=dict)
    compared: set[Path] = field(default_factory=set)

    def wrap(self, path: Path, value: Any) -> Any:
        """The value as the template is to see it."""
        if callable(value):
            value = value()
        if path in self.literal or value is None or isinstance(value, bool):
            self.conditions[path] = value
            return value
        self.conditions[path] = shape_of(value)
        if isinstance(value, str):
            return self._mark(path) if value.strip() else ""
        if isinstance(value, list | tuple):
            return [self.wrap((*path, index), item) for index, item in enumerate(value)]
        if isinstance(value, Mapping):
            return _TracedMapping(self, path, value)
        if type(value).__module__ == "builtins" or not hasattr(value, "__dataclass_fields__"):
            return _Opaque(self, path, value)
        return _TracedObject(self, path, value)

    def _mark(self, path: Path) -> "_Mark":
        if path not in self.texts:
            if FIRST_MARK + len(self.texts) > LAST_MARK:
                raise Unshapeable("too many texts on the page")
            self.texts.append(path)
        mark = _Mark(chr(FIRST_MARK + self.texts.index(path)))
        mark.trace, mark.path = self, path
        return mark


def shape_of(value: object) -> object:
    """What of a value makes a difference to a condition: empty or not, how many."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return "text" if value.strip() else ""
    if isinstance(value, list | tuple):
        return len(value)
    return "something" if value else "nothing"


def resolved(context: Mapping[str, Any], path: Path) -> Any:
    """The value at a path, read as a template does."""
    value: Any = context
    for step in path:
        value = value[step] if isinstance(step, int) or isinstance(value, Mapping) else getattr(value, step)
        if callable(value):
            value = value()
    return value


class _Mark(str):
    """The mark of a text. Comparing it with anything says that the text itself matters."""

    trace: Trace
    path: Path

    def _compared(self, other: object) -> bool:
        self.trace.compared.add(self.path)
        return False

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _compared
    __contains__ = _compared
    __hash__ = str.__hash__


class _Opaque:
    """A number or a date: a condition may look whether it is there, and whoever prints it makes its value matter."""

    def __init__(self, trace: Trace, path: Path, value: object) -> None:
        self._trace, self._path, self._value = trace, path, value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __str__(self) -> str:
        self._trace.compared.add(self._path)
        return str(self._value)

    def __getattr__(self, name: str) -> Any:
        self._trace.compared.add(self._path)
        return getattr(self._value, name)

    def _compared(self, other: object) -> bool:
        self._trace.compared.add(self._path)
        return False

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _compared
    __hash__ = None  # type: ignore[assignment]


class _TracedObject:
    def __init__(self, trace: Trace, path: Path, value: object) -> None:
        self._trace, self._path, self._value = trace, path, value

    def __getattr__(self, name: str) -> Any:
        return self._trace.wrap((*self._path, name), getattr(self._value, name))


class _TracedMapping(Mapping[str, Any]):
    def __init__(self, trace: Trace, path: Path, value: Mapping[str, Any]) -> None:
        self._trace, self._path, self._value = trace, path, value

    def __getitem__(self, key: str) -> Any:
        return self._trace.wrap((*self._path, key), self._value[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._value)

    def __len__(self) -> int:
        return len(self._value)
