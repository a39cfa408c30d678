"""What the desk asks for. Only the shape is checked here: the services know the rules."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from payments.domain.refunds import account
from portal.kernel.errors import DomainError


class ConfirmForm(forms.Form):
    """Nothing to write: only a button."""


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("Che cosa è stato fatto"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("La nota resta agli atti accanto alla ricevuta."),
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Motivo"), max_length=140, help_text=_("Resta agli atti. Non scrivere dati sulla salute o sui redditi.")
    )


class RefundForm(forms.Form):
    euro = forms.DecimalField(
        label=_("Importo da rimborsare, in euro"),
        min_value=Decimal("0.01"),
        max_digits=13,
        decimal_places=2,
        localize=True,
        help_text=_("Con la virgola, per esempio 48,00."),
    )
    beneficiary_name = forms.CharField(
        label=_("A chi va il rimborso"), max_length=140, help_text=_("Chi ha pagato: può non essere il debitore.")
    )
    iban = forms.CharField(
        label=_("IBAN di chi riceve il rimborso"), max_length=50, help_text=_("Di un conto italiano o dell'area SEPA.")
    )
    reason = forms.CharField(label=_("Motivo del rimborso"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

    def clean_iban(self) -> str:
        """Checked beside its field."""
        try:
            return account(self.cleaned_data["iban"])
        except DomainError as error:
            raise forms.ValidationError(error.message) from None

    def clean(self) -> dict[str, Any]:
        """Cents, as the services want them."""
        data = super().clean() or {}
        if data.get("euro") is not None:
            data["cents"] = int(data["euro"] * 100)
        return data


class OrderForm(forms.Form):
    reference = forms.CharField(label=_("Numero del mandato di pagamento"), max_length=60)


class DoneForm(forms.Form):
    reference = forms.CharField(
        label=_("Riferimento del bonifico"), max_length=140, help_text=_("Il CRO o il TRN che comunica il tesoriere.")
    )


class RefusalForm(forms.Form):
    note = forms.CharField(label=_("Perché"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
