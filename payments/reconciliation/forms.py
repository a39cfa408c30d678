"""What people write here: a journal that did not come by itself, and what they look for."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from payments.forms import BoundedFileField, OwnBodyForm
from payments.reconciliation import conf
from payments.reconciliation.domain.outcomes import CODES, OWNER_LABELS, PROBLEMS
from payments.reconciliation.selectors.linking import Wanted
from payments.reconciliation.services.sniffing import refusal

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DocumentUploadForm(OwnBodyForm):
    """Any document of the outside. Only what it is is checked here: what it says is judged after it is kept."""

    document = BoundedFileField(
        label=_("Documento"),
        help_text=_(
            "Flusso di rendicontazione (XML), giornale di cassa OPI (XML), elenco dei provvisori (CSV), estratto conto "
            "della banca (CSV, XLSX, XLS o camt.053) o della posta (CSV), oppure un archivio ZIP che li contiene. Fino "
            "a 50 MB."
        ),
        most=conf.MAX_UPLOAD_BYTES,
        too_large=_("Il file supera i 50 MB: dividilo in più file."),
    )

    def clean_document(self) -> UploadedFile[bytes]:
        """Refuse what is nothing that can be read."""
        document: UploadedFile[bytes] = self.cleaned_data["document"]
        content = document.read()
        document.seek(0)
        why = refusal(content, document.name or "")
        if why:
            raise forms.ValidationError(why, code="kind")
        return document


class WaitForm(forms.Form):
    """Why one waits, and until when."""

    motivo = forms.CharField(required=False, max_length=300)
    entro = forms.DateField(required=False)


class QueueForm(forms.Form):
    """What of the queue is looked at; anything else is an address that does not exist."""

    chi = forms.ChoiceField(required=False, choices=[(owner.value, label) for owner, label in OWNER_LABELS.items()])
    esito = forms.ChoiceField(required=False, choices=[(code.value, CODES[code].title) for code in PROBLEMS])
    mie = forms.BooleanField(required=False)
    ignorate = forms.BooleanField(required=False)


class FindPaymentForm(forms.Form):
    """What somebody who calls has in hand. Sent with POST: a tax code never stands in an address."""

    text = forms.CharField(
        label=_("Codice avviso, IUV, codice fiscale o partita IVA, numero di verbale o di ricevuta"),
        help_text=_("Per intero; gli spazi non contano. Un verbale si scrive come sull'atto, per esempio V123/2026."),
        max_length=80,
        error_messages={"required": _("Scrivi quello che chi chiama ha in mano.")},
    )


class EuroForm(forms.Form):
    """An amount in euro, with the comma; `cents` is what the services want."""

    importo = forms.DecimalField(min_value=Decimal("0.01"), max_digits=13, decimal_places=2, localize=True)

    def clean(self) -> dict[str, Any]:
        """Cents."""
        data = super().clean() or {}
        if data.get("importo") is not None:
            data["cents"] = int(data["importo"] * 100)
        return data


def _row(*, required: bool = True) -> forms.IntegerField:
    """The key of a row."""
    return forms.IntegerField(min_value=1, max_value=2**63 - 1, required=required)


class ForeignForm(EuroForm):
    """A credit and the act that it paid."""

    movimento = _row()
    verbale = _row()


class OutsideLinkForm(forms.Form):
    """A payment recorded without its credit, and the credit: chosen, or written as number/year."""

    pagamento = _row()
    accredito = _row(required=False)
    provvisorio = forms.CharField(required=False, max_length=30)


class DoubleForm(forms.Form):
    """The payment that another one doubles, and why; or why it does not. The receipt, where the page shows several."""

    ricevuta = _row(required=False)
    primo = forms.CharField(required=False, max_length=255)
    motivo = forms.CharField(required=False, max_length=300)
    azione = forms.ChoiceField(choices=[("doppio", ""), ("no", ""), ("annulla", "")])


class LinkSearchForm(forms.Form):
    """What a document to put beside another is looked for by."""

    q = forms.CharField(label=_("IUF, TRN, provvisorio, IUV o ricevuta"), required=False, max_length=60, strip=True)
    importo = forms.DecimalField(
        label=_("Importo in euro"), required=False, min_value=Decimal("0.01"), max_digits=13, decimal_places=2,
        localize=True,
    )  # fmt: skip
    dal = forms.DateField(label=_("Dal"), required=False, widget=_DATE)
    al = forms.DateField(label=_("Al"), required=False, widget=_DATE)
    psp = forms.CharField(label=_("PSP o versante"), required=False, max_length=70)

    def wanted(self) -> Wanted:
        """The same, as the selectors want it."""
        data = self.cleaned_data
        cents = None if data["importo"] is None else int(data["importo"] * 100)
        return Wanted(text=data["q"], cents=cents, since=data["dal"], until=data["al"], psp=data["psp"])
