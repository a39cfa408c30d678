"""The person's own data: for whom they act, their address, their mandates."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import clock
from portal.kernel.errors import DomainError
from portal.people.models import EmailVerification
from portal.people.selectors import mandates_of, usable_mandates
from portal.people.services import email_verification_confirm, email_verification_start
from portal.people.session import act_for, identity_level
from portal.site.access import CitizenHttpRequest, citizen_required
from portal.site.forms import ONESELF, ActAsForm, CodeForm, EmailForm
from portal.site.limits import limited


@require_http_methods(["GET", "POST"])
@citizen_required
def act_as(request: CitizenHttpRequest) -> HttpResponse:
    """Choose for whom to act; the next page is where the person was going."""
    person = request.acting.person
    mandates = list(usable_mandates(person, on=clock.today()))
    current = request.acting.mandate.pk if request.acting.mandate else ONESELF
    form = ActAsForm(
        request.POST or None, person_name=str(person), mandates=mandates, initial={"per_chi": str(current)}
    )
    if request.method == "POST" and form.is_valid():
        try:
            acting = act_for(request, person=person, mandate_id=form.mandate_id())
        except DomainError as error:
            form.add_error("per_chi", error.message)
        else:
            messages.success(request, _("Ora operi per: %(name)s") % {"name": acting.company or acting.person})
            return redirect(_next(request))
    context = {"form": form, "mandates": mandates, "next": _next(request)}
    return render(request, "portal/site/area/act_as.html", context)


def _next(request: CitizenHttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    # Only paths: `redirect` would take any other word for the name of a view.
    inside = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, {request.get_host()})
    return wanted if inside else "/area/"


@require_safe
@citizen_required
def profile(request: CitizenHttpRequest) -> HttpResponse:
    """What the portal knows about the person."""
    return _profile(request, EmailForm(initial={"email": request.acting.person.email}), CodeForm())


def _profile(request: CitizenHttpRequest, email_form: EmailForm, code_form: CodeForm) -> HttpResponse:
    person = request.acting.person
    pending = EmailVerification.objects.filter(person=person, confirmed_at__isnull=True).order_by("-pk").first()
    confirmed_later = pending and person.email_verified_at and person.email_verified_at > pending.created_at
    context = {
        "person": person,
        "level": identity_level(request),
        "mandates": mandates_of(person),
        "email_form": email_form,
        "code_form": code_form,
        "pending": None if confirmed_later else pending,
    }
    return render(request, "portal/site/area/profile.html", context)


@require_POST
@limited("email-code", most=10, seconds=600)
@citizen_required
def email_start(request: CitizenHttpRequest) -> HttpResponse:
    """Send the code to the address."""
    form = EmailForm(request.POST)
    if not form.is_valid():
        return _profile(request, form, CodeForm())
    try:
        email_verification_start(person=request.acting.person, email=form.cleaned_data["email"])
    except DomainError as error:
        form.add_error("email", error.message)
        return _profile(request, form, CodeForm())
    messages.success(request, _("Ti abbiamo mandato un codice: scrivilo qui sotto per confermare l'indirizzo."))
    return redirect("site:profile")


@require_POST
@limited("email-code-try", most=30, seconds=600)
@citizen_required
def email_confirm(request: CitizenHttpRequest) -> HttpResponse:
    """Check the code and keep the address."""
    email_form = EmailForm(initial={"email": request.acting.person.email})
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _profile(request, email_form, form)
    try:
        email_verification_confirm(person=request.acting.person, code=form.cleaned_data["code"])
    except DomainError as error:
        form.add_error("code", error.message)
        return _profile(request, email_form, form)
    messages.success(request, _("Il tuo indirizzo e-mail è confermato."))
    return redirect("site:profile")
