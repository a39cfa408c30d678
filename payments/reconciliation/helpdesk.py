"""«Dov'è il mio pagamento?»: who answers the phone writes what the caller has in hand and reads the story."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from payments.models import Position
from payments.reconciliation.forms import FindPaymentForm
from payments.reconciliation.selectors.story import find_payments, may_read, story
from portal import clock
from portal.entities.models import StaffRole


def roles_of(request: HttpRequest) -> list[StaffRole]:
    """The roles of who asks."""
    return getattr(request, "staff_roles", [])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Ask, and choose among what was found."""
    roles = roles_of(request)
    if not roles:
        raise PermissionDenied
    today = clock.today()
    form = FindPaymentForm(request.POST or None)
    found = find_payments(form.cleaned_data["text"], roles=roles, on=today) if form.is_valid() else None
    context = {
        **admin.site.each_context(request),
        "title": _("Dov'è il mio pagamento?"),
        "form": form,
        "found": found,
        "alone": story(found.items[0].position, on=today) if found and len(found.items) == 1 else None,
    }
    status = 422 if form.errors else 200
    return render(request, "payments/reconciliation/find_payment.html", context, status=status)


@never_cache
@require_safe
def told(request: HttpRequest, position_id: int) -> HttpResponse:
    """One position, step by step."""
    roles = roles_of(request)
    bodies = {role.entity_id for role in roles}
    position = Position.objects.filter(pk=position_id, entity_id__in=bodies).select_related("charge", "entity").first()
    if position is None or not may_read(position, roles):
        raise Http404
    context = {
        **admin.site.each_context(request),
        "title": _("Dov'è il mio pagamento?"),
        "story": story(position, on=clock.today()),
    }
    return render(request, "payments/reconciliation/payment_story.html", context)
