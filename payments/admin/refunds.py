"""Refunds: a list that hides the accounts, a page for each, and one question for every step."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from payments.admin.base import reads_payments
from payments.admin.forms import ConfirmForm, DoneForm, OrderForm, RefusalForm
from payments.admin.pages import DeskAdmin, Question, ask, is_accountant
from payments.domain.codes import grouped
from payments.domain.refunds import DECISIONS, STATE_LABELS, TRANSITIONS, Action, State
from payments.models import Refund
from payments.services.refunds import refund_approve, refund_order, refund_outcome, refund_refuse
from portal.audit.registers import actor_of
from portal.kernel.money import euro

# What each step asks, and the words of its page.
FORMS: dict[Action, type[Form]] = {
    Action.APPROVE: ConfirmForm,
    Action.REFUSE: RefusalForm,
    Action.ORDER: OrderForm,
    Action.CONFIRM: DoneForm,
    Action.FAIL: RefusalForm,
}
BUTTONS = {
    Action.APPROVE: _("Approva il rimborso"),
    Action.REFUSE: _("Rifiuta il rimborso"),
    Action.ORDER: _("Segna come disposto"),
    Action.CONFIRM: _("Segna come eseguito"),
    Action.FAIL: _("Segna come non riuscito"),
}
LEADS = {
    Action.APPROVE: _("Controlla importo, beneficiario e IBAN: dopo l'approvazione si può disporre il pagamento."),
    Action.REFUSE: _("Chi lo ha chiesto troverà scritto il motivo e potrà chiederlo di nuovo corretto."),
    Action.ORDER: _("Serve il numero del mandato di pagamento emesso per questo rimborso."),
    Action.CONFIRM: _("Il tesoriere ha eseguito il bonifico: il rimborso si conclude qui."),
    Action.FAIL: _("Il bonifico non si può fare o è tornato indietro: la somma si potrà rimborsare di nuovo."),
}
UNDOING = frozenset({Action.REFUSE, Action.FAIL})


def performed(action: Action, refund: Refund, request: HttpRequest) -> Callable[[dict[str, Any]], Refund]:
    """What the POST of a step does with what was written."""
    actor, key = actor_of(request), refund.pk
    acts: dict[Action, Callable[[dict[str, Any]], Refund]] = {
        Action.APPROVE: lambda data: refund_approve(refund_id=key, actor=actor),
        Action.REFUSE: lambda data: refund_refuse(refund_id=key, note=data["note"], actor=actor),
        Action.ORDER: lambda data: refund_order(refund_id=key, reference=data["reference"], actor=actor),
        Action.CONFIRM: lambda data: refund_outcome(refund_id=key, done=True, reference=data["reference"], actor=actor),
        Action.FAIL: lambda data: refund_outcome(
            refund_id=key, done=False, reference="", note=data["note"], actor=actor
        ),
    }
    return acts[action]


@admin.register(Refund)
class RefundAdmin(DeskAdmin[Refund]):
    """Accountants ask and follow; another accountant, or an administrator, decides."""

    list_display = ("number_in_groups", "amount", "beneficiary_name", "account", "state", "requested_at", "entity")
    list_filter = ("state", "entity")
    search_fields = ("case__receipt__nav", "beneficiary_name", "order_reference")
    date_hierarchy = "requested_at"
    page_template = "payments/admin/refund.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Refund]:
        related = ("entity", "case__receipt", "requested_by", "decided_by")
        return super().get_queryset(request).select_related(*related).defer("case__receipt__raw")

    def own_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.action_view)
        return [path("<int:refund_id>/azione/<slug:action>/", view, name="payments_refund_action")]

    def waiting(self) -> int:
        """How many wait for a decision, for the first page of the office."""
        return Refund.objects.filter(state=State.REQUESTED).count()

    def may(self, request: HttpRequest, refund: Refund, action: Action) -> bool:
        """Whether who asks may take a step: deciding is for whoever reads the books and did not ask for it."""
        if action in DECISIONS:
            return reads_payments(request, refund.entity_id) and refund.requested_by_id != request.user.pk
        return is_accountant(request, refund.entity_id)

    def page_context(self, request: HttpRequest, row: Refund) -> dict[str, Any]:
        possible = [action for state, action in TRANSITIONS if state == row.state]
        open_to = [action for action in possible if self.may(request, row, action)]
        steps = [(action.value, BUTTONS[action], action in UNDOING) for action in open_to]
        own = row.state == State.REQUESTED and row.requested_by_id == request.user.pk
        title = now_("Rimborso di %(amount)s") % {"amount": euro(row.amount_cents)}
        return {"title": title, "refund": row, "steps": steps, "waits_for_another": own}

    def action_view(self, request: HttpRequest, refund_id: int, action: str) -> HttpResponse:
        """Ask before a step, and take it on POST."""
        refund = self.row(request, str(refund_id))
        if action not in set(Action):
            raise Http404
        step = Action(action)
        if not self.may(request, refund, step):
            raise PermissionDenied
        question = Question(
            title=BUTTONS[step],
            lead=LEADS[step],
            facts=[
                (_("Codice avviso"), grouped(refund.case.receipt.nav)),
                (_("Importo"), euro(refund.amount_cents)),
                (_("Beneficiario"), refund.beneficiary_name),
                (_("IBAN"), refund.iban),
                (_("Motivo"), refund.reason),
                (_("Chiesto da"), refund.requested_by),
            ],
            submit=BUTTONS[step],
            back=reverse("admin:payments_refund_change", args=[refund.pk]),
            form=FORMS[step],
            act=performed(step, refund, request),
            done=now_("Fatto: ora il rimborso è «%(state)s».") % {"state": _after(refund, step)},
            danger=step in UNDOING,
        )
        return ask(self, request, question)

    @admin.display(description=_("codice avviso"), ordering="case__receipt__nav")
    def number_in_groups(self, row: Refund) -> str:
        return grouped(row.case.receipt.nav)

    @admin.display(description=_("importo"), ordering="amount_cents")
    def amount(self, row: Refund) -> str:
        return euro(row.amount_cents)

    @admin.display(description=_("IBAN"))
    def account(self, row: Refund) -> str:
        return row.masked_iban


def _after(refund: Refund, action: Action) -> str:
    """The words of the state that follows, if there is one."""
    after = TRANSITIONS.get((State(refund.state), action))
    return STATE_LABELS[after] if after else refund.get_state_display()
