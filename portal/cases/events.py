"""Audit events of the room. The timeline of a case is read from them: what has a public text is shown to the
applicant, the rest only to the office."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.audit.services import record
from portal.cases.domain.states import Action, State
from portal.cases.models import Case

PUBLIC_LABELS = {
    "case.submitted": _("Presentata"),
    f"case.{Action.TAKE}": _("Presa in carico"),
    f"case.{Action.REQUEST_INTEGRATION}": _("Chiesta un'integrazione"),
    f"case.{Action.ANSWER_INTEGRATION}": _("Integrazione ricevuta"),
    f"case.{Action.GIVE_REFUSAL_NOTICE}": _("Preavviso di rigetto"),
    f"case.{Action.ANSWER_REFUSAL_NOTICE}": _("Osservazioni ricevute"),
    f"case.{Action.RESUME}": _("Istruttoria ripresa"),
    f"case.{Action.APPROVE}": _("Istruttoria conclusa: accolta, oneri da pagare"),
    f"case.{Action.REFUSE}": _("Respinta"),
    f"case.{Action.SETTLE}": _("Pagamento ricevuto"),
    f"case.{Action.ISSUE}": _("Provvedimento rilasciato"),
    f"case.{Action.WITHDRAW}": _("Ritirata dal richiedente"),
    f"case.{Action.ARCHIVE}": _("Archiviata"),
}
INTERNAL_LABELS = {
    "case.assigned": _("Assegnata"),
    "case.note": _("Nota interna"),
    "case.written": _("Messaggio al richiedente"),
    "case.read": _("Consultata"),
    "case.paid_out_of_turn": _("Pagamento arrivato a pratica conclusa"),
}


def case_submitted(case: Case, *, actor: Actor) -> None:
    record("case.submitted", subject=case, actor=actor, data={"sha256": case.snapshot_sha256})


def case_moved(case: Case, *, action: Action, before: State, actor: Actor, data: dict[str, Any] | None = None) -> None:
    record(f"case.{action}", subject=case, actor=actor, data={"before": before, "after": case.state, **(data or {})})


def case_assigned(case: Case, *, actor: Actor) -> None:
    record("case.assigned", subject=case, actor=actor, data={"assignee": case.assignee_id})


def note_added(case: Case, *, actor: Actor) -> None:
    record("case.note", subject=case, actor=actor)


def case_read(case: Case, *, actor: Actor) -> None:
    record("case.read", subject=case, actor=actor)


def applicant_written(case: Case, *, actor: Actor) -> None:
    record("case.written", subject=case, actor=actor)


def paid_out_of_turn(case: Case, *, actor: Actor) -> None:
    record("case.paid_out_of_turn", subject=case, actor=actor)


def label_of(event: Event) -> str:
    """The Italian words for an event."""
    return str(PUBLIC_LABELS.get(event.action) or INTERNAL_LABELS.get(event.action) or event.action)
