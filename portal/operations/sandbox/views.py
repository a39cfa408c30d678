"""The pages where the mail of the demonstration is read, and the sandbox's own index."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from portal.operations.sandbox import mail
from portal.operations.sandbox.pages import page

TITLES = {
    "idp": "Gestore di identità digitale di prova",
    "cie": "Server di CIE di prova",
    "eidas": "Nodo eIDAS italiano di prova",
    "psp": "Nodo, sportello di pagamento e tesoriere di prova",
    "posta": "Posta in uscita",
}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The counterparts that this process stands for."""
    entries = [(f"/{prefix}/", TITLES.get(prefix, prefix)) for prefix, _urlconf in settings.SANDBOXES]
    context = {"entries": entries, "portal": settings.PORTAL_BASE_URL}
    return page("portal/operations/sandbox/index.html", context)


@require_safe
def mail_list(request: HttpRequest) -> HttpResponse:
    """The latest messages, newest first."""
    return page("portal/operations/sandbox/mail_list.html", {"mails": mail.newest()})


@require_safe
def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    """One message, always as plain text."""
    found = mail.read(name)
    if found is None:
        raise Http404
    return page("portal/operations/sandbox/mail_detail.html", {"mail": found})
