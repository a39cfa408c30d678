"""Money outside pagoPA: recorded from the page of a position, confirmed or refused here by somebody else."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from payments.admin.base import reads_payments
from payments.admin.forms import BalanceForm, ConfirmForm, OutsideForm, ReasonForm, RefusalForm
from payments.admin.pages import DeskAdmin, Question, ask, is_accountant
from payments.domain.codes import grouped
from payments.domain.outside import STATE_LABELS, TRANSITIONS, Action, How, State
from payments.models import Instalment, OutsidePayment, Position
from payments.services.outside import (
    Arrived,
    outside_confirm,
    outside_record,
    outside_refuse,
    outside_reverse,
    outside_weighed,
)
from portal.audit.actor import Actor
from portal.audit.registers import actor_of
from portal.documents.downloads import file_response
from portal.kernel.money import euro

BUTTONS = {
    Action.CONFIRM: _("Conferma il pagamento"),
    Action.REFUSE: _("Rifiuta la registrazione"),
    Action.REVERSE: _("Chiedi lo storno"),
}
BALANCE = _("Accetta come saldo")
CONFIRM_REVERSAL = _("Conferma lo storno")
RECORD = _("Registra un pagamento fuori da pagoPA")
RECORD_LEAD = _(
    "Per un bonifico, un versamento in posta o ciò che ha deciso un giudice. Quello che scrivi non salda niente finché "
    "un'altra persona non lo conferma."
)
LEADS = {
    Action.CONFIRM: _("Controlla sul conto che il denaro sia arrivato: dopo la conferma la posizione risulta pagata."),
    Action.REFUSE: _("Chi l'ha registrato troverà scritto il motivo. La posizione resta com'è."),
    Action.REVERSE: _(
        "Serve quando il pagamento è stato confermato per errore. Lo storno vale dopo la conferma di un'altra persona: "
        "la posizione torna da pagare."
    ),
}
BALANCE_LEAD = _(
    "L'importo arrivato non è quello dovuto nel giorno dell'accredito. Puoi accettarlo come saldo scrivendo perché, "
    "oppure tornare indietro e rifiutare la registrazione."
)
REVERSAL_LEAD = _("Dopo la conferma la posizione torna da pagare, con gli stessi codici avviso.")
UNDOING = frozenset({Action.REFUSE, Action.REVERSE})


def arrived_of(data: Mapping[str, Any]) -> Arrived:
    """What was written in the form, as the services want it."""
    return Arrived(
        credited_on=data["credited_on"],
        cents=data["cents"],
        how=How(data["how"]),
        reference=data["reference"],
        note=data["note"],
        document=data["document"],
    )


def record_question(position: Position, *, back: str, actor: Actor) -> Question:
    """What is asked about money that arrived for a position."""
    return Question(
        title=RECORD,
        lead=RECORD_LEAD,
        facts=[
            (_("Posizione"), position.description),
            (_("Codice avviso"), grouped(position.charge.notice_number)),
            (_("Debitore"), position.debtor_name),
            (_("Importo chiesto"), euro(position.charge.amount_cents)),
        ],
        submit=_("Registra"),
        back=back,
        form=OutsideForm,
        act=lambda data: outside_record(position_id=position.pk, arrived=arrived_of(data), actor=actor),
        done=_("Il pagamento è registrato: ora un'altra persona della ragioneria lo deve confermare."),
    )


@admin.register(OutsidePayment)
class OutsidePaymentAdmin(DeskAdmin[OutsidePayment]):
    """Accountants record; another accountant, or an administrator, decides."""

    list_display = ("number", "kind", "amount", "how", "credited_on", "reference", "state", "requested_at", "entity")
    list_filter = ("state", "how", "entity")
    search_fields = ("reference", "position__charge__notice_number", "position__debtor_name", "position__description")
    search_help_text = _("Riferimento del bonifico, codice avviso, debitore o descrizione")
    date_hierarchy = "credited_on"
    page_template = "payments/admin/outside.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutsidePayment]:
        related = ("entity", "position__charge", "requested_by", "decided_by", "document", "instalment")
        return super().get_queryset(request).select_related(*related)

    def own_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("<int:outside_id>/azione/<slug:action>/", guard(self.action_view), name="payments_outside_action"),
            path("<int:outside_id>/documento/", guard(self.document_view), name="payments_outside_document"),
        ]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """A notice number may be typed as it is printed, in groups of four."""
        joined = "".join(search_term.split())
        return super().get_search_results(request, queryset, (joined if joined.isdigit() else search_term)[:140])

    def may(self, request: HttpRequest, row: OutsidePayment, action: Action) -> bool:
        """Whether who asks may take a step: deciding is for whoever reads the books and did not record it."""
        if action is Action.REVERSE:
            return is_accountant(request, row.entity_id) and not row.is_reversal
        return reads_payments(request, row.entity_id) and row.requested_by_id != request.user.pk

    def page_context(self, request: HttpRequest, row: OutsidePayment) -> dict[str, Any]:
        waits = row.state == State.REQUESTED
        found = outside_weighed(row) if waits and not row.is_reversal else None
        possible = [action for state, action in TRANSITIONS if state == row.state and self.may(request, row, action)]
        if waits and not row.is_reversal and found is None:
            possible = [action for action in possible if action is not Action.CONFIRM]
        amount = {"amount": euro(row.amount_cents)}
        kind = now_("Storno di %(amount)s") if row.is_reversal else now_("Pagamento fuori da pagoPA di %(amount)s")
        return {
            "title": kind % amount,
            "row": row,
            "found": found,
            "short_cents": -found[1].difference if found else 0,
            "steps": [(step.value, self.words(row, step), step in UNDOING) for step in possible],
            "waits_for_another": waits and row.requested_by_id == request.user.pk,
            "waits": waits,
            "reversals": row.reversals.select_related("requested_by", "decided_by"),
        }

    def words(self, row: OutsidePayment, step: Action) -> Any:
        """The button of a step."""
        if step is Action.CONFIRM and row.is_reversal:
            return CONFIRM_REVERSAL
        return BALANCE if step is Action.CONFIRM and _differs(row) else BUTTONS[step]

    def action_view(self, request: HttpRequest, outside_id: int, action: str) -> HttpResponse:
        """Ask before a step, and take it on POST."""
        row = self.row(request, str(outside_id))
        if action not in set(Action):
            raise Http404
        step = Action(action)
        if not self.may(request, row, step):
            raise PermissionDenied
        form, lead = _asked(row, step)
        question = Question(
            title=self.words(row, step),
            lead=lead,
            facts=_facts(row),
            submit=self.words(row, step),
            back=reverse("admin:payments_outsidepayment_change", args=[row.pk]),
            form=form,
            act=_performed(row, step, actor=actor_of(request)),
            done=_done(row, step),
            danger=step in UNDOING,
        )
        return ask(self, request, question)

    def document_view(self, request: HttpRequest, outside_id: int) -> HttpResponseBase:
        """The paper kept with an entry."""
        row = self.row(request, str(outside_id))
        if row.document is None:
            raise Http404
        return file_response(row.document)

    @admin.display(description=_("codice avviso"), ordering="position__charge__notice_number")
    def number(self, row: OutsidePayment) -> str:
        return grouped(row.position.charge.notice_number)

    @admin.display(description=_("che cos'è"))
    def kind(self, row: OutsidePayment) -> Any:
        return _("storno") if row.is_reversal else _("pagamento")

    @admin.display(description=_("importo"), ordering="amount_cents")
    def amount(self, row: OutsidePayment) -> str:
        return euro(row.amount_cents)


def _differs(row: OutsidePayment) -> bool:
    """Whether a payment would have to be accepted although it is not what was due."""
    if row.is_reversal or row.state != State.REQUESTED:
        return False
    found: tuple[Instalment, Any] | None = outside_weighed(row)
    return found is not None and not found[1].exact


def _asked(row: OutsidePayment, step: Action) -> tuple[type[Form], Any]:
    """What a step asks, and its words."""
    if step is Action.REFUSE:
        return RefusalForm, LEADS[step]
    if step is Action.REVERSE:
        return ReasonForm, LEADS[step]
    if row.is_reversal:
        return ConfirmForm, REVERSAL_LEAD
    return (BalanceForm, BALANCE_LEAD) if _differs(row) else (ConfirmForm, LEADS[step])


def _facts(row: OutsidePayment) -> list[tuple[Any, Any]]:
    facts: list[tuple[Any, Any]] = [
        (_("Posizione"), row.position.description),
        (_("Debitore"), row.position.debtor_name),
        (_("Come"), row.get_how_display()),
        (_("Accreditato il"), f"{row.credited_on:%d/%m/%Y}"),
        (_("Riferimento"), row.reference),
        (_("Importo arrivato"), euro(row.amount_cents)),
    ]
    found = None if row.is_reversal or row.state != State.REQUESTED else outside_weighed(row)
    if found is not None:
        facts.append((_("Dovuto quel giorno"), euro(found[1].number.cents)))
        facts.append((_("Differenza"), euro(found[1].difference)))
    facts.append((_("Annotazione"), row.note))
    facts.append((_("Registrato da"), row.requested_by))
    return [(label, value) for label, value in facts if value]


def _performed(row: OutsidePayment, step: Action, *, actor: Actor) -> Callable[[dict[str, Any]], OutsidePayment]:
    key = row.pk
    if step is Action.REFUSE:
        return lambda data: outside_refuse(outside_id=key, reason=data["note"], actor=actor)
    if step is Action.REVERSE:
        return lambda data: outside_reverse(outside_id=key, reason=data["reason"], actor=actor)
    return lambda data: outside_confirm(outside_id=key, reason=data.get("reason", ""), actor=actor)


def _done(row: OutsidePayment, step: Action) -> Any:
    if step is Action.REVERSE:
        return _("Lo storno è chiesto: ora un'altra persona lo deve confermare.")
    after = STATE_LABELS[TRANSITIONS[State.REQUESTED, step]]
    return now_("Fatto: ora è «%(state)s».") % {"state": after}
