"""For whom the person acts."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal import clock
from portal.kernel.errors import DomainError
from portal.people.models import Mandate
from portal.people.selectors import usable_mandates
from portal.people.session import act_for
from portal.site.access import CitizenHttpRequest, citizen_required
from portal.site.forms import ONESELF, ActAsForm
from portal.words import told

COMPANIES = 20
LONGEST_SEARCH = 80
LONGEST_NUMBER = 18


@require_http_methods(["GET", "POST"])
@citizen_required
def act_as(request: CitizenHttpRequest) -> HttpResponse:
    """Choose for whom to act; the next page is where the person was going. Many companies come in pages."""
    person = request.acting.person
    text = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    page = Paginator(usable_mandates(person, on=clock.today(), text=text), COMPANIES).get_page(request.GET.get("page"))
    current = request.acting.mandate.pk if request.acting.mandate else ONESELF
    form = ActAsForm(
        request.POST or None,
        person_name=str(person),
        mandates=_offered(request, list(page)),
        initial={"per_chi": str(current)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            acting = act_for(request, person=person, mandate_id=form.mandate_id())
        except DomainError as error:
            form.add_error("per_chi", told(error))
        else:
            messages.success(request, _("Ora operi per: %(name)s") % {"name": acting.company or acting.person})
            return redirect(_next(request))
    context = {
        "form": form,
        "page_obj": page,
        "total": page.paginator.count,
        "searchable": bool(text) or page.paginator.num_pages > 1,
        "q": text,
        "query": urlencode({"q": text, "next": _next(request)}),
        "next": _next(request),
    }
    return render(request, "portal/site/area/act_as.html", context)


def _offered(request: CitizenHttpRequest, shown: list[Mandate]) -> list[Mandate]:
    """The companies of the page, and the one chosen: it may stand on a page the browser has left."""
    chosen = request.POST.get("per_chi", "")
    known = chosen.isascii() and chosen.isdecimal() and len(chosen) <= LONGEST_NUMBER
    if not known or int(chosen) in {row.pk for row in shown}:
        return shown
    return shown + list(usable_mandates(request.acting.person, on=clock.today()).filter(pk=int(chosen)))


def _next(request: CitizenHttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    # Only paths: `redirect` would take any other word for the name of a view.
    inside = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, {request.get_host()})
    return wanted if inside else "/area/"
