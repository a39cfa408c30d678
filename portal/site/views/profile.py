"""The person's own data: addresses confirmed by a code, telephone, and the codice fiscale of who came without one."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal import clock
from portal.documents.domain.uploads import UploadRules
from portal.documents.services import store_upload
from portal.kernel.errors import DomainError
from portal.people.models import AddressKind, EmailVerification, FiscalCodeClaim, Person
from portal.people.selectors import usable_mandates
from portal.people.services import email_verification_confirm, email_verification_start, phone_keep
from portal.people.services.claims import claim_make
from portal.people.services.contacts import FIELDS
from portal.people.session import identity_level, identity_system
from portal.site.access import CitizenHttpRequest, citizen_required
from portal.site.forms import ClaimForm, CodeForm, EmailForm, PecForm, PhoneForm
from portal.site.limits import limited
from portal.words import told

SHOWN_MANDATES = 5
ADDRESS_FORMS: dict[AddressKind, type[EmailForm]] = {AddressKind.EMAIL: EmailForm, AddressKind.PEC: PecForm}


@require_safe
@citizen_required
def profile(request: CitizenHttpRequest) -> HttpResponse:
    """What the portal knows about the person."""
    return _profile(request)


def _profile(request: CitizenHttpRequest, **bound: Form) -> HttpResponse:
    """The page; `bound` are the forms that came back with errors, by their name in the page."""
    person = request.acting.person
    forms: dict[str, Any] = {
        "email_form": EmailForm(initial={"email": person.email}),
        "email_code_form": CodeForm(),
        "pec_form": PecForm(initial={"email": person.pec}, auto_id="pec_%s"),
        "pec_code_form": CodeForm(auto_id="pec_%s"),
        "phone_form": PhoneForm(initial={"phone": person.phone}),
        "claim_form": ClaimForm(),
    } | bound
    context = {
        "person": person,
        "level": identity_level(request),
        "system": identity_system(request),
        "mandates": list(usable_mandates(person, on=clock.today())[:SHOWN_MANDATES]),
        "email_pending": _pending(person, AddressKind.EMAIL),
        "pec_pending": _pending(person, AddressKind.PEC),
        "claim": FiscalCodeClaim.objects.filter(person=person).last() if person.fiscal_code is None else None,
        "bound": list(bound.values()),
        **forms,
    }
    return render(request, "portal/site/area/profile.html", context)


def _pending(person: Person, kind: AddressKind) -> EmailVerification | None:
    """The last address that waits for its code, unless another one was confirmed later."""
    rows = EmailVerification.objects.filter(person=person, kind=kind, confirmed_at__isnull=True)
    pending = rows.order_by("-pk").first()
    confirmed_at = getattr(person, FIELDS[kind][1])
    return None if pending and confirmed_at and confirmed_at > pending.created_at else pending


def _auto_id(kind: AddressKind) -> str:
    """Two forms with the same fields stand on one page: their ids differ."""
    return "id_%s" if kind is AddressKind.EMAIL else "pec_%s"


@require_POST
@limited("email-code", most=10, seconds=600)
@citizen_required
def address_start(request: CitizenHttpRequest, kind: AddressKind) -> HttpResponse:
    """Send the code to the address."""
    form = ADDRESS_FORMS[kind](request.POST, auto_id=_auto_id(kind))
    if form.is_valid():
        try:
            email_verification_start(person=request.acting.person, email=form.cleaned_data["email"], kind=kind)
        except DomainError as error:
            form.add_error("email", told(error))
        else:
            text = _("Ti abbiamo mandato un codice: scrivilo qui sotto per confermare l'indirizzo.")
            messages.success(request, text)
            return redirect("site:profile")
    return _profile(request, **{f"{kind.value}_form": form})


@require_POST
@limited("email-code-try", most=30, seconds=600)
@citizen_required
def address_confirm(request: CitizenHttpRequest, kind: AddressKind) -> HttpResponse:
    """Check the code and keep the address."""
    form = CodeForm(request.POST, auto_id=_auto_id(kind))
    if form.is_valid():
        try:
            email_verification_confirm(person=request.acting.person, code=form.cleaned_data["code"], kind=kind)
        except DomainError as error:
            form.add_error("code", told(error))
        else:
            messages.success(request, _("L'indirizzo è confermato."))
            return redirect("site:profile")
    return _profile(request, **{f"{kind.value}_code_form": form})


@require_POST
@citizen_required
def phone(request: CitizenHttpRequest) -> HttpResponse:
    """Write down the telephone, or take it away."""
    form = PhoneForm(request.POST)
    if form.is_valid():
        try:
            phone_keep(person=request.acting.person, phone=form.cleaned_data["phone"])
        except DomainError as error:
            form.add_error("phone", told(error))
        else:
            messages.success(request, _("Numero di telefono salvato."))
            return redirect("site:profile")
    return _profile(request, phone_form=form)


@require_POST
@limited("claim", most=10, seconds=600)
@citizen_required
def claim(request: CitizenHttpRequest) -> HttpResponse:
    """Declare one's codice fiscale, with a document if one likes; the office decides."""
    form = ClaimForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            with transaction.atomic():
                sent = form.cleaned_data["file"]
                stored = store_upload(upload=sent, rules=UploadRules()) if sent else None
                claim_make(person=request.acting.person, fiscal_code=form.cleaned_data["fiscal_code"], file=stored)
        except DomainError as error:
            form.add_error("file" if "file" in error.code else "fiscal_code", told(error))
        else:
            messages.success(request, _("Codice fiscale dichiarato: l'ufficio lo controlla e ti avvisa."))
            return redirect("site:profile")
    return _profile(request, claim_form=form)
