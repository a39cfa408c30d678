"""Campaigns: many notices printed at once. States, whom a campaign leaves out, how far it is. Pure.

A campaign is printed by parts. Workers come, take a part, and go: what is stored is only which parts are done.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from payments.domain import states
from portal.kernel.states import Transitions


class State(StrEnum):
    DRAFT = "draft"
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Action(StrEnum):
    QUEUE = "queue"
    BEGIN = "begin"
    PAUSE = "pause"
    RESUME = "resume"
    FINISH = "finish"
    FAIL = "fail"
    CANCEL = "cancel"


STATE_LABELS: Mapping[State, str] = {
    State.DRAFT: "in preparazione",
    State.QUEUED: "in coda",
    State.RUNNING: "in stampa",
    State.PAUSED: "in pausa",
    State.DONE: "conclusa",
    State.FAILED: "interrotta",
    State.CANCELLED: "annullata",
}

TRANSITIONS: Transitions[State, Action] = {
    (State.DRAFT, Action.QUEUE): State.QUEUED,
    (State.DRAFT, Action.CANCEL): State.CANCELLED,
    (State.QUEUED, Action.BEGIN): State.RUNNING,
    (State.QUEUED, Action.PAUSE): State.PAUSED,
    (State.QUEUED, Action.FAIL): State.FAILED,
    (State.QUEUED, Action.CANCEL): State.CANCELLED,
    (State.RUNNING, Action.PAUSE): State.PAUSED,
    (State.RUNNING, Action.FINISH): State.DONE,
    (State.RUNNING, Action.FAIL): State.FAILED,
    (State.RUNNING, Action.CANCEL): State.CANCELLED,
    (State.PAUSED, Action.RESUME): State.QUEUED,
    (State.PAUSED, Action.CANCEL): State.CANCELLED,
    (State.FAILED, Action.RESUME): State.QUEUED,
    (State.FAILED, Action.CANCEL): State.CANCELLED,
}

AT_WORK = frozenset({State.QUEUED, State.RUNNING})
CLOSED = frozenset({State.DONE, State.CANCELLED})


class Output(StrEnum):
    """What comes out."""

    FILES = "files"
    BOOK = "book"
    ZIP = "zip"


OUTPUT_LABELS: Mapping[Output, str] = {
    Output.FILES: "un documento per ogni avviso, anche nell'area personale di chi deve pagare",
    Output.BOOK: "PDF unico per la tipografia, in volumi",
    Output.ZIP: "archivio ZIP con un PDF per avviso e l'indice",
}

# Notices in a part. A part is printed again from its beginning when a worker dies: it must take minutes, not hours,
# even where every notice is laid out one by one. The book has one volume a part.
PART = 250
SMALLEST_VOLUME, LARGEST_VOLUME, USUAL_VOLUME = 10, 1000, 500


def part_size(output: Output, *, volume: int) -> int:
    """How many notices a part prints."""
    return volume if output is Output.BOOK else PART


class Skip(StrEnum):
    """Why a position of the campaign has no notice in it."""

    PAID = "paid"
    CANCELLED = "cancelled"
    SUSPENDED = "suspended"
    STAMP = "stamp"
    NOT_PUBLISHED = "not_published"
    UNPRINTABLE = "unprintable"


SKIP_LABELS: Mapping[Skip, str] = {
    Skip.PAID: "già pagata",
    Skip.CANCELLED: "annullata",
    Skip.SUSPENDED: "sospesa",
    Skip.STAMP: "marca da bollo digitale: si paga solo on line",
    Skip.NOT_PUBLISHED: "non ancora pubblicata",
    Skip.UNPRINTABLE: "testi che non stanno in un avviso",
}


def skip_reason(*, state: states.State, suspended: bool, stamp: bool) -> Skip | None:
    """Why a position gets no notice now; None when it gets one."""
    by_state = {
        states.State.DRAFT: Skip.NOT_PUBLISHED,
        states.State.PAID: Skip.PAID,
        states.State.REPORTED: Skip.PAID,
        states.State.CANCELLED: Skip.CANCELLED,
    }
    if state in by_state:
        return by_state[state]
    if suspended:
        return Skip.SUSPENDED
    return Skip.STAMP if stamp else None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which positions: all conditions together; numbers, when there are some, are the only notices looked at."""

    kind: str = ""
    created_from: date | None = None
    created_until: date | None = None
    source: str = ""
    numbers: tuple[str, ...] = ()
    only_new: bool = False

    def as_json(self) -> dict[str, Any]:
        """What is kept."""
        return {
            "kind": self.kind,
            "created_from": self.created_from.isoformat() if self.created_from else None,
            "created_until": self.created_until.isoformat() if self.created_until else None,
            "source": self.source,
            "numbers": list(self.numbers),
            "only_new": self.only_new,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """What was kept."""
        first, last = kept["created_from"], kept["created_until"]
        return cls(
            kind=kept["kind"],
            created_from=date.fromisoformat(first) if first else None,
            created_until=date.fromisoformat(last) if last else None,
            source=kept["source"],
            numbers=tuple(kept["numbers"]),
            only_new=kept["only_new"],
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign is. `before` were done when the present run began; `elapsed` is how long that run lasts."""

    total: int
    done: int
    before: int = 0
    elapsed: timedelta = timedelta(0)

    @property
    def percent(self) -> int:
        """Whole per cent, 100 only when all is done."""
        return 100 * self.done // self.total if self.total else 0

    @property
    def left(self) -> int:
        """Notices still to look at."""
        return self.total - self.done

    @property
    def per_minute(self) -> int:
        """The rate of this run, 0 while nothing can be said."""
        seconds = self.elapsed.total_seconds()
        return round((self.done - self.before) * 60 / seconds) if seconds > 0 else 0

    @property
    def minutes_left(self) -> int | None:
        """Rounded up; None while the rate is not known."""
        return math.ceil(self.left / self.per_minute) if self.per_minute else None


def expires_at(*, finished_at: datetime, days: int) -> datetime:
    """When the files of a campaign may be deleted."""
    return finished_at + timedelta(days=days)


def cell(text: str) -> str:
    """A cell of a CSV that people open in a spreadsheet: a text never becomes a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


INDEX_HEAD = ("numero", "nome", "file", "pagine", "prima pagina")
SKIPPED_HEAD = ("numero", "nome", "motivo")


def file_name(nav: str) -> str:
    """A notice inside an archive."""
    return f"avviso-{nav}.pdf"
