"""The pages of the application. Reading never writes; the first answer sent makes the draft."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_scopes import scope

from exceptional_transport.describe import blocks_of
from exceptional_transport.domain.classify import Classification, classify
from exceptional_transport.handler import SERVICE
from exceptional_transport.selectors.applications import application_of, asked_of, fee_items_of
from exceptional_transport.selectors.network import current_versions, map_features
from exceptional_transport.services.applications import application_submit, competent_entity
from exceptional_transport.wizard import attachments
from exceptional_transport.wizard.core import Page, Step, Wizard, errors_of
from exceptional_transport.wizard.forms import DeclarationsForm, UploadForm
from exceptional_transport.wizard.steps import BY_SLUG, STEPS, SUMMARY, SUMMARY_TITLE, asked_from, judged
from portal import clock
from portal.cases.models import Case, Draft
from portal.cases.selectors import cases_of, drafts_of
from portal.cases.services.drafts import draft_attach, draft_detach, draft_discard, draft_open, draft_save
from portal.catalogue import cards
from portal.kernel.errors import DomainError
from portal.people.acting import Acting
from portal.people.http import PortalRequest
from portal.people.session import identity_level
from portal.site.access import login_at
from portal.words import in_italian, told

View = Callable[..., HttpResponse]
HERE = "exceptional_transport:step"


def citizens_only(view: View) -> View:
    """Visitors go through the login and come back; staff have no applications of their own (404).

    Who acts by a mandate for other services is told so (OutsideTheMandate).
    """

    @wraps(view)
    @never_cache
    def guarded(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.acting is not None:
            request.acting.require(SERVICE)
            level = cards.card(SERVICE).level
            if identity_level(request) < level:
                return login_at(level, back=reverse("exceptional_transport:start"))
            return view(request, *args, **kwargs)
        if request.user.is_staff:
            raise Http404
        return redirect_to_login(reverse("exceptional_transport:start"))

    return guarded


def acting_of(request: PortalRequest) -> Acting:
    """Who fills the application; `citizens_only` has made sure there is one."""
    assert request.acting is not None
    return request.acting


def open_draft(acting: Acting) -> Draft | None:
    return drafts_of(acting).filter(service=SERVICE).first()


def wizard_of(request: PortalRequest) -> Wizard:
    acting = acting_of(request)
    return Wizard(acting, open_draft(acting), clock.today())


@require_safe
@citizens_only
def start(request: PortalRequest) -> HttpResponse:
    """Straight to the first step, or the choice between the draft left behind and a new application."""
    draft = open_draft(acting_of(request))
    if draft is None:
        return redirect(HERE, STEPS[0].slug)
    step = draft.step if draft.step in BY_SLUG else STEPS[0].slug
    context = {"draft": draft, "step": BY_SLUG[step], "card": cards.card(SERVICE)}
    return render(request, "exceptional_transport/wizard/resume.html", context)


@require_POST
@citizens_only
def restart(request: PortalRequest) -> HttpResponse:
    """Throw the draft away and begin again."""
    draft = open_draft(acting_of(request))
    if draft is not None:
        draft_discard(draft=draft)
    return redirect(HERE, STEPS[0].slug)


@require_http_methods(["GET", "HEAD", "POST"])
@citizens_only
def step(request: PortalRequest, slug: str) -> HttpResponse:
    """One step. "Avanti" judges it; "Salva bozza", "Indietro" and the buttons on rows only keep what was typed."""
    if slug not in BY_SLUG:
        raise Http404
    this = BY_SLUG[slug]
    if request.method != "POST":
        wizard = wizard_of(request)
        return _show(request, wizard, this, this.build(wizard, wizard.answers(slug), False))
    return _receive(request, this)


def _receive(request: PortalRequest, this: Step) -> HttpResponse:
    acting = acting_of(request)
    wizard = Wizard(acting, draft_open(acting=acting, service=SERVICE), clock.today())
    answers = this.read(request.POST)
    action = request.POST.get("azione", "avanti")
    anchor = ""
    if this.change is not None and action not in {"avanti", "indietro", "salva"}:
        answers, anchor = this.change(wizard, answers, action)
    assert wizard.draft is not None
    wizard.draft = draft_save(draft=wizard.draft, step=this.slug, answers=answers)
    place = [each.slug for each in STEPS].index(this.slug)
    if action == "indietro" and place > 0:
        return redirect(HERE, STEPS[place - 1].slug)
    if action == "salva":
        messages.success(request, _("Bozza salvata: la ritrovi nella tua area personale."))
    if action != "avanti":
        return redirect(reverse(HERE, args=[this.slug]) + (f"#{anchor}" if anchor else ""))
    page = this.build(wizard, answers, True)
    if not page.is_good:
        return _show(request, wizard, this, page)
    if place + 1 < len(STEPS):
        return redirect(HERE, STEPS[place + 1].slug)
    return redirect("exceptional_transport:summary")


def _show(request: PortalRequest, wizard: Wizard, this: Step, page: Page) -> HttpResponse:
    context = {
        "step": this,
        "stepper": stepper(wizard, this.slug),
        "errors": page.errors,
        "is_first": this is STEPS[0],
        "saved_at": wizard.draft.saved_at if wizard.draft else None,
        **page.context,
    }
    return render(request, this.template, context)


def stepper(wizard: Wizard, current: str) -> list[dict[str, Any]]:
    """All the steps; done are those whose saved answers are good."""
    pages = judged(wizard)
    rows = [
        {
            "label": each.title,
            "url": reverse(HERE, args=[each.slug]),
            "state": _state(each.slug == current, wizard.is_saved(each.slug) and pages[each.slug].is_good),
        }
        for each in STEPS
    ]
    summary = {"label": SUMMARY_TITLE, "url": reverse("exceptional_transport:summary")}
    return [*rows, {**summary, "state": _state(current == SUMMARY, False)}]


def _state(is_current: bool, is_done: bool) -> str:
    if is_current:
        return "current"
    return "done" if is_done else "todo"


@require_POST
@citizens_only
def upload(request: PortalRequest, field: str) -> HttpResponse:
    """Add a file to one of the slots."""
    slot = next((each for each in attachments.SLOTS if each.field == field), None)
    if slot is None:
        raise Http404
    form = UploadForm(request.POST, request.FILES, prefix=field)
    this = BY_SLUG["allegati"]
    if form.is_valid() and _attached(request, form, slot):
        messages.success(request, _("File caricato."))
        return redirect(reverse(HERE, args=[this.slug]) + f"#gruppo-{field}")
    wizard = wizard_of(request)
    page = this.build(wizard, {}, False)
    for group in page.context["groups"]:
        if group["slot"] is slot:
            group["form"] = form
    page.errors = errors_of(form, row=str(slot.label))
    return _show(request, wizard, this, page)


def _attached(request: PortalRequest, form: UploadForm, slot: attachments.Slot) -> bool:
    """Keep the file on the draft; what is wrong with it becomes an error of the field."""
    draft = draft_open(acting=acting_of(request), service=SERVICE)
    with in_italian():
        label = str(slot.label)
    try:
        draft_attach(
            draft=draft,
            field=slot.field,
            label=label,
            upload=form.cleaned_data["file"],
            rules=attachments.RULES,
        )
    except DomainError as error:
        form.add_error("file", told(error))
        return False
    draft_save(draft=draft, step="allegati", answers={})
    return True


@require_POST
@citizens_only
def remove_file(request: PortalRequest, uuid: UUID) -> HttpResponse:
    """Take a file off the draft."""
    wizard = wizard_of(request)
    found = next((row for row in wizard.attachments if row.uuid == uuid), None)
    if found is None or wizard.draft is None:
        raise Http404
    draft_detach(draft=wizard.draft, attachment=found)
    messages.success(request, _("File tolto."))
    return redirect(reverse(HERE, args=["allegati"]) + f"#gruppo-{found.field}")


@require_safe
@citizens_only
def summary(request: PortalRequest) -> HttpResponse:
    """Everything as text, with the way back to each step, and the declarations."""
    wizard = wizard_of(request)
    return _summary(request, wizard, judged(wizard), DeclarationsForm())


def _summary(request: PortalRequest, wizard: Wizard, pages: dict[str, Page], form: DeclarationsForm) -> HttpResponse:
    missing = [each for each in STEPS if not pages[each.slug].is_good]
    context: dict[str, Any] = {
        "stepper": stepper(wizard, SUMMARY),
        "missing": missing,
        "person": wizard.acting.person,
        "company": wizard.acting.company,
        "attachments": wizard.attachments,
        "form": form,
        "errors": errors_of(form) if form.is_bound else [],
    }
    if not missing:
        asked, route = asked_from(pages)
        slugs = ["richiedente", "veicoli", "veicoli", "carico", "percorso", "periodo"]
        context["sections"] = list(zip(blocks_of(asked, route), slugs, strict=True))
        context |= _preview(wizard, pages)
    return render(request, "exceptional_transport/wizard/summary.html", context)


def _preview(wizard: Wizard, pages: dict[str, Page]) -> dict[str, Any]:
    """What the rules already say: is it exceptional, what will it cost. Never a reason to stop here."""
    asked, route = asked_from(pages)
    preview: dict[str, Any] = {
        "entity": competent_entity(asked),
        "classification": None,
        "fees": [],
        "fees_problem": "",
    }
    try:
        classification: Classification = classify(asked.convoy, wizard.figures)
        preview["classification"] = classification
        preview["declaration_advised"] = attachments.mass_declaration_advised(
            wizard, kind=asked.kind, over_mass=classification.over_mass
        )
        with scope(entity=preview["entity"]):
            preview["fees"] = fee_items_of(asked, route, entity_id=preview["entity"].pk, on=wizard.today)
        preview["fees_total"] = sum(item.cents for item in preview["fees"])
    except DomainError as error:
        preview["fees_problem"] = told(error)
    return preview


@require_POST
@citizens_only
def submit(request: PortalRequest) -> HttpResponse:
    """Send the application. Sent twice (two tabs, an impatient hand), it is the same case."""
    wizard = wizard_of(request)
    if wizard.draft is None:
        return _already_sent(request)
    pages = judged(wizard)
    form = DeclarationsForm(request.POST)
    if not form.is_valid() or not all(page.is_good for page in pages.values()):
        return _summary(request, wizard, pages, form)
    asked, _route = asked_from(pages)
    try:
        case = application_submit(
            draft=wizard.draft, asked=asked, to_save=pages["veicoli"].context["to_save"], acting=wizard.acting
        )
    except DomainError as error:
        messages.error(request, told(error))
        return redirect("exceptional_transport:summary")
    return redirect("exceptional_transport:sent", case.code)


def _already_sent(request: PortalRequest) -> HttpResponse:
    """No open draft: what was sent a moment ago, or the beginning."""
    newest = cases_of(acting_of(request)).filter(service=SERVICE).order_by("-submitted_at").first()
    if newest is None:
        return redirect("exceptional_transport:start")
    return redirect("exceptional_transport:sent", newest.code)


@require_safe
@citizens_only
def sent(request: PortalRequest, code: str) -> HttpResponse:
    """The confirmation: number, date, last day for the decision, receipt, what comes next."""
    case: Case = get_object_or_404(cases_of(acting_of(request)).filter(service=SERVICE), code=code)
    with scope(entity=case.entity):
        asked = asked_of(application_of(case))
    context = {"case": case, "asked": asked, "card": cards.card(SERVICE), "person": acting_of(request).person}
    return render(request, "exceptional_transport/wizard/sent.html", context)


@require_safe
@cache_control(public=True, max_age=3600)
def network_geojson(request: PortalRequest, code: str) -> HttpResponse:
    """The map of a body's current network: municipalities and roads, from our own data only."""
    version = next((each for each in current_versions() if each.entity.code == code), None)
    if version is None:
        raise Http404
    return JsonResponse(map_features(version.pk), content_type="application/geo+json")
