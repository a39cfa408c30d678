"""Tags of the portal's pages: amounts, chips, summaries, chrome."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.forms.formsets import BaseFormSet
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from portal import words
from portal.audit.models import Event
from portal.cases.events import label_of
from portal.catalogue.cards import title_of
from portal.kernel import money
from portal.site import jsonld

register = template.Library()

# The colour behind a state. The word is always there too: colour never says anything alone.
TONES: Mapping[str, str] = {
    "draft": "quiet",
    "withdrawn": "quiet",
    "archived": "quiet",
    "cancelled": "quiet",
    "expired": "quiet",
    "closed": "quiet",
    "superseded": "quiet",
    "integration_requested": "warn",
    "suspended": "warn",
    "payment_due": "warn",
    "requested": "warn",
    "refusal_notice": "warn",
    "granted": "ok",
    "ready_to_issue": "ok",
    "issued": "ok",
    "settled": "ok",
    "paid": "ok",
    "valid": "ok",
    "active": "ok",
    "delivered": "ok",
    "rejected": "bad",
    "refused": "bad",
    "revoked": "bad",
    "overdue": "bad",
}


@register.filter
def euro(cents: int) -> str:
    """Cents as an Italian reads them: `48,00 €`."""
    return money.euro(cents)


@register.filter
def chip_class(state: object) -> str:
    """The class of the chip of a state, or of a tone given by name."""
    word = str(state)
    tone = word if word in {"ok", "warn", "bad", "info", "quiet"} else TONES.get(word, "info")
    return f"chip chip-{tone}"


@register.filter
def day(value: date | datetime | None) -> str:
    """A day in figures: `12/12/2026`. Instants are read in Italy."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = localtime(value).date()
    return date_format(value, "d/m/Y")


@register.filter
def moment(value: datetime | None) -> str:
    """A day and an hour: `12/12/2026, ore 10:42`."""
    if value is None:
        return ""
    local = localtime(value)
    return _("%(day)s, ore %(hour)s") % {"day": date_format(local, "d/m/Y"), "hour": f"{local:%H:%M}"}


@register.filter
def said(label: object) -> str:
    """A label that code without Django holds in Italian, in the language of the page."""
    return words.said(label)


@register.filter
def notice_groups(number: str) -> str:
    """A notice number in groups of four, as it is printed: `3010 0000 0000 0042 85`."""
    return "\N{NO-BREAK SPACE}".join(number[start : start + 4] for start in range(0, len(number), 4))


@register.filter
def event_label(event: Event) -> str:
    """What happened to a case, in words."""
    return label_of(event)


@register.filter
def service_titles(slugs: Iterable[str]) -> str:
    """The titles of some services, for people; a slug that is no longer in the catalogue stays as it is."""
    return ", ".join(title_of(slug) for slug in sorted(slugs))


@register.filter
def file_size(size: int) -> str:
    """Bytes as people read them: `84 kB`, `1,2 MB`."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))}\N{NO-BREAK SPACE}kB"
    return f"{size / 1_000_000:.1f}".replace(".", ",") + "\N{NO-BREAK SPACE}MB"


@register.filter
def field_errors(form: BaseForm | BaseFormSet[Any]) -> list[tuple[BoundField, str]]:
    """Every error of a form or a formset with its field, in the order of the page."""
    forms = form.forms if isinstance(form, BaseFormSet) else [form]
    return [(field, str(error)) for each in forms for field in each if not field.is_hidden for error in field.errors]


@register.filter
def general_errors(form: BaseForm | BaseFormSet[Any]) -> list[str]:
    """Errors that belong to no visible field."""
    if isinstance(form, BaseFormSet):
        return [*map(str, form.non_form_errors()), *(error for each in form.forms for error in general_errors(each))]
    hidden = [str(error) for field in form.hidden_fields() for error in field.errors]
    return [*map(str, form.non_field_errors()), *hidden]


@register.simple_tag(takes_context=True)
def way_back(context: template.Context) -> str:
    """Where the visitor came from, if it was this site; this page otherwise."""
    request = context["request"]
    referer: str = request.META.get("HTTP_REFERER", "")
    return referer if url_has_allowed_host_and_scheme(referer, {request.get_host()}) else request.path


@register.simple_tag
def json_ld(data: Mapping[str, Any]) -> SafeString:
    """A data block for search engines: not a script, so a strict CSP lets it pass, and nothing in it can close it."""
    return mark_safe(f'<script type="application/ld+json" data-element="metatag">{jsonld.dump(data)}</script>')
