"""Where the bars of a chart go. Whole numbers only, in the units of its view box; the templates draw them. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

HEIGHT, TOP, BOTTOM, LEFT, RIGHT = 250, 16, 34, 84, 8
GROUP, GAP = 46, 10
BAR_WIDTH, BAR_ROW, BAR_HEIGHT, LABEL_HEIGHT = 280, 48, 16, 18
SHOWN, LETTERS = 8, 50


@dataclass(frozen=True, slots=True)
class Mark:
    """A rectangle; `title` is its value in words, `series` tells which colour."""

    x: int
    y: int
    width: int
    height: int
    series: int
    title: str


@dataclass(frozen=True, slots=True)
class Word:
    """A label and where it stands."""

    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing ready for its template."""

    width: int
    height: int
    marks: tuple[Mark, ...]
    words: tuple[Word, ...]
    ticks: tuple[Word, ...] = ()
    values: tuple[Word, ...] = ()


def ceiling(value: int) -> int:
    """The first round number (1, 2 or 5 and zeros) that is not below a value."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if factor * step >= value:
                return factor * step
        step *= 10


def columns(labels: Sequence[str], series: Sequence[tuple[str, Sequence[int]]], *, say: Callable[[int], str]) -> Chart:
    """Groups of columns side by side: one group a label, one column a series. `say` writes a value."""
    top = ceiling(max((value for _name, values in series for value in values), default=0) or 1)
    floor, room = HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP
    width = (GROUP - GAP) // len(series)
    marks = []
    for index, (name, values) in enumerate(series):
        for place, value in enumerate(values):
            tall = round(value * room / top)
            x = LEFT + place * GROUP + GAP // 2 + index * width
            marks.append(Mark(x, floor - tall, width - 2, tall, index, f"{labels[place]}, {name}: {say(value)}"))
    words = [Word(LEFT + place * GROUP + GROUP // 2, HEIGHT - 12, label) for place, label in enumerate(labels)]
    ticks = [Word(LEFT, floor - room * part // 4, say(top * part // 4)) for part in range(5)]
    return Chart(LEFT + max(len(labels), 4) * GROUP + RIGHT, HEIGHT, tuple(marks), tuple(words), tuple(ticks))


def bars(rows: Sequence[tuple[str, int]], *, say: Callable[[int], str], rest: str) -> Chart:
    """Bars under their labels, the longest first; what does not fit is summed up under the label `rest`."""
    ordered = sorted(rows, key=lambda row: (-row[1], row[0]))
    if len(ordered) > SHOWN:
        ordered = [*ordered[: SHOWN - 1], (rest, sum(value for _label, value in ordered[SHOWN - 1 :]))]
    top = max((value for _label, value in ordered), default=0) or 1
    marks, words, values = [], [], []
    for place, (label, value) in enumerate(ordered):
        y = place * BAR_ROW
        words.append(Word(0, y + 13, short(label)))
        marks.append(Mark(0, y + LABEL_HEIGHT, max(1, value * 180 // top), BAR_HEIGHT, 0, f"{label}: {say(value)}"))
        values.append(Word(max(1, value * 180 // top) + 6, y + LABEL_HEIGHT + 13, say(value)))
    return Chart(BAR_WIDTH, max(1, len(ordered)) * BAR_ROW, tuple(marks), tuple(words), values=tuple(values))


def short(label: str) -> str:
    """A label that fits above its bar; the table beside the chart has the whole of it."""
    return label if len(label) <= LETTERS else label[: LETTERS - 1].rstrip() + "…"
