"""Deleghe: what the person holds and gave, how to ask for one, how to end one."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal import clock
from portal.documents.domain.uploads import UploadRules
from portal.documents.models import StoredFile
from portal.documents.services import store_upload
from portal.kernel.errors import DomainError
from portal.people.desk import history_lines, shown_state_of
from portal.people.domain.declarations import GRANT, REPRESENTATIVE
from portal.people.domain.mandates import Action
from portal.people.models import Mandate
from portal.people.selectors import mandates_touching
from portal.people.services.mandates import (
    closing_of,
    mandate_close,
    mandate_grant,
    mandate_request,
    representation_request,
)
from portal.site.access import CitizenHttpRequest, citizen_required
from portal.site.limits import limited
from portal.site.mandate_forms import AGENCY, GrantForm, MandateRequestForm, RepresentationForm
from portal.words import told

ROWS = 20
PDF = UploadRules(types=("application/pdf",))
# Where a rule's refusal is shown: code of the error -> field.
FIELD_OF = {"company_codes": "fiscal_code", "agency_unknown": "fiscal_code", "mandate_dates": "valid_to"}
FILE_ERRORS = frozenset({"empty_file", "file_too_large", "file_type_not_allowed"})

limit = limited("mandate", most=30, seconds=600, methods=("POST",))


@require_safe
@citizen_required
def mandates(request: CitizenHttpRequest) -> HttpResponse:
    """The mandates of the person and, for a representative, those of the company."""
    rows = mandates_touching(request.acting, on=clock.today())
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    context = {"page_obj": page, "rows": [(row, shown_state_of(row)) for row in page]}
    return render(request, "portal/site/area/mandates.html", context)


def _mandate(request: CitizenHttpRequest, pk: int) -> Mandate:
    return get_object_or_404(mandates_touching(request.acting, on=clock.today()), pk=pk)


@require_safe
@citizen_required
def mandate(request: CitizenHttpRequest, pk: int) -> HttpResponse:
    """One mandate: who, for whom, until when, what proves it, what happened."""
    row = _mandate(request, pk)
    closing = closing_of(row, request.acting)
    context = {
        "mandate": row,
        "shown_state": shown_state_of(row),
        "papers": list(row.papers.select_related("file")),
        "history": history_lines(row, internal=False),
        "closing": CLOSING_WORDS[closing[1]]() if closing else None,
    }
    return render(request, "portal/site/area/mandate.html", context)


# How the three ways to end a mandate are called: title of the page and of its button.
CLOSING_WORDS: dict[Action, Callable[[], str]] = {
    Action.WITHDRAW: lambda: _("Ritira la richiesta"),
    Action.GIVE_UP: lambda: _("Rinuncia alla delega"),
    Action.REVOKE: lambda: _("Revoca la delega"),
}


@require_http_methods(["GET", "POST"])
@citizen_required
def close(request: CitizenHttpRequest, pk: int) -> HttpResponse:
    """Ask, then end a mandate or take back a request."""
    row = _mandate(request, pk)
    closing = closing_of(row, request.acting)
    if closing is None:
        messages.warning(request, _("Questa delega non si può chiudere da qui: se serve, scrivi all'ufficio."))
        return redirect("site:mandate", pk=pk)
    if request.method == "POST":
        try:
            mandate_close(mandate=row, acting=request.acting, entity=request.entity or None)
        except DomainError as error:
            messages.error(request, told(error))
        else:
            messages.success(request, _("Fatto: la delega non vale più e abbiamo avvisato chi serve."))
        return redirect("site:mandates")
    context = {"mandate": row, "words": CLOSING_WORDS[closing[1]]()}
    return render(request, "portal/site/area/mandate_close.html", context)


@require_http_methods(["GET", "POST"])
@limit
@citizen_required
def ask_representation(request: CitizenHttpRequest) -> HttpResponse:
    """Ask to be recognised as legal representative of a company."""
    form = RepresentationForm(request.POST or None, request.FILES or None)

    def ask(file: StoredFile | None) -> Mandate:
        return representation_request(
            person=request.acting.person, company=form.company(), entity=request.entity or None, record=file
        )

    title = _("Rappresenti un'impresa?")
    lead = _("Scrivi i dati dell'impresa e dichiara di rappresentarla: l'ufficio controlla e ti avvisa.")
    return _ask(request, form, ask, title=title, lead=lead, declaration=REPRESENTATIVE)


@require_http_methods(["GET", "POST"])
@limit
@citizen_required
def ask_mandate(request: CitizenHttpRequest) -> HttpResponse:
    """Ask for a mandate that a company signed on paper."""
    acting = request.acting
    agency = str(acting.company) if acting.is_representative else ""
    form = MandateRequestForm(
        request.POST or None, request.FILES or None, agency=agency, initial={"valid_from": clock.today()}
    )

    def ask(file: StoredFile | None) -> Mandate:
        assert file is not None
        return mandate_request(
            acting=acting,
            company=form.company(),
            terms=form.terms(),
            signed=file,
            entity=request.entity or None,
            for_agency=form.cleaned_data["holder"] == AGENCY,
        )

    title = _("Hai una delega firmata?")
    lead = _("Allega la delega o la procura che l'impresa ha firmato: l'ufficio controlla e ti avvisa.")
    return _ask(request, form, ask, title=title, lead=lead)


@require_http_methods(["GET", "POST"])
@limit
@citizen_required
def grant(request: CitizenHttpRequest) -> HttpResponse:
    """The representative of a company gives a mandate; for anybody else the page says how to become one."""
    acting = request.acting
    if not acting.is_representative:
        text = _("Per dare una delega scegli di operare per un'impresa di cui sei legale rappresentante.")
        messages.warning(request, text)
        return redirect("site:mandates")
    form = GrantForm(request.POST or None, initial={"valid_from": clock.today()})

    def ask(file: StoredFile | None) -> Mandate:
        return mandate_grant(
            acting=acting,
            holder=form.to(),
            terms=form.terms(),
            services_words=form.services_words(),
            entity=request.entity or None,
        )

    title = _("Delega qualcuno")
    lead = _("Chi deleghi può operare per %(company)s dopo l'approvazione dell'ufficio. Puoi revocare quando vuoi.")
    return _ask(request, form, ask, title=title, lead=lead % {"company": acting.company}, declaration=GRANT)


def _ask(
    request: CitizenHttpRequest, form: Form, ask: Callable[[StoredFile | None], Mandate], **words: str
) -> HttpResponse:
    """The way all requests go: form, file and mandate in one transaction, then the page of the mandate."""
    if request.method == "POST" and form.is_valid():
        upload = getattr(form, "upload", "")
        try:
            with transaction.atomic():
                sent = form.cleaned_data.get(upload)
                row = ask(store_upload(upload=sent, rules=PDF) if sent else None)
        except DomainError as error:
            form.add_error(_field_of(error.code, form, upload), told(error))
        else:
            messages.success(request, _("Richiesta inviata: l'ufficio la controlla e ti avvisa."))
            return redirect("site:mandate", pk=row.pk)
    context: dict[str, Any] = {"form": form, "declaration": "", **words}
    return render(request, "portal/site/area/mandate_ask.html", context)


def _field_of(code: str, form: Form, upload: str) -> str | None:
    field = upload if code in FILE_ERRORS else FIELD_OF.get(code)
    return field if field in form.fields else None
