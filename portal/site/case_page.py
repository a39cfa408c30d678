"""The page of a case: what comes next, and the clock in words. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.cases.domain.clock import Clock
from portal.cases.domain.states import CLOSED, State


@dataclass(frozen=True, slots=True)
class Step:
    """A point of the timeline: done, now, or next."""

    title: str
    note: str
    state: str


class Happened(Protocol):
    """An event of the case, with its moment already in words."""

    label: str
    when: str
    actor: str


def steps_to_come(state: State, *, waits_until: date | None) -> list[Step]:
    """What follows in each state; nothing once the case is closed. `waits_until` is the citizen's own deadline."""
    you = _("aspettiamo te")
    if waits_until:
        you = _("aspettiamo te, entro il %(day)s") % {"day": date_format(waits_until, "d/m/Y")}
    decision = Step(_("Decisione"), "", "next")
    table = {
        State.SUBMITTED: [Step(_("Presa in carico"), _("da parte dell'ufficio"), "now"), decision],
        State.UNDER_REVIEW: [Step(_("Istruttoria"), _("l'ufficio esamina la domanda"), "now"), decision],
        State.INTEGRATION_REQUESTED: [Step(_("La tua risposta"), you, "now"), decision],
        State.REFUSAL_NOTICE: [Step(_("Le tue osservazioni"), you, "now"), decision],
        State.PAYMENT_DUE: [Step(_("Pagamento degli oneri"), you, "now"), Step(_("Rilascio"), "", "next")],
        State.READY_TO_ISSUE: [Step(_("Rilascio"), _("l'ufficio prepara l'atto"), "now")],
    }
    return table.get(state, [])


def clock_lines(clock: Clock, *, state: State) -> list[str]:
    """The term of the procedure explained: how many days were used, how many it stood still, and why."""
    used = ngettext("%(used)s giorno usato", "%(used)s giorni usati", clock.used_days) % {"used": clock.used_days}
    lines = [_("%(used)s su %(total)s") % {"used": used, "total": clock.term_days}]
    if clock.paused_days:
        stood = ngettext(
            "Il termine è rimasto sospeso %(days)s giorno, in attesa di una tua risposta.",
            "Il termine è rimasto sospeso %(days)s giorni, in attesa di una tua risposta.",
            clock.paused_days,
        )
        lines.append(stood % {"days": clock.paused_days})
    if clock.due_on is None and state not in CLOSED:
        lines.append(_("Adesso è sospeso: riparte quando rispondi."))
    return lines
