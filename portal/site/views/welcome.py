"""Just after the login: for whom the person acts, and an address that works. Then where they were going."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal import clock
from portal.kernel.errors import DomainError
from portal.people.selectors import usable_mandates
from portal.people.services import email_verification_confirm, email_verification_start
from portal.people.session import MANDATE_KEY
from portal.site.access import CitizenHttpRequest, citizen_required
from portal.site.forms import CodeForm, EmailForm
from portal.site.limits import limited
from portal.words import told

LATER = "email_later"


def _next(request: CitizenHttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    # Only paths: `redirect` would take any other word for the name of a view.
    inside = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, {request.get_host()})
    return wanted if inside else reverse("site:area")


def _with_next(name: str, next_path: str) -> str:
    return f"{reverse(name)}?{urlencode({'next': next_path})}"


@require_safe
@citizen_required
def welcome(request: CitizenHttpRequest) -> HttpResponse:
    """Lead the person through what is still open, one page at a time."""
    person, wanted = request.acting.person, _next(request)
    here = _with_next("site:welcome", wanted)
    if MANDATE_KEY not in request.session and usable_mandates(person, on=clock.today()).exists():
        return redirect(_with_next("site:act_as", here))
    if person.email_verified_at is None and LATER not in request.session:
        return redirect(_with_next("site:welcome_email", wanted))
    return redirect(wanted)


@require_http_methods(["GET", "POST"])
@limited("email-code-welcome", most=30, seconds=600, methods=("POST",))
@citizen_required
def email(request: CitizenHttpRequest) -> HttpResponse:
    """Confirm the address with a code, or put it off: messages are in the personal area all the same."""
    person, wanted = request.acting.person, _next(request)
    asked = request.POST.get("azione", "")
    email_form = EmailForm(request.POST if asked == "codice" else None, initial={"email": person.email})
    code_form = CodeForm(request.POST if asked == "conferma" else None)
    if asked == "dopo":
        request.session[LATER] = True
        return redirect(wanted)
    try:
        if asked == "codice" and email_form.is_valid():
            email_verification_start(person=person, email=email_form.cleaned_data["email"])
            return redirect(f"{_with_next('site:welcome_email', wanted)}&inviato=1")
        if asked == "conferma" and code_form.is_valid():
            email_verification_confirm(person=person, code=code_form.cleaned_data["code"])
            return redirect(wanted)
    except DomainError as error:
        (email_form if asked == "codice" else code_form).add_error(None, told(error))
    sent = "inviato" in request.GET or asked == "conferma"
    context = {
        "email_form": email_form,
        "code_form": code_form,
        "sent": sent,
        "next": wanted,
        "title": _("La tua e-mail"),
    }
    return render(request, "portal/site/area/welcome_email.html", context)
