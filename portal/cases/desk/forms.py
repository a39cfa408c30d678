"""Forms of the office's actions. They check the shape; the services check the rules."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User

LONGEST_TEXT = 4000


class TextForm(forms.Form):
    """One text to be written."""

    text = forms.CharField(
        label=_("Testo"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 5}), required=True
    )

    def __init__(self, *args: Any, label: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if label:
            self.fields["text"].label = label


class AssignForm(forms.Form):
    """A colleague of the same office."""

    user = forms.ModelChoiceField(label=_("Assegna a"), queryset=User.objects.none())

    def __init__(self, *args: Any, colleagues: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = colleagues  # type: ignore[attr-defined]


class ApproveForm(forms.Form):
    """Prescriptions of the act, from the service's library and in the officer's own words."""

    prescriptions = forms.MultipleChoiceField(
        label=_("Prescrizioni"), widget=forms.CheckboxSelectMultiple, required=False
    )
    more = forms.CharField(
        label=_("Altre prescrizioni"),
        help_text=_("Una per riga."),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    due_on = forms.DateField(
        label=_("Pagamento entro il"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, library: Sequence[tuple[str, str, bool]], **kwargs: Any) -> None:
        self._texts = {key: text for key, text, _proposed in library}
        super().__init__(*args, **kwargs)
        self.fields["prescriptions"].choices = list(self._texts.items())  # type: ignore[attr-defined]
        self.fields["prescriptions"].initial = [key for key, _text, proposed in library if proposed]

    def lines(self) -> list[str]:
        """The prescriptions as they will stand in the act, in the order of the library."""
        chosen = set(self.cleaned_data["prescriptions"])
        own = [line.strip() for line in self.cleaned_data["more"].splitlines() if line.strip()]
        return [text for key, text in self._texts.items() if key in chosen] + own
