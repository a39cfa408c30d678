"""The accountant's desk, inside the admin. Only accountants enter, and only for the bodies where they are one."""

import re

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import BigIntegerField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from payments.reconciliation.access import accountants_only
from payments.reconciliation.domain.outcomes import CODES, OWNER_LABELS, Code, Tone
from payments.reconciliation.models import Match, Suggestion, SuggestionState
from payments.reconciliation.selectors.desk import decided_suggestions, open_suggestions, open_suggestions_count
from payments.reconciliation.selectors.dossier import dossier
from payments.reconciliation.selectors.outcomes import code_counts, found_count, verdict_rows
from payments.reconciliation.selectors.sources import source_states
from payments.reconciliation.selectors.work import work_cards
from payments.reconciliation.services.suggestions import match_revoke, suggestion_confirm, suggestion_discard
from portal import clock
from portal.audit.registers import actor_of
from portal.kernel.errors import DomainError

PAGE = 50
SHOWN = 20
DECIDED_SHOWN = 20
# Shown even when nobody has them: an empty box says that all is well.
ALWAYS = (Code.RECONCILED, Code.REPORTED, Code.COLLECTED)
UNPAIRED = (
    (gettext_lazy("Rendicontati senza ricevuta"), (Code.FLOW_WITHOUT_RECEIPT, Code.PAID_WITHOUT_RECEIPT)),
    (gettext_lazy("Riversamenti senza rendicontazione"), (Code.TREASURY_WITHOUT_FLOW, Code.REMITTANCE_UNREADABLE)),
)


@never_cache
@require_safe
def square(request: HttpRequest) -> HttpResponse:
    """What became of the money: counted by verdict, listed with the reason."""
    entities = accountants_only(request)
    chosen, search = request.GET.get("esito", ""), request.GET.get("q", "").strip()[:60]
    if chosen and chosen not in set(Code):
        raise Http404
    counts = code_counts(entity_ids=entities)
    codes = [Code(chosen)] if chosen else []
    known = sum(count.count for count in counts if not chosen or count.code == chosen)
    total = found_count(entity_ids=entities, codes=codes, search=search) if search else known
    page = Paginator(range(total), PAGE).get_page(request.GET.get("p"))
    offset = (page.number - 1) * PAGE
    rows = verdict_rows(entity_ids=entities, codes=codes, search=search, limit=PAGE, offset=offset)
    context = {
        **admin.site.each_context(request),
        "title": _("Quadratura dei pagamenti"),
        "counts": [count for count in counts if count.count or count.code in {*ALWAYS, chosen}],
        "card": CODES[Code(chosen)] if chosen else None,
        "owner": OWNER_LABELS[CODES[Code(chosen)].owner] if chosen else "",
        "total": sum(count.count for count in counts),
        "chosen": chosen,
        "search": search,
        "rows": rows,
        "page": page,
        "sources": source_states(entities, now=clock.now()),
        "suggestions": open_suggestions_count(entities),
    }
    return render(request, "payments/reconciliation/square.html", context)


@never_cache
@require_safe
def receipt(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """One receipt beside the flow and the treasury, and how its verdicts changed."""
    found = dossier(entity_ids=accountants_only(request), receipt_id=receipt_id)
    if found is None:
        raise Http404
    title = _("Avviso %(nav)s") % {"nav": found.receipt.nav}
    problems = [row.verdict.pk for row in found.verdicts if row.tone is Tone.PROBLEM]
    context = {
        **admin.site.each_context(request),
        "title": title,
        "dossier": found,
        "works": work_cards(entity_ids=[found.receipt.entity_id], verdicts=problems, user_id=int(request.user.pk or 0)),
    }
    return render(request, "payments/reconciliation/receipt.html", context)


@never_cache
@require_safe
def unpaired(request: HttpRequest) -> HttpResponse:
    """Lines without receipt and credits without flow."""
    entities = accountants_only(request)
    counts = {count.code: count.count for count in code_counts(entity_ids=entities)}
    groups = [
        (title, verdict_rows(entity_ids=entities, codes=codes, limit=SHOWN), sum(counts[code] for code in codes))
        for title, codes in UNPAIRED
    ]
    title = _("Documenti senza corrispondenza")
    context = {**admin.site.each_context(request), "title": title, "groups": groups, "shown": SHOWN}
    return render(request, "payments/reconciliation/unpaired.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def suggestions(request: HttpRequest) -> HttpResponse:
    """The proposals that wait for a person: confirm them, or say why not."""
    entities = accountants_only(request)
    if request.method == "POST":
        _decide(request, entities)
        return redirect("admin:payments_reconciliation_suggestions")
    context = {
        **admin.site.each_context(request),
        "title": _("Proposte di abbinamento"),
        "cards": open_suggestions(entities, on=clock.today()),
        "decided": decided_suggestions(entities)[:DECIDED_SHOWN],
        "user_id": request.user.pk,
    }
    return render(request, "payments/reconciliation/suggestions.html", context)


def _decide(request: HttpRequest, entities: list[int]) -> None:
    number = request.POST.get("proposta", "")
    chosen = Suggestion.objects.filter(pk=_key(number), entity_id__in=entities).select_related("entity").first()
    if chosen is None:
        raise Http404
    entity, user, actor = chosen.entity, _user_id(request), actor_of(request)
    try:
        if "scarta" in request.POST:
            reason = request.POST.get("motivo", "")
            suggestion_discard(entity=entity, suggestion_id=chosen.pk, user_id=user, reason=reason, actor=actor)
            messages.success(request, _("Proposta scartata: non sarà fatta di nuovo."))
            return
        decided = suggestion_confirm(entity=entity, suggestion_id=chosen.pk, user_id=user, actor=actor)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        confirmed = decided.state == SuggestionState.CONFIRMED
        text = _("Proposta confermata.") if confirmed else _("Prima conferma registrata: ne serve un'altra.")
        messages.success(request, text)


@never_cache
@require_POST
def undo(request: HttpRequest, match_id: int) -> HttpResponse:
    """Take back the match of a credit; the page one comes from is shown again."""
    found = (
        Match.objects.filter(pk=_key(match_id), entity_id__in=accountants_only(request))
        .select_related("entity")
        .first()
    )
    if found is None:
        raise Http404
    reason, actor = request.POST.get("motivo", ""), actor_of(request)
    try:
        match_revoke(entity=found.entity, match_id=found.pk, user_id=_user_id(request), reason=reason, actor=actor)
        messages.success(request, _("Abbinamento annullato: gli esiti sono già aggiornati."))
    except DomainError as error:
        messages.error(request, error.message)
    back = request.POST.get("ricevuta", "")
    if back.isdecimal():
        return redirect("admin:payments_reconciliation_reconciledreceipt_change", _key(back))
    linking = request.POST.get("collega", "")
    if re.fullmatch(r"(flusso|movimento)=\d{1,18}", linking, re.ASCII):
        return redirect(f"{reverse('admin:payments_reconciliation_link')}?{linking}")
    worked = request.POST.get("voce", "")
    if worked.isdecimal():
        return redirect("admin:payments_reconciliation_work", _key(worked))
    return redirect("admin:payments_reconciliation_reconciledreceipt_changelist")


def _user_id(request: HttpRequest) -> int:
    """Who decides; the guard of the admin lets nobody in without an account."""
    return int(request.user.pk or 0)


def _key(number: str | int) -> int:
    """A key of a table; one that no table can have becomes zero, which nothing has."""
    text = str(number)
    value = int(text) if text.isdecimal() and text.isascii() else 0
    return value if value <= BigIntegerField.MAX_BIGINT else 0
