"""Forms of the citizen's area."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from portal.kernel.taxcodes import is_codice_fiscale, normalise
from portal.people.models import Mandate
from portal.site.templatetags.portal_ui import day, service_titles

# The choice of acting for nobody else.
ONESELF = "io"


class VerifyForm(forms.Form):
    """The code printed on an act."""

    codice = forms.CharField(
        label=_("Codice di controllo"),
        help_text=_("È stampato sotto il codice QR."),
        max_length=40,
        validators=[RegexValidator(r"^[A-Za-z0-9_-]+$", _("Il codice contiene solo lettere, cifre e trattini."))],
        error_messages={"required": _("Inserisci il codice di controllo.")},
    )


class ActAsForm(forms.Form):
    """Oneself, or one of the companies the person holds a usable mandate for."""

    per_chi = forms.ChoiceField(
        label=_("Per chi vuoi operare?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Scegli per chi vuoi operare."),
            "invalid_choice": _("Scegli una delle voci dell'elenco."),
        },
    )

    def __init__(self, *args: Any, person_name: str, mandates: list[Mandate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(ONESELF, _("Per me: %(name)s") % {"name": person_name})]
        choices += [(str(mandate.pk), _choice_words(mandate)) for mandate in mandates]
        self.fields["per_chi"].choices = choices  # type: ignore[attr-defined]

    def mandate_id(self) -> int | None:
        """The mandate chosen, None for oneself."""
        chosen: str = self.cleaned_data["per_chi"]
        return None if chosen == ONESELF else int(chosen)


def _choice_words(mandate: Mandate) -> str:
    """A company with what one may do for it: title, agency in between, services, last day."""
    title = str(mandate.get_kind_display())
    if mandate.agency:
        title = _("tramite %(agency)s") % {"agency": mandate.agency}
    parts = [title]
    if mandate.services:
        parts.append(_("solo %(services)s") % {"services": service_titles(mandate.services)})
    if mandate.valid_to:
        parts.append(_("fino al %(day)s") % {"day": day(mandate.valid_to)})
    return f"{mandate.company.name} ({', '.join(map(str, parts))})"


class EmailForm(forms.Form):
    """The address to which the notices go; a code proves that it is theirs."""

    email = forms.EmailField(
        label=_("Indirizzo e-mail"),
        help_text=_("Ti mandiamo un codice di sei cifre per confermarlo."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Inserisci il tuo indirizzo e-mail."),
            "invalid": _("Scrivi un indirizzo completo, per esempio nome@esempio.it."),
        },
    )


class PecForm(EmailForm):
    """The digital domicile; the same proof."""

    email = forms.EmailField(
        label=_("Indirizzo PEC"),
        help_text=_("Ti mandiamo un codice di sei cifre: la casella deve accettare anche le e-mail ordinarie."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Inserisci il tuo indirizzo PEC."),
            "invalid": _("Scrivi un indirizzo completo, per esempio nome@pec.esempio.it."),
        },
    )


class PhoneForm(forms.Form):
    """The telephone, for the office to call; nobody checks that it is theirs."""

    phone = forms.CharField(
        label=_("Telefono cellulare"),
        help_text=_("Con il prefisso, per esempio +39 333 1234567. Non lo verifichiamo con un codice."),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )


class ClaimForm(forms.Form):
    """The codice fiscale of who came with an identity that carries none."""

    fiscal_code = forms.CharField(
        label=_("Il tuo codice fiscale italiano"),
        help_text=_("Sedici caratteri."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Scrivi il codice fiscale.")},
    )
    file = forms.FileField(
        label=_("Documento che lo prova"),
        help_text=_("Facoltativo: tessera sanitaria o certificato di attribuzione. PDF, JPEG o PNG, al massimo 10 MB."),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"}),
    )

    def clean_fiscal_code(self) -> str:
        code = normalise(self.cleaned_data["fiscal_code"])
        if len(code) != 16 or not is_codice_fiscale(code):
            raise forms.ValidationError(_("Il codice fiscale non è giusto: controlla ogni carattere."))
        return code


class CodeForm(forms.Form):
    """The six digits that arrived by e-mail."""

    code = forms.RegexField(
        r"^\s*[0-9]{6}\s*$",
        label=_("Codice ricevuto per e-mail"),
        help_text=_("Sei cifre, valide per 30 minuti."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "8"}),
        error_messages={
            "required": _("Inserisci il codice che hai ricevuto."),
            "invalid": _("Il codice è di sei cifre."),
        },
    )


class MessageForm(forms.Form):
    """A message to the office about a case."""

    body = forms.CharField(
        label=_("Il tuo messaggio"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={
            "required": _("Scrivi il testo del messaggio."),
            "max_length": _("Il messaggio può avere al massimo 4000 caratteri."),
        },
    )


class AnswerForm(forms.Form):
    """The answer to a request of the office: a text, and a file when one is asked."""

    answer = forms.CharField(
        label=_("La tua risposta"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={
            "required": _("Scrivi la risposta, anche solo per dire che cosa alleghi."),
            "max_length": _("La risposta può avere al massimo 4000 caratteri."),
        },
    )
    attachment = forms.FileField(
        label=_("Documento da allegare"),
        required=False,
        help_text=_("PDF, JPEG o PNG, al massimo 10 MB."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"}),
    )
