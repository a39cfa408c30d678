"""What each button of the case page does: a form, a service, a word of success."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.accounts.models import Kind, User
from portal.audit.actor import Actor
from portal.cases.desk.forms import ApproveForm, AssignForm, TextForm
from portal.cases.domain.states import CLOSED, Action, Role, State, moves
from portal.cases.handlers import handler_of
from portal.cases.models import Case
from portal.cases.services import desk
from portal.entities.models import CASEWORKERS

DAYS_TO_PAY = 30


@dataclass(frozen=True, slots=True)
class DeskAction:
    """`needs_assignee`: only whoever has the case (or the head of the office) may do it."""

    key: str
    label: str | Promise
    done: str | Promise
    form: Callable[..., forms.Form]
    run: Callable[[Case, Any, User, Actor], Any]
    hint: str | Promise = ""
    tone: str = ""
    needs_assignee: bool = True


def _no_form(data: Any, case: Case) -> forms.Form:
    return forms.Form(data)


def _text_form(label: str | Promise) -> Callable[..., forms.Form]:
    return lambda data, case: TextForm(data, label=str(label))


def _approve_form(data: Any, case: Case) -> forms.Form:
    initial = {"due_on": clock.today() + timedelta(days=DAYS_TO_PAY)}
    return ApproveForm(data, library=handler_of(case).prescriptions(case), initial=initial)


def colleagues(case: Case) -> Any:
    """Caseworkers of the case's office (or of its whole body)."""
    return (
        User.objects.filter(kind=Kind.STAFF, is_active=True, staff_roles__role__in=sorted(CASEWORKERS))
        .filter(staff_roles__entity=case.entity_id)
        .filter(staff_roles__office__in=[case.office_id])
        .distinct()
        .order_by("last_name", "first_name")
    )


def _assign_form(data: Any, case: Case) -> forms.Form:
    return AssignForm(data, colleagues=colleagues(case))


def _run_approve(case: Case, form: ApproveForm, user: User, actor: Actor) -> None:
    desk.case_approve(case_id=case.pk, prescriptions=form.lines(), due_on=form.cleaned_data["due_on"], actor=actor)


MOVES: dict[Action, DeskAction] = {
    Action.TAKE: DeskAction(
        Action.TAKE, _("Prendi in carico"), _("La pratica è in carico a te."), _no_form,
        lambda case, form, user, actor: desk.case_take(case_id=case.pk, user=user, actor=actor),
        needs_assignee=False,
    ),
    Action.APPROVE: DeskAction(
        Action.APPROVE, _("Approva con prescrizioni"),
        _("Domanda accolta: al richiedente sono stati chiesti gli oneri."), _approve_form, _run_approve,
        hint=_("Al richiedente arriva l'avviso di pagamento; l'atto si rilascia dopo il pagamento."),
    ),
    Action.ISSUE: DeskAction(
        Action.ISSUE, _("Rilascia il provvedimento"), _("Provvedimento rilasciato."), _no_form,
        lambda case, form, user, actor: desk.case_issue(case_id=case.pk, actor=actor),
    ),
    Action.REQUEST_INTEGRATION: DeskAction(
        Action.REQUEST_INTEGRATION, _("Chiedi integrazione"), _("Richiesta inviata: il termine è sospeso."),
        _text_form(_("Che cosa manca")),
        lambda case, form, user, actor: desk.integration_request(
            case_id=case.pk, text=form.cleaned_data["text"], actor=actor
        ),
        hint=_("Il richiedente legge questo testo. Fino alla risposta il termine è sospeso."),
    ),
    Action.RESUME: DeskAction(
        Action.RESUME, _("Riprendi senza risposta"), _("Istruttoria ripresa."), _no_form,
        lambda case, form, user, actor: desk.case_resume(case_id=case.pk, actor=actor),
    ),
    Action.GIVE_REFUSAL_NOTICE: DeskAction(
        Action.GIVE_REFUSAL_NOTICE, _("Invia preavviso di rigetto"), _("Preavviso inviato: il termine è sospeso."),
        _text_form(_("Motivi che impediscono l'accoglimento")),
        lambda case, form, user, actor: desk.refusal_notice_give(
            case_id=case.pk, text=form.cleaned_data["text"], actor=actor
        ),
        hint=_("Obbligatorio prima del rigetto (art. 10-bis L. 241/1990)."), tone="bad",
    ),
    Action.REFUSE: DeskAction(
        Action.REFUSE, _("Respingi con motivazione"), _("Domanda respinta."), _text_form(_("Motivazione")),
        lambda case, form, user, actor: desk.case_refuse(
            case_id=case.pk, reasons=form.cleaned_data["text"], actor=actor
        ),
        tone="bad",
    ),
    Action.ARCHIVE: DeskAction(
        Action.ARCHIVE, _("Archivia"), _("Pratica archiviata."), _text_form(_("Motivo")),
        lambda case, form, user, actor: desk.case_archive(
            case_id=case.pk, reasons=form.cleaned_data["text"], actor=actor
        ),
        tone="bad",
    ),
}  # fmt: skip

ASSIGN = DeskAction(
    "assign", _("Assegna a un collega"), _("Pratica assegnata."), _assign_form,
    lambda case, form, user, actor: desk.case_assign(case_id=case.pk, user=form.cleaned_data["user"], actor=actor),
    needs_assignee=False,
)  # fmt: skip
NOTE = DeskAction(
    "note", _("Aggiungi una nota interna"), _("Nota aggiunta."), _text_form(_("Nota (il richiedente non la vede)")),
    lambda case, form, user, actor: desk.note_add(
        case_id=case.pk, user=user, text=form.cleaned_data["text"], actor=actor
    ),
    needs_assignee=False,
)  # fmt: skip
WRITE = DeskAction(
    "write", _("Scrivi al richiedente"), _("Messaggio inviato."), _text_form(_("Messaggio")),
    lambda case, form, user, actor: desk.applicant_write(
        case_id=case.pk, text=form.cleaned_data["text"], actor=actor
    ),
    needs_assignee=False,
)  # fmt: skip

BY_KEY: dict[str, DeskAction] = {action.key: action for action in (*MOVES.values(), ASSIGN, NOTE, WRITE)}


def available(case: Case, *, user: User, is_head: bool) -> list[DeskAction]:
    """The moves a user may make on a case now, the main one first."""
    mine = is_head or case.assignee_id == user.pk
    found = set(moves(State(case.state), Role.OFFICER))
    return [action for move, action in MOVES.items() if move in found and (mine or not action.needs_assignee)]


def can_assign(case: Case) -> bool:
    """A case in hand may change hands."""
    return case.state not in CLOSED and case.state != State.SUBMITTED
