"""What citizens and the office write about fines."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from payments.domain.codes import CodeError, parse_typed
from payments.fines import conf
from payments.fines.domain.columns import CellError, read_code
from payments.fines.domain.stages import APPEAL_LABELS, SERVED_LABELS, AppealTo, ServedHow
from payments.fines.models.files import KIND_LABELS, FileKind
from payments.forms import BoundedFileField, OwnBodyForm
from portal import clock
from portal.kernel.choices import labels
from portal.kernel.taxcodes import is_codice_fiscale, normalise

# Categories of licence (directive 2006/126/EC).
CATEGORIES = ("AM", "A1", "A2", "A", "B1", "B", "BE", "C1", "C1E", "C", "CE", "D1", "D1E", "D", "DE")


def day_input() -> forms.DateInput:
    """A day, as browsers ask for it."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def needed(text: Any) -> dict[str, Any]:
    """What an empty field says."""
    return {"required": text}


class DriverForm(forms.Form):
    """Who was driving (art. 126-bis CdS)."""

    first_name = forms.CharField(label=_("Nome"), max_length=60, error_messages=needed(_("Scrivi il nome.")))
    last_name = forms.CharField(label=_("Cognome"), max_length=60, error_messages=needed(_("Scrivi il cognome.")))
    born_on = forms.DateField(
        label=_("Data di nascita"), widget=day_input(), error_messages=needed(_("Scrivi la data di nascita."))
    )
    born_in = forms.CharField(
        label=_("Luogo di nascita"),
        help_text=_("Il Comune, oppure lo Stato estero."),
        max_length=80,
        error_messages=needed(_("Scrivi il luogo di nascita.")),
    )
    fiscal_code = forms.CharField(
        label=_("Codice fiscale"), required=False, max_length=20, widget=forms.TextInput(attrs={"spellcheck": "false"})
    )
    residence = forms.CharField(
        label=_("Residenza"),
        help_text=_("Via, numero civico, CAP e Comune."),
        max_length=140,
        error_messages=needed(_("Scrivi l'indirizzo di residenza.")),
    )
    licence_number = forms.CharField(
        label=_("Numero della patente"),
        help_text=_("È scritto sulla patente accanto al numero 5."),
        max_length=20,
        error_messages=needed(_("Scrivi il numero della patente.")),
    )
    licence_category = forms.ChoiceField(
        label=_("Categoria della patente"), choices=[("", _("Scegli")), *((name, name) for name in CATEGORIES)],
        error_messages=needed(_("Scegli la categoria della patente.")),
    )  # fmt: skip
    licence_issuer = forms.CharField(
        label=_("Rilasciata da"),
        help_text=_("È scritto sulla patente accanto al numero 4c."),
        max_length=80,
        error_messages=needed(_("Scrivi chi ha rilasciato la patente.")),
    )
    licence_expires_on = forms.DateField(
        label=_("Valida fino al"),
        help_text=_("È scritto sulla patente accanto al numero 4b."),
        widget=day_input(),
        error_messages=needed(_("Scrivi fino a quando è valida la patente.")),
    )
    declaration = forms.BooleanField(
        label=_("Dichiaro che alla guida c'era questa persona, e so che una dichiarazione falsa è punita dalla legge."),
        error_messages=needed(_("Per inviare i dati devi confermare la dichiarazione.")),
    )

    def clean_born_on(self) -> Any:
        """A day of the past, and not of another age."""
        day = self.cleaned_data["born_on"]
        if day >= clock.today() or day.year < 1900:
            raise forms.ValidationError(_("La data di nascita non è possibile."))
        return day

    def clean_licence_expires_on(self) -> Any:
        """A day that a licence may bear."""
        day = self.cleaned_data["licence_expires_on"]
        if not 1950 <= day.year <= clock.today().year + 20:
            raise forms.ValidationError(_("La data di scadenza della patente non è possibile."))
        return day

    def clean_fiscal_code(self) -> str:
        """Empty, or a right one."""
        code = normalise(self.cleaned_data["fiscal_code"])
        if code and not is_codice_fiscale(code):
            raise forms.ValidationError(_("Il codice fiscale non è giusto: ricontrolla ogni carattere."))
        return code

    def clean_licence_number(self) -> str:
        """Letters and digits, however they are spaced."""
        try:
            return read_code(self.cleaned_data["licence_number"])
        except CellError:
            raise forms.ValidationError(_("Nel numero della patente ci sono solo lettere e cifre.")) from None


class ForeignForm(forms.Form):
    """The two things that whoever has no codice fiscale reads on the paper."""

    avviso = forms.CharField(
        label=_("Codice avviso"),
        help_text=_("Le 18 cifre stampate sull'avviso di pagamento, con o senza spazi."),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"}),
        error_messages=needed(_("Scrivi il codice dell'avviso.")),
    )
    targa = forms.CharField(
        label=_("Targa del veicolo"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages=needed(_("Scrivi la targa del veicolo.")),
    )

    def clean_avviso(self) -> str:
        try:
            return parse_typed(self.cleaned_data["avviso"]).nav
        except CodeError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_targa(self) -> str:
        try:
            return read_code(self.cleaned_data["targa"])
        except CellError:
            raise forms.ValidationError(_("La targa ha solo lettere e cifre.")) from None


class UploadForm(OwnBodyForm):
    """A file of the back office."""

    kind = forms.ChoiceField(label=_("Che cosa contiene"), choices=labels(FileKind, KIND_LABELS))
    file = BoundedFileField(
        label=_("File CSV"),
        help_text=_("Fino a 10 MB, separato da punto e virgola, virgola o tabulazioni."),
        most=conf.MOST_UPLOAD_BYTES,
        too_large=_("Il file supera i 10 MB: chiedi di importarlo dal server."),
    )


class ServeForm(forms.Form):
    """The day of service."""

    served_on = forms.DateField(
        label=_("Notificato il"), widget=day_input(), error_messages=needed(_("Scrivi la data di notifica."))
    )
    how = forms.ChoiceField(label=_("Modo di notifica"), choices=labels(ServedHow, SERVED_LABELS))


class AppealForm(forms.Form):
    """To whom the appeal was filed."""

    to = forms.ChoiceField(label=_("Ricorso"), choices=labels(AppealTo, APPEAL_LABELS))


class PlanForm(forms.Form):
    """What the debtor declares to pay by instalments."""

    count = forms.IntegerField(
        label=_("Numero di rate"),
        help_text=_("Ogni rata ha il suo codice avviso e scade un mese dopo l'altra, a partire da oggi."),
        min_value=2,
        max_value=60,
    )
    income = forms.DecimalField(
        label=_("Reddito imponibile dichiarato (euro)"), min_value=0, max_digits=11, decimal_places=2
    )
    relatives = forms.IntegerField(label=_("Familiari conviventi"), min_value=0, max_value=30, initial=0)
    asked_on = forms.DateField(label=_("Richiesta presentata il"), widget=day_input(), required=False)

    def clean_asked_on(self) -> Any:
        """Empty is today; never a day to come."""
        day = self.cleaned_data["asked_on"]
        if day and day > clock.today():
            raise forms.ValidationError(_("La data è nel futuro."))
        return day


class DecisionForm(forms.Form):
    """What a rejected appeal leaves to pay; both empty when the terms of before go on."""

    amount = forms.DecimalField(
        label=_("Somma decisa (euro)"),
        help_text=_("Tutto compreso, anche le spese. Vuoto: riprendono gli importi e i termini di prima."),
        required=False,
        min_value=Decimal("0.01"),
        max_value=1_000_000,
        decimal_places=2,
    )
    due_on = forms.DateField(label=_("Da pagare entro il"), widget=day_input(), required=False)

    def clean(self) -> dict[str, Any]:
        """Both, or neither."""
        said = super().clean() or {}
        if self.errors:
            return said
        if said["amount"] is not None and said["due_on"] is None:
            raise forms.ValidationError({"due_on": _("Scrivi entro quando va pagata la somma decisa.")})
        if said["amount"] is None and said["due_on"] is not None:
            raise forms.ValidationError({"amount": _("Scrivi la somma decisa, oppure togli la scadenza.")})
        return said


class ForfeitForm(forms.Form):
    """Why somebody loses the plan."""

    reason = forms.CharField(
        label=_("Motivo della decadenza"),
        help_text=_("Per esempio: rata 2 non pagata, sollecito del 3 marzo senza risposta."),
        max_length=140,
        error_messages=needed(_("Scrivi il motivo.")),
    )


class SendFeeForm(forms.Form):
    """What serving the act by SEND costs."""

    fee = forms.DecimalField(
        label=_("Costo di notifica SEND (euro)"),
        min_value=0,
        max_value=1000,
        decimal_places=2,
        error_messages=needed(_("Scrivi l'importo.")),
    )


class CancelForm(forms.Form):
    """Why a fine is taken back."""

    reason = forms.CharField(
        label=_("Motivo dell'annullamento"), max_length=140, error_messages=needed(_("Scrivi il motivo."))
    )


class LetGoForm(forms.Form):
    """Why what was paid is enough."""

    reason = forms.CharField(
        label=_("Perché lo accetti come saldo"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Resta agli atti. Non scrivere dati sulla salute o sui redditi."),
        error_messages=needed(_("Scrivi il motivo.")),
    )
