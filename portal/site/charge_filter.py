"""The filters of the lists of payments and of receipts. A value that means nothing filters nothing."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Q, QuerySet
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext_lazy as _

from portal.billing.models import Charge
from portal.billing.selectors import LISTED_LABELS, Listed, listed

ALL = ("", _("Tutti"))


class _FilterForm(forms.Form):
    """Every choice is one that some row answers to; `rows` are the charges of whoever acts, `by` their instant."""

    anno = forms.ChoiceField(label=_("Anno"), required=False)
    ente = forms.ChoiceField(label=_("Ente"), required=False)
    by = "created_at"

    def __init__(self, data: Any, *, rows: QuerySet[Charge]) -> None:
        super().__init__(data)
        self.rows = rows
        plain = rows.order_by()
        years = plain.annotate(year=ExtractYear(self.by)).values_list("year", flat=True).distinct()
        bodies = plain.values_list("entity__code", "entity__name").distinct()
        self.fields["anno"].choices = [ALL, *((str(y), str(y)) for y in sorted(years, reverse=True))]  # type: ignore[attr-defined]
        self.fields["ente"].choices = [ALL, *sorted(bodies, key=lambda body: body[1])]  # type: ignore[attr-defined]
        self.is_valid()

    @property
    def chosen(self) -> dict[str, str]:
        """The filters in use, without those that mean nothing."""
        return {name: self.cleaned_data[name] for name in self.fields if self.cleaned_data.get(name)}

    @property
    def query(self) -> str:
        """The filters in use, as they go into the address of the next page."""
        return urlencode(self.chosen)

    def _narrowed(self) -> QuerySet[Charge]:
        rows, chosen = self.rows, self.chosen
        if "anno" in chosen:
            rows = rows.filter(**{f"{self.by}__year": int(chosen["anno"])})
        if "ente" in chosen:
            rows = rows.filter(entity__code=chosen["ente"])
        return rows


class ChargeFilterForm(_FilterForm):
    """The list of payments: by state, year of the request and body."""

    stato = forms.ChoiceField(label=_("Stato"), required=False, choices=[ALL, *LISTED_LABELS.items()])
    field_order = ["stato", "anno", "ente"]

    def narrowed(self, *, on: date) -> QuerySet[Charge]:
        """The charges the filters leave."""
        rows = self._narrowed()
        return listed(rows, Listed(self.chosen["stato"]), on=on) if "stato" in self.chosen else rows


class ReceiptFilterForm(_FilterForm):
    """The list of receipts: by year of the payment, body, and words of the receipt or digits of the avviso."""

    testo = forms.CharField(
        label=_("Cerca"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    field_order = ["testo", "anno", "ente"]
    by = "settled_at"

    def narrowed(self) -> QuerySet[Charge]:
        """The paid charges the filters leave. Every word must be there; an avviso may be written in groups."""
        rows = self._narrowed()
        text = self.chosen.get("testo", "")
        digits = "".join(text.split())
        if digits.isascii() and digits.isdigit():
            return rows.filter(Q(notice_number__contains=digits) | Q(description__icontains=text))
        for word in text.split()[:8]:
            rows = rows.filter(Q(description__icontains=word) | Q(entity__name__icontains=word))
        return rows
