"""Pages for anybody: home, catalogue, service card, help, legal pages."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_scopes import scopes_disabled

from portal.catalogue import cards
from portal.entities.models import Office
from portal.people.acting import OutsideTheMandate
from portal.people.farewell import after_leaving
from portal.people.http import PortalRequest
from portal.site.forms import VerifyForm
from portal.site.service_page import page_items, structured_data
from portal.words import told


@require_safe
def home(request: PortalRequest) -> HttpResponse:
    """What most people come for first, then the services by category."""
    context = {"services": cards.all_cards()[:6], "categories": _categories()}
    return render(request, "portal/site/home.html", context)


@require_safe
def services(request: PortalRequest) -> HttpResponse:
    """The catalogue, searched by words and filtered by category."""
    text = request.GET.get("q", "").strip()[:100]
    category = request.GET.get("categoria", "")
    known = [name for name, _count in _categories()]
    if category and category not in known:
        raise Http404
    context = {
        "q": text,
        "category": category,
        "services": cards.find(text=text, category=category),
        "categories": _categories(),
    }
    return render(request, "portal/site/services.html", context)


def _categories() -> list[tuple[str, int]]:
    return [(name, len(cards.find(category=name))) for name in cards.categories()]


@require_safe
def service(request: PortalRequest, slug: str) -> HttpResponse:
    """The card of a service: the items of the national model, in their order."""
    card = _card(slug)
    url = request.build_absolute_uri(request.path)
    with scopes_disabled():
        office = Office.objects.filter(entity=request.entity or None, code=card.office_code).first()
    context = {
        "card": card,
        "items": page_items(card),
        "office": office,
        "category_url": f"{reverse('site:services')}?{urlencode({'categoria': card.category})}",
        "structured": structured_data(card, entity=request.entity or None, url=url),
    }
    return render(request, "portal/site/service.html", context)


@require_safe
def service_start(request: PortalRequest, slug: str) -> HttpResponse:
    """Straight into the service; who is not logged in goes through the login and comes back there."""
    card = _card(slug)
    if not card.active or not card.start_url:
        return redirect("site:service", slug=slug)
    if request.acting is not None and not request.acting.covers(slug):
        messages.warning(request, told(OutsideTheMandate(request.acting.company)))
        return redirect("site:service", slug=slug)
    if request.acting is not None:
        return redirect(card.start_url)
    if request.user.is_staff:
        messages.warning(request, _("Sei nel portale come personale dell'ente: per una domanda entra con SPID."))
        return redirect("site:service", slug=slug)
    return redirect_to_login(card.start_url)


def _card(slug: str) -> cards.ServiceCard:
    try:
        return cards.card(slug)
    except KeyError:
        raise Http404 from None


@require_safe
def help_page(request: PortalRequest) -> HttpResponse:
    """Who answers, and how to get out of the usual troubles."""
    with scopes_disabled():
        offices = list(Office.objects.filter(entity=request.entity or None).order_by("name"))
    return render(request, "portal/site/help.html", {"offices": offices})


@require_safe
def verify_start(request: PortalRequest) -> HttpResponse:
    """Type the code printed under the QR code of a document."""
    form = VerifyForm(request.GET if "codice" in request.GET else None)
    if form.is_bound and form.is_valid():
        return redirect("documents:verify", token=form.cleaned_data["codice"])
    return render(request, "portal/site/verify_start.html", {"form": form})


@require_safe
def sitemap(request: PortalRequest) -> HttpResponse:
    """Every page of the portal, as a list."""
    groups: list[dict[str, Any]] = [
        {"category": name, "services": cards.find(category=name)} for name in cards.categories()
    ]
    return render(request, "portal/site/sitemap.html", {"groups": groups})


@require_safe
def static_page(request: PortalRequest, template: str) -> HttpResponse:
    """A page of text: privacy, legal notes, accessibility."""
    return render(request, template)


@require_POST
def leave(request: PortalRequest) -> HttpResponseBase:
    """End the session and say so; whoever had let the person in may then end its own."""
    go_on = after_leaving(request)
    logout(request)
    messages.success(request, _("Sei uscito dall'area personale."))
    return go_on(request) if go_on else redirect("site:home")
