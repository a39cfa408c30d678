"""The citizen's side of fines: who was driving, and the way in for whoever has no codice fiscale."""

from http import HTTPStatus
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe
from django_scopes import scopes_disabled

from payments import visitor
from payments.fines.domain.stages import DriverState
from payments.fines.forms import DriverForm, ForeignForm
from payments.fines.models import Fine
from payments.fines.selectors import driver_data_of, fine_of_charge, foreign_notice, terms_of
from payments.fines.services.drivers import Driver, driver_declare
from portal.billing.selectors import charges_of
from portal.kernel.errors import DomainError
from portal.people.http import PortalRequest
from portal.site.limits import is_too_much, limited, too_many
from portal.words import told

WINDOW_SECONDS = 3600
MOST_OF_A_NUMBER = 10
MOST_OF_A_PLATE = 30


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@sensitive_post_parameters()
def driver(request: PortalRequest, uuid: UUID) -> HttpResponse:
    """Say who was driving. What was said already is shown, not asked again."""
    fine = _fine(request, uuid)
    if fine.driver == DriverState.GIVEN:
        return redirect("payments:fines:driver_receipt", uuid=uuid)
    form = DriverForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and request.acting is not None:
        said = {name: value for name, value in form.cleaned_data.items() if name != "declaration"}
        try:
            driver_declare(fine_id=fine.pk, entity=fine.entity, driver=Driver(**said), acting=request.acting)
        except DomainError as error:
            form.add_error(None, told(error))
        else:
            return redirect("payments:fines:driver_receipt", uuid=uuid)
    context = {"fine": fine, "form": form, "terms": terms_of(fine), "uuid": uuid}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "payments/fines/driver.html", context, status=status)


@require_safe
@never_cache
@login_required
def driver_receipt(request: PortalRequest, uuid: UUID) -> HttpResponse:
    """What was declared, and when."""
    fine = _fine(request, uuid)
    data = driver_data_of(fine)
    if data is None:
        return redirect("payments:fines:driver", uuid=uuid)
    return render(request, "payments/fines/driver_receipt.html", {"fine": fine, "data": data, "uuid": uuid})


def _fine(request: PortalRequest, uuid: UUID) -> Fine:
    """A fine of the person or of the company they act for whose driver was asked for; others do not exist."""
    if request.acting is None:
        raise Http404
    with scopes_disabled():  # a citizen has no scope: the selector has already filtered by person
        charge = get_object_or_404(charges_of(request.acting), uuid=uuid)
    fine = fine_of_charge(charge)
    if fine is None or fine.driver == DriverState.NOT_ASKED:
        raise Http404
    return fine


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters()
@limited("fine-foreign", most=20, seconds=600, methods=("POST",))
def foreign(request: PortalRequest) -> HttpResponse:
    """Open a notice by its number and the plate. A wrong pair and a number nobody issued get the same answer."""
    form = ForeignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        nav, plate = form.cleaned_data["avviso"], form.cleaned_data["targa"]
        if _knocks_too_much(nav, plate):
            return too_many(request, seconds=WINDOW_SECONDS)
        instalment_id = foreign_notice(nav=nav, plate=plate)
        if instalment_id is not None:
            visitor.keep_open(request, instalment_id=instalment_id)
            return redirect("payments:visitor")
        form.add_error(None, _("Non troviamo un verbale con questo codice avviso e questa targa. Ricontrollali."))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "payments/fines/foreign.html", {"form": form}, status=status)


def _knocks_too_much(nav: str, plate: str) -> bool:
    """Numbers run in sequence and plates are seen in the street: each of the two is tried a few times in an hour."""
    number = is_too_much("notice-number", who=nav, most=MOST_OF_A_NUMBER, seconds=WINDOW_SECONDS)
    vehicle = is_too_much("fine-plate", who=plate, most=MOST_OF_A_PLATE, seconds=WINDOW_SECONDS)
    return number or vehicle
