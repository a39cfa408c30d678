"""What waits for the citizen, in words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

SOON = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do: what it is, how urgent, and the link that does it."""

    kind: str
    title: str
    text: str
    action: str
    url: str
    mark: str = ""
    mark_tone: str = "info"
    amount_cents: int | None = None
    due_on: date | None = None
    late: bool = False
    second_action: str = ""
    second_url: str = ""


def deadline_mark(due_on: date | None, *, on: date) -> tuple[str, str]:
    """The words of a deadline and their tone: `scade domani`, `entro il 12/12/2026`."""
    if due_on is None:
        return _("da fare"), "info"
    if due_on < on:
        return _("scaduto il %(day)s") % {"day": date_format(due_on, "d/m/Y")}, "bad"
    if due_on == on:
        return _("scade oggi"), "bad"
    if due_on == on + SOON:
        return _("scade domani"), "bad"
    return _("entro il %(day)s") % {"day": date_format(due_on, "d/m/Y")}, "info"


def is_late(due_on: date | None, *, on: date) -> bool:
    """Whether a deadline is tomorrow, today or past: it is shown in red."""
    return due_on is not None and due_on <= on + SOON


def waiting_sentence(todos: Sequence[Todo], *, on: date) -> str:
    """The first line of the personal area: how many things wait, and when the first one expires."""
    if not todos:
        return _("Non c'è niente che aspetta te.")
    number = len(todos)
    words = _number_words(number)
    sentence = ngettext("%(words)s cosa aspetta te", "%(words)s cose aspettano te", number) % {"words": words}
    dated = [todo.due_on for todo in todos if todo.due_on is not None]
    if not dated:
        return sentence + "."
    return f"{sentence}, {_first_expiry(min(dated), on=on, alone=number == 1)}."


def _first_expiry(due_on: date, *, on: date, alone: bool) -> str:
    day = {"day": date_format(due_on, "d/m/Y")}
    if due_on < on:
        when = _("è scaduta il %(day)s") % day
    elif due_on == on:
        when = _("scade oggi")
    elif due_on == on + SOON:
        when = _("scade domani")
    else:
        when = _("scade il %(day)s") % day
    return when if alone else _("la prima %(when)s") % {"when": when}


def _number_words(number: int) -> str:
    words = [_("Una"), _("Due"), _("Tre"), _("Quattro"), _("Cinque"), _("Sei"), _("Sette"), _("Otto"), _("Nove")]
    return words[number - 1] if number <= len(words) else str(number)
