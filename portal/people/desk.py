"""The office's pages of mandates and of declared codici fiscali: who opens them, their forms, what they show."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.entities.models import Entity, Role
from portal.people.domain import claims, mandates
from portal.people.models import FiscalCodeClaim, Mandate, Person
from portal.people.selectors import history_of

# These rows belong to no body: the heads and the administrators of every body decide them.
DECIDERS = frozenset({Role.HEAD, Role.ADMINISTRATOR})

MANDATE_ACTIONS = {
    mandates.Action.APPROVE: _("Approva"),
    mandates.Action.REFUSE: _("Rifiuta"),
    mandates.Action.REVOKE: _("Revoca"),
}
CLAIM_ACTIONS = {
    claims.Action.ACCEPT: _("Accogli: il codice fiscale è di questa persona"),
    claims.Action.REFUSE: _("Respingi"),
}
EVENT_LABELS = {
    "mandate.asked": _("Chiesta"),
    "mandate.attached": _("Collegata alla persona, entrata per la prima volta"),
    "mandate.read": _("Letta dall'ufficio"),
    "register.added": _("Scritta nel registro"),
}
INTERNAL = frozenset({"mandate.read", "mandate.attached"})
MOVED_LABELS = {
    mandates.State.ACTIVE: _("Approvata"),
    mandates.State.REFUSED: _("Rifiutata"),
    mandates.State.REVOKED: _("Revocata o lasciata"),
    mandates.State.WITHDRAWN: _("Richiesta ritirata"),
    mandates.State.EXPIRED: _("Scaduta"),
}
COMPANY_LABELS = {
    "name": _("Denominazione"),
    "vat_number": _("Partita IVA"),
    "seat": _("Sede legale"),
    "pec": _("PEC"),
    "rea": _("Numero REA"),
}


def decides(request: HttpRequest) -> bool:
    """Whether the user decides about mandates: head or administrator of a body, or who runs the system."""
    held = any(role.role in DECIDERS for role in getattr(request, "staff_roles", []))
    return held or bool(getattr(request.user, "is_superuser", False))


def deciding_entity(request: HttpRequest) -> Entity | None:
    """The body in whose name the user decides: that of the page's host if they have a role there, else their own."""
    bodies = [role.entity for role in getattr(request, "staff_roles", []) if role.role in DECIDERS]
    shown = getattr(request, "entity", None)
    return next((body for body in bodies if body == shown), bodies[0] if bodies else None)


class DecisionForm(forms.Form):
    """What the office does, and why. The services check the rules."""

    action = forms.ChoiceField(
        label=_("Che cosa fare"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Scegli che cosa fare."),
            "invalid_choice": _("L'operazione non è più possibile: nel frattempo lo stato è cambiato."),
        },
    )
    reason = forms.CharField(
        label=_("Motivo"),
        help_text=_("Serve per dire di no e per revocare: viene comunicato alle persone interessate."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, choices: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action"].choices = choices  # type: ignore[attr-defined]


def mandate_choices(mandate: Mandate) -> list[tuple[str, Any]]:
    """What the office may do with a mandate."""
    possible = mandates.moves(mandates.State(mandate.state), mandates.Role.OFFICE)
    return [(action.value, MANDATE_ACTIONS[action]) for action in possible]


def claim_choices(claim: FiscalCodeClaim) -> list[tuple[str, Any]]:
    """What the office may do with a declared codice fiscale."""
    if claim.state != claims.State.REQUESTED:
        return []
    return [(action.value, words) for action, words in CLAIM_ACTIONS.items()]


def mandate_context(mandate: Mandate) -> dict[str, Any]:
    """Everything the office needs to decide about a mandate, on one page."""
    declared = mandate.declared or {}
    return {
        "mandate": mandate,
        "shown_state": shown_state_of(mandate),
        "papers": list(mandate.papers.select_related("file", "given_by")),
        "compared": [
            (label, getattr(mandate.company, field), declared.get(field, ""))
            for field, label in COMPANY_LABELS.items()
            if declared.get(field, "") or getattr(mandate.company, field)
        ],
        "is_declared": bool(declared),
        "history": history_lines(mandate, internal=True),
    }


def shown_state_of(mandate: Mandate) -> tuple[str, Any]:
    """The state of a mandate today, and its label."""
    state = mandates.shown_state(state=mandates.State(mandate.state), valid_to=mandate.valid_to, on=clock.today())
    return state.value, dict(Mandate._meta.get_field("state").choices or [])[state.value]


def history_lines(mandate: Mandate, *, internal: bool) -> list[dict[str, Any]]:
    """What happened to a mandate, in words. Who read it, and who a codice fiscale belongs to, is for the office."""
    return [_line(event) for event in history_of(mandate) if internal or event.action not in INTERNAL]


def _line(event: Any) -> dict[str, Any]:
    after = event.data.get("after", "")
    label = MOVED_LABELS[mandates.State(after)] if after else EVENT_LABELS.get(event.action, event.action)
    return {
        "title": label,
        "at": event.at,
        "actor": event.actor_label,
        "entity": event.data.get("entity", ""),
    }


def claim_context(claim: FiscalCodeClaim) -> dict[str, Any]:
    """The person who declares and the one who has that codice fiscale, if there is one, side by side."""
    other = Person.objects.filter(fiscal_code=claim.fiscal_code).exclude(pk=claim.person_id).first()
    return {"claim": claim, "other": other}
