"""What people write here: a journal that did not come by itself, and what they look for."""

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from payments.forms import OwnBodyForm
from payments.reconciliation import conf

_XML_STARTS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\x00<")


class JournalUploadForm(OwnBodyForm):
    """A treasury journal (OPI). Only the shape is checked here: what it says is judged after it is kept."""

    journal = forms.FileField(
        label=_("Giornale di cassa (XML)"),
        help_text=_("Il file OPI che consegna il tesoriere, fino a 10 MB."),
        max_length=120,
        error_messages={"empty": _("Il file è vuoto."), "required": _("Scegli il file da caricare.")},
    )

    def clean_journal(self) -> UploadedFile[bytes]:
        """Refuse what is too large or no XML at all."""
        journal: UploadedFile[bytes] = self.cleaned_data["journal"]
        if (journal.size or 0) > conf.MAX_JOURNAL_BYTES:
            raise forms.ValidationError(_("Il file supera i 10 MB."), code="too_large")
        head = journal.read(64).lstrip()
        journal.seek(0)
        if not head.startswith(_XML_STARTS):
            raise forms.ValidationError(_("Il file non è un XML: carica quello consegnato dal tesoriere."), code="kind")
        return journal


class FindPaymentForm(forms.Form):
    """What somebody who calls has in hand. Sent with POST: a tax code never stands in an address."""

    text = forms.CharField(
        label=_("Codice avviso, IUV, codice fiscale o partita IVA, numero di verbale o di ricevuta"),
        help_text=_("Per intero; gli spazi non contano. Un verbale si scrive come sull'atto, per esempio V123/2026."),
        max_length=80,
        error_messages={"required": _("Scrivi quello che chi chiama ha in mano.")},
    )
