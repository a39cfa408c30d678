"""What a person types at the counter."""

from typing import Any

from django import forms

from payments.demo import CREDITORS
from payments.domain import codes
from payments.domain.payloads import PayloadError, read_qr


class NoticeForm(forms.Form):
    """The notice number and the body's tax code, or the text of the QR in place of both."""

    qr = forms.CharField(label="Testo del codice QR", required=False, max_length=200)
    nav = forms.CharField(label="Codice avviso (18 cifre)", required=False, max_length=40)
    entity = forms.CharField(
        label="Codice fiscale dell'ente", required=False, max_length=11, initial=CREDITORS[0].fiscal_code
    )

    def clean(self) -> dict[str, Any]:
        """Fills `nav` and `entity` from the QR when it is there."""
        data = super().clean() or {}
        try:
            if data.get("qr"):
                scanned = read_qr(data["qr"])
                return data | {"nav": scanned.nav, "entity": scanned.entity}
            number = codes.parse_typed(data.get("nav", ""))
        except (PayloadError, codes.CodeError) as error:
            raise forms.ValidationError(str(error)) from error
        entity = data.get("entity", "")
        if not (entity.isascii() and entity.isdigit() and len(entity) == 11):
            raise forms.ValidationError("Il codice fiscale dell'ente ha 11 cifre.")
        return data | {"nav": number.nav}
