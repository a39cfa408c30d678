"""Fields that read what people write: kilograms, metres, kilometres."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exceptional_transport.domain.chainage import parse_km
from portal.kernel.errors import DomainError
from portal.words import told

MOST_KILOGRAMS = 999_999
MOST_MILLIMETRES = 99_999
PLATE = re.compile(r"^[A-Z0-9]{4,10}$")


class KilogramsField(forms.CharField):
    """Whole kilograms; `18.000` and `18 000` are eighteen thousand."""

    def __init__(self, **kwargs: Any) -> None:
        self.least = kwargs.pop("least", 1)
        super().__init__(max_length=12, **kwargs)
        self.widget.attrs["inputmode"] = "numeric"

    def clean(self, value: Any) -> int | None:
        text = re.sub(r"[\s.]", "", super().clean(value) or "")
        if not text:
            return None
        if not text.isascii() or not text.isdigit():
            raise forms.ValidationError(_("Scrivi i chilogrammi con sole cifre, senza decimali: per esempio 11500."))
        if not self.least <= int(text) <= MOST_KILOGRAMS:
            raise forms.ValidationError(_("Controlla la massa: va scritta in chilogrammi, per esempio 11500."))
        return int(text)


class MetresField(forms.CharField):
    """Metres with at most three decimals, kept in millimetres."""

    def __init__(self, **kwargs: Any) -> None:
        self.least = kwargs.pop("least", 1)
        super().__init__(max_length=8, **kwargs)
        self.widget.attrs["inputmode"] = "decimal"

    def clean(self, value: Any) -> int | None:
        text = (super().clean(value) or "").strip().replace(",", ".").removesuffix("m").strip()
        if not text:
            return None
        try:
            millimetres = Decimal(text) * 1000
        except ArithmeticError:  # not a number, or one like 1e999999
            millimetres = Decimal("NaN")
        if not millimetres.is_finite() or millimetres != millimetres.to_integral_value():
            raise forms.ValidationError(_("Scrivi i metri con la virgola: per esempio 2,55."))
        if not self.least <= millimetres <= MOST_MILLIMETRES:
            raise forms.ValidationError(_("Controlla la misura: va scritta in metri, per esempio 2,55."))
        return int(millimetres)


class ChainageField(forms.CharField):
    """A progressive `3+450`, kept in metres."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=8, **kwargs)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_km(text)
        except DomainError as error:
            raise forms.ValidationError(told(error)) from error


class PlateField(forms.CharField):
    """A number plate, upper case and without spaces or dashes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=14, **kwargs)
        self.widget.attrs |= {"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}

    def clean(self, value: Any) -> str:
        plate = re.sub(r"[\s-]", "", super().clean(value) or "").upper()
        if plate and not PLATE.match(plate):
            raise forms.ValidationError(_("Scrivi la targa con lettere e cifre: per esempio AB123CD."))
        return plate
