"""What the desk asks to prepare a campaign."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from payments.campaign_selectors import kinds_of_debt
from payments.domain.campaigns import (
    LARGEST_VOLUME,
    OUTPUT_LABELS,
    SMALLEST_VOLUME,
    USUAL_VOLUME,
    Output,
    Selection,
)
from payments.domain.codes import NAV_LENGTH, CodeError, parse_typed
from portal.entities.models import Entity
from portal.kernel.choices import labels

MOST_NUMBERS = 20_000
SHOWN_ERRORS = 5
_ENDS = re.compile(r"[\r\n,;\t]+")
_BLANKS = re.compile(r"\s+")


class CampaignForm(forms.Form):
    """A campaign: what it is called, what comes out, which positions."""

    entity = forms.ModelChoiceField(label=_("Ente"), queryset=Entity.objects.none(), empty_label=None)
    name = forms.CharField(
        label=_("Nome della campagna"),
        max_length=100,
        help_text=_("Lo vede soltanto l'ufficio e diventa il nome dei file, per esempio «Verbali di marzo»."),
    )
    output = forms.ChoiceField(
        label=_("Che cosa vuoi ottenere"),
        choices=labels(Output, OUTPUT_LABELS),
        initial=Output.BOOK,
        widget=forms.RadioSelect,
    )
    volume_size = forms.IntegerField(
        label=_("Avvisi in ogni volume"),
        min_value=SMALLEST_VOLUME,
        max_value=LARGEST_VOLUME,
        initial=USUAL_VOLUME,
        help_text=_("Vale soltanto per il PDF della tipografia: da 10 a 1000."),
    )
    kind = forms.ChoiceField(label=_("Tipo di dovuto"), required=False)
    created_from = forms.DateField(
        label=_("Create dal giorno"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    created_until = forms.DateField(
        label=_("Create fino al giorno"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    source = forms.CharField(
        label=_("Origine"),
        max_length=80,
        required=False,
        help_text=_("L'inizio del riferimento di chi ha chiesto il pagamento, per esempio «fine:» per le sanzioni."),
    )
    numbers = forms.CharField(
        label=_("Codici avviso"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("Uno per riga, con o senza spazi. Se li scrivi, si guardano soltanto questi avvisi."),
    )
    only_new = forms.BooleanField(label=_("Lascia fuori gli avvisi già stampati in un'altra campagna"), required=False)

    def __init__(self, *args: Any, entity_ids: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        entity, kind = self.fields["entity"], self.fields["kind"]
        assert isinstance(entity, forms.ModelChoiceField)
        assert isinstance(kind, forms.ChoiceField)
        entity.queryset = Entity.objects.filter(pk__in=entity_ids).order_by("name")
        kind.choices = [("", _("qualsiasi")), *kinds_of_debt(entity_ids)]

    def clean_numbers(self) -> tuple[str, ...]:
        """Every number once, in the order of typing; the first wrong ones are named."""
        found: dict[str, None] = {}
        wrong: list[str] = []
        for text in typed_numbers(self.cleaned_data["numbers"]):
            try:
                found[parse_typed(text).nav] = None
            except CodeError:
                wrong.append(text[:40])
        if wrong:
            message = _("%(count)d codici hanno un errore, a cominciare da: %(first)s.")
            params = {"count": len(wrong), "first": ", ".join(wrong[:SHOWN_ERRORS])}
            raise forms.ValidationError(message, params=params)
        if len(found) > MOST_NUMBERS:
            raise forms.ValidationError(_("Si scelgono al massimo 20.000 codici alla volta."))
        return tuple(found)

    def clean(self) -> dict[str, Any]:
        """The selection as a whole."""
        data = super().clean() or {}
        first, last = data.get("created_from"), data.get("created_until")
        if first and last and last < first:
            self.add_error("created_until", _("L'ultimo giorno viene prima del primo."))
        data["selection"] = Selection(
            kind=data.get("kind", ""),
            created_from=first,
            created_until=last,
            source=data.get("source", ""),
            numbers=data.get("numbers", ()),
            only_new=data.get("only_new", False),
        )
        return data


def typed_numbers(text: str) -> list[str]:
    """The numbers of a text: one a line, or several on a line when each is written without spaces."""
    found = []
    for line in _ENDS.split(text):
        words = _BLANKS.split(line.strip())
        several = len(words) > 1 and all(len(word) == NAV_LENGTH for word in words)
        found += words if several else [line.strip()]
    return [word for word in found if word]
