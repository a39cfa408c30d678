"""The filters of the list of payments: state, year of the request, body. A value that means nothing filters nothing."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext_lazy as _

from portal.billing.models import Charge
from portal.billing.selectors import LISTED_LABELS, Listed, listed

ALL = ("", _("Tutti"))


class ChargeFilterForm(forms.Form):
    """Every choice is one that some row answers to; `rows` are the charges of whoever acts."""

    stato = forms.ChoiceField(label=_("Stato"), required=False, choices=[ALL, *LISTED_LABELS.items()])
    anno = forms.ChoiceField(label=_("Anno"), required=False)
    ente = forms.ChoiceField(label=_("Ente"), required=False)

    def __init__(self, data: Any, *, rows: QuerySet[Charge]) -> None:
        super().__init__(data)
        self.rows = rows
        plain = rows.order_by()
        years = plain.annotate(year=ExtractYear("created_at")).values_list("year", flat=True).distinct()
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

    def narrowed(self, *, on: date) -> QuerySet[Charge]:
        """The charges the filters leave."""
        rows, chosen = self.rows, self.chosen
        if "stato" in chosen:
            rows = listed(rows, Listed(chosen["stato"]), on=on)
        if "anno" in chosen:
            rows = rows.filter(created_at__year=int(chosen["anno"]))
        if "ente" in chosen:
            rows = rows.filter(entity__code=chosen["ente"])
        return rows
