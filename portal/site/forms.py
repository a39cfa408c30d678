"""Forms of the citizen's area."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from portal.people.models import Mandate

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
        choices += [(str(mandate.pk), f"{mandate.company.name} ({mandate.get_kind_display()})") for mandate in mandates]
        self.fields["per_chi"].choices = choices  # type: ignore[attr-defined]

    def mandate_id(self) -> int | None:
        """The mandate chosen, None for oneself."""
        chosen: str = self.cleaned_data["per_chi"]
        return None if chosen == ONESELF else int(chosen)


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


class CodeForm(forms.Form):
    """The six digits that arrived by e-mail."""

    code = forms.RegexField(
        r"^\s*\d{6}\s*$",
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
