"""The page where a person puts documents together by hand: a credit with flows or payments, a flow with credits."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from payments.reconciliation.access import accountants_only
from payments.reconciliation.formats.values import cents
from payments.reconciliation.forms import LinkSearchForm, WaitForm
from payments.reconciliation.link_choices import Base, Choice, base_of, chosen, possible
from payments.reconciliation.models import SuggestionState
from payments.reconciliation.selectors.linking import Wanted
from payments.reconciliation.services.linking import Piece, link_by_hand
from portal.audit.registers import actor_of
from portal.kernel.errors import DomainError

_MOST_CENTS = 10**13
_LONGEST = 20


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest) -> HttpResponse:
    """Choose documents for a flow or a credit, how much of each, and why. With POST, they are put together."""
    base = base_of(
        accountants_only(request), flow_id=_key(request, "flusso"), movement_id=_key(request, "movimento")
    )  # fmt: skip
    if base is None:
        raise Http404
    rows = chosen(base, request.GET.getlist("con"))
    if request.method == "POST" and _done(request, base, rows):
        return redirect(f"{request.path}?{base.query}")
    form = LinkSearchForm(request.GET)
    wanted = form.wanted() if form.is_valid() else Wanted()
    context = {
        **admin.site.each_context(request),
        "title": _("Collega a mano"),
        "base": base,
        "chosen": [(row, _address(base, [each for each in rows if each is not row])) for row in rows],
        "remainder": base.left - sum(row.proposed for row in rows),
        "found": [
            (row, _address(base, [*rows, row])) for row in possible(base, wanted, without=[row.key for row in rows])
        ],
        "form": form,
        "reason": request.POST.get("motivo", "")[:300],
    }
    return render(request, "payments/reconciliation/link.html", context)


def _done(request: HttpRequest, base: Base, rows: Sequence[Choice]) -> bool:
    """Whether the documents were put together, or wait for a second person; what is wrong is told."""
    pieces, form = _pieces(request, base, rows), WaitForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Scrivi un motivo di non più di 300 caratteri."))
        return False
    if pieces is None:
        messages.error(request, _("Scrivi gli importi in euro con la virgola, per esempio 48,00."))
        return False
    try:
        decided = link_by_hand(
            entity=base.document.entity,
            pieces=pieces,
            reason=form.cleaned_data["motivo"],
            user_id=int(request.user.pk or 0),
            actor=actor_of(request),
        )
    except DomainError as error:
        messages.error(request, error.message)
        return False
    if decided.state == SuggestionState.OPEN:
        messages.success(request, _("Per questo importo serve un'altra persona: il collegamento è tra le proposte."))
    else:
        messages.success(request, _("Collegati: gli esiti sono già aggiornati."))
    return True


def _pieces(request: HttpRequest, base: Base, rows: Sequence[Choice]) -> list[Piece] | None:
    """What was written beside each document; a field left empty leaves its document out."""
    pieces = []
    for row in rows:
        text = request.POST.get(f"importo-{row.key}", "").strip()
        if not text:
            continue
        given = _cents(text)
        if given is None:
            return None
        pieces.append(base.piece(row.key, given))
    return pieces


def _cents(text: str) -> int | None:
    """Cents of an amount as people write it; None when it is none."""
    plain = text.replace(".", "").replace(",", ".") if "," in text else text
    try:
        whole = cents(plain) if len(text) <= _LONGEST else 0
    except ValueError:
        return None
    return whole if 0 < whole <= _MOST_CENTS else None


def _address(base: Base, rows: Sequence[Choice]) -> str:
    """The page with these documents chosen; what is looked for is looked for again."""
    more = urlencode([("con", row.key) for row in rows])
    return f"?{base.query}&{more}" if more else f"?{base.query}"


def _key(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
