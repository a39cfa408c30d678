"""What the desk asks for. Only the shape is checked here: the services know the rules."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from payments.domain.outside import HOW_LABELS, How
from payments.domain.refunds import account
from portal import clock
from portal.kernel.choices import labels
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


class OutsideForm(forms.Form):
    """What arrived without pagoPA, as the bank or the post tells it."""

    credited_on = forms.DateField(
        label=_("Giorno dell'accredito"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Il giorno in cui il denaro è arrivato sul conto: decide quanto era dovuto."),
        error_messages={"required": _("Scrivi il giorno dell'accredito.")},
    )
    euro = forms.DecimalField(
        label=_("Importo arrivato, in euro"),
        min_value=Decimal("0.01"),
        max_digits=11,
        decimal_places=2,
        localize=True,
        help_text=_("Con la virgola, per esempio 58,50."),
        error_messages={"required": _("Scrivi quanto è arrivato.")},
    )
    how = forms.ChoiceField(label=_("Come è stato pagato"), choices=labels(How, HOW_LABELS))
    reference = forms.CharField(
        label=_("Riferimento"),
        max_length=35,
        required=False,
        help_text=_("Il CRO o il TRN del bonifico, il numero del bollettino o della sentenza."),
    )
    document = forms.FileField(
        label=_("Documento, se c'è"),
        required=False,
        max_length=120,
        help_text=_("Per esempio la contabile della banca. PDF, JPEG o PNG, al massimo 10 MB."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"}),
        error_messages={"empty": _("Il file è vuoto.")},
    )
    note = forms.CharField(
        label=_("Annotazione"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Resta agli atti. Non scrivere dati sulla salute o sui redditi."),
    )

    def clean_credited_on(self) -> Any:
        """Never a day to come."""
        day = self.cleaned_data["credited_on"]
        if day > clock.today():
            raise forms.ValidationError(_("Il giorno è nel futuro."))
        return day

    def clean(self) -> dict[str, Any]:
        """Cents, as the services want them; a transfer with its reference."""
        data = super().clean() or {}
        if data.get("euro") is not None:
            data["cents"] = int(data["euro"] * 100)
        if data.get("how") == How.TRANSFER and "reference" in data and not data["reference"].strip():
            self.add_error("reference", _("Di un bonifico scrivi il CRO o il TRN: serve per ritrovarlo."))
        return data


class BalanceForm(forms.Form):
    """Why an amount that was not the one due is enough."""

    reason = forms.CharField(
        label=_("Perché lo accetti come saldo"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Resta agli atti, per esempio il numero della sentenza."),
        error_messages={"required": _("Scrivi perché lo accetti come saldo.")},
    )
