"""What a visitor types to find a notice; what the forms of the staff share."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from payments.domain.codes import CodeError, parse_typed
from payments.models.positions import UNKNOWN_DEBTOR
from portal.entities.models import Entity
from portal.kernel.taxcodes import is_codice_fiscale, is_partita_iva, normalise


class FindNoticeForm(forms.Form):
    """The number of a notice and the tax code of who owes: both stand on the paper."""

    avviso = forms.CharField(
        label=_("Codice avviso"),
        help_text=_("Le 18 cifre stampate sull'avviso di pagamento, con o senza spazi."),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": _("Scrivi il codice dell'avviso."),
            "max_length": _("Il codice avviso ha 18 cifre."),
        },
    )
    codice_fiscale = forms.CharField(
        label=_("Codice fiscale o partita IVA di chi deve pagare"),
        help_text=_("È quello stampato sull'avviso: 16 caratteri per una persona, 11 cifre per un'impresa o un ente."),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={
            "required": _("Scrivi il codice fiscale o la partita IVA."),
            "max_length": _("Il codice fiscale ha 16 caratteri, la partita IVA 11 cifre."),
        },
    )

    def clean_avviso(self) -> str:
        try:
            return parse_typed(self.cleaned_data["avviso"]).nav
        except CodeError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_codice_fiscale(self) -> str:
        code = normalise(self.cleaned_data["codice_fiscale"])
        if code == UNKNOWN_DEBTOR:
            # Said before anything is looked up: the answer is the same whether the notice exists or not.
            raise forms.ValidationError(
                _(
                    "Un avviso senza il codice fiscale di chi deve pagare non si paga da questa pagina: usa l'app IO,"
                    " la tua banca o un punto convenzionato."
                )
            )
        if not (is_codice_fiscale(code) or is_partita_iva(code)):
            raise forms.ValidationError(
                _("Il codice fiscale o la partita IVA non è giusto: ricontrolla ogni carattere.")
            )
        return code


class BoundedFileField(forms.FileField):
    """A file that a person uploads, of at most `most` bytes; `too_large` says what to do with a larger one.

    Only the size is checked here: what a file says is judged after it is kept.
    """

    default_error_messages = {
        "empty": _("Il file è vuoto."),
        "required": _("Scegli il file da caricare."),
    }

    def __init__(self, *, most: int, too_large: StrOrPromise, **kwargs: Any) -> None:
        super().__init__(max_length=120, error_messages={"too_large": too_large}, **kwargs)
        self.most = most

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Refuse what is too large to be looked at while somebody waits."""
        file = super().clean(data, initial)
        if file and (file.size or 0) > self.most:
            raise forms.ValidationError(self.error_messages["too_large"], code="too_large")
        return file


class OwnBodyForm(forms.Form):
    """A form of the staff about one of the bodies they work for."""

    entity = forms.ModelChoiceField(label=_("Ente"), queryset=Entity.objects.none(), empty_label=None)

    def __init__(self, *args: Any, entity_ids: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        entity = self.fields["entity"]
        if isinstance(entity, forms.ModelChoiceField):
            entity.queryset = Entity.objects.filter(pk__in=entity_ids).order_by("name")
