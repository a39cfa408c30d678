"""Which text for the IO app belongs to a day, and what keeps it from leaving. Pure."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from payments.fines.domain.stages import SUSPENDED, Stage
from payments.fines.domain.terms import Terms

SUBJECT: Final = range(10, 121)
MARKDOWN: Final = range(80, 10_001)

_SERVES = re.compile(r"\bnotificat[aeio]\b|\bti notifichiamo\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of text: after an event, or on a day counted from a term; from when it is used, and who decided it."""

    code: str
    valid_from: date
    source: str
    confirmed_by: str
    event: str = ""
    of: str = ""
    from_day: int = 0
    to_day: int = 0

    def in_force(self, on: date) -> bool:
        """Whether it is used on a day."""
        return bool(self.confirmed_by) and self.valid_from <= on

    def days(self, terms: Terms) -> tuple[date, date]:
        """The first and the last day on which it may be prepared."""
        start: date = getattr(terms, self.of)
        return start + timedelta(days=self.from_day), start + timedelta(days=self.to_day)

    @property
    def is_about_money(self) -> bool:
        """A text about paying is pointless once nothing is to pay; that about the driver is not."""
        return self.of == "reduced_until"


def belongs(rule: Rule, *, terms: Terms, on: date) -> bool:
    """Whether a text counted from a term belongs to a day."""
    first, last = rule.days(terms)
    return bool(rule.of) and rule.in_force(on) and first <= on <= last


def is_wanted(rule: Rule, *, stage: Stage, paid: bool, driver_missing: bool) -> bool:
    """Whether there is still something to say: never about a fine under appeal, in instalments or annulled; that it
    was paid is said of every fine that was.
    """
    if rule.event == "settled":
        return paid and stage not in SUSPENDED | {Stage.CANCELLED}
    if stage is not Stage.OPEN:
        return False
    if rule.of == "driver_until":
        return driver_missing
    return not paid if rule.is_about_money else True


def faults(subject: str, markdown: str) -> list[str]:
    """Why IO would refuse a text, or we should: its lengths, and words of a service of the act."""
    found = []
    if len(subject) not in SUBJECT:
        found.append("subject length")
    if len(markdown) not in MARKDOWN:
        found.append("markdown length")
    if _SERVES.search(f"{subject} {markdown}"):
        found.append("speaks as if it served the act")
    return found
