"""From the page of a document to what is said of it now, and to what can be done about it."""

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from payments.reconciliation.domain.outcomes import CODES, PROBLEMS, Code
from payments.reconciliation.models import ReportingFlow, TreasuryMovement, Verdict


def verdict_links(document: ReportingFlow | TreasuryMovement) -> SafeString:
    """The current verdicts of a flow or of a movement; a problem leads to its page in the queue."""
    name = "flow" if isinstance(document, ReportingFlow) else "movement"
    rows = Verdict.objects.filter(entity_id=document.entity_id, closed_run=None, **{name: document.pk})
    items = format_html_join("", "<li>{}</li>", ((_said(row),) for row in rows.order_by("pk")))
    said = format_html("<ul>{}</ul>", items) if items else format_html("{}", _("Non è ancora stato esaminato."))
    return format_html("{}{}", said, link_address(document))


def link_address(document: ReportingFlow | TreasuryMovement) -> SafeString:
    """The page where it is put beside others by hand."""
    name = "flusso" if isinstance(document, ReportingFlow) else "movimento"
    address = reverse("admin:payments_reconciliation_link")
    return format_html('<a href="{}?{}={}">{}</a>', address, name, document.pk, _("Collega a mano"))


def _said(verdict: Verdict) -> SafeString:
    title = CODES[Code(verdict.code)].title
    if verdict.code not in PROBLEMS:
        return format_html("{}", title)
    return format_html('<a href="{}">{}</a>', reverse("admin:payments_reconciliation_work", args=[verdict.pk]), title)
