"""The page of the certificates that wait for somebody's approval, inside the admin."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal import clock
from portal.audit.registers import actor_of
from portal.kernel.errors import DomainError
from spid_auth.models import IdentityProvider
from spid_auth.registry.services import pending_decide, pending_digest
from spid_auth.selectors import certificates_beside

PERMISSION = "spid_auth.change_identityprovider"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """The certificates in use beside those that wait; the POST takes the new ones or throws them away."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    provider = get_object_or_404(IdentityProvider, pk=pk)
    if request.method == "POST":
        return _decided(request, provider)
    context = {
        **admin.site.each_context(request),
        "title": _("Certificati di %(name)s") % {"name": provider},
        "provider": provider,
        "digest": pending_digest(provider),
        "rows": certificates_beside(provider),
        "now": clock.now(),
    }
    return render(request, "spid_auth/registry/approve.html", context)


def _decided(request: HttpRequest, provider: IdentityProvider) -> HttpResponse:
    approve = request.POST.get("decision") == "approve"
    try:
        pending_decide(
            provider_id=provider.pk, digest=request.POST.get("digest", ""), approve=approve, actor=actor_of(request)
        )
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("admin:spid_auth_registry_approve", provider.pk)
    done = _("Approvati: da ora gli accessi si verificano con i nuovi certificati.")
    messages.success(request, done if approve else _("Scartati: restano quelli in uso."))
    return redirect("admin:spid_auth_identityprovider_change", provider.pk)
