"""The page of a request of login, inside the admin, for who may open the register.

Messages hold personal data: they are shown only in the answer to a POST that carries a reason, never at an address
that a browser remembers. Every opening is an audit event before it is a page.
"""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal.audit.registers import actor_of
from portal.kernel.errors import DomainError
from spid_auth.models import AuthnTransaction
from spid_auth.register import retention
from spid_auth.register.forms import ReasonForm
from spid_auth.register.reading import OpenMessage, register_open
from spid_auth.register.verification import register_verify
from spid_auth.selectors import register_rows

PERMISSION = "spid_auth.open_register"


def may_open(request: HttpRequest) -> bool:
    """Who runs the installation, and whom they gave the permission to (a group of readers of the register)."""
    return request.user.has_perm(PERMISSION)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def transaction_page(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: what is known without opening anything. POST: the messages in clear, or the answer judged again."""
    started = _row(request, pk)
    form = ReasonForm(request.POST if "open" in request.POST else None)
    context = {
        **admin.site.each_context(request),
        "title": _("Richiesta di accesso %(code)s") % {"code": started.code},
        "started": started,
        "count": started.messages.count(),
        "form": form,
        "term": retention.terms()[-1],
    }
    status = 200
    if "verify" in request.POST:
        context["finding"] = register_verify(started=started, actor=actor_of(request))
    elif form.is_bound:
        if form.is_valid():
            try:
                context["opened"] = _opened(request, started, form.cleaned_data["reason"])
            except DomainError as error:
                form.add_error(None, error.message)
        status = 422 if form.errors else 200
    return render(request, "spid_auth/register/transaction.html", context, status=status)


@never_cache
@require_POST
def message_file(request: HttpRequest, pk: int, message_pk: int) -> HttpResponse:
    """A message as it was exchanged, byte by byte, to be kept as a file."""
    started = _row(request, pk)
    if not started.messages.filter(pk=message_pk).exists():
        raise Http404
    try:
        found = _opened(request, started, request.POST.get("reason", ""), only=message_pk)[0]
    except DomainError as error:
        return HttpResponse(error.message, status=422, content_type="text/plain; charset=utf-8")
    return HttpResponse(
        found.body,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{started.code}-{found.name}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


def _row(request: HttpRequest, pk: int) -> AuthnTransaction:
    if not may_open(request):
        raise PermissionDenied
    return get_object_or_404(register_rows(), pk=pk)


def _opened(request: HttpRequest, started: AuthnTransaction, reason: str, only: int | None = None) -> list[OpenMessage]:
    """The messages, or one of them, after the reading was written. Raises DomainError."""
    how = "file" if only else "page"
    return register_open(transaction_id=started.pk, reason=reason, actor=actor_of(request), how=how, only=only)
