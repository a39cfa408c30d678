"""What somebody writes to pay without an avviso: what it is for, how much, and who pays."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from payments.domain.spontaneous import LONGEST_ANSWER, AmountRule, Asked, Payers, answer_fits, clean_words, parse_euro
from payments.services.spontaneous import Channel, Wanted, wanted_checked
from payments.spontaneous.selectors import Offer
from portal.billing.socket import Payer
from portal.kernel.errors import DomainError
from portal.kernel.money import euro_plain
from portal.kernel.taxcodes import is_codice_fiscale, is_partita_iva, normalise
from portal.people.acting import Acting
from portal.words import told

KINDS = [("F", _("Una persona")), ("G", _("Un'impresa o un ente"))]
# Where a refusal of the rules is shown.
FIELD_OF = {
    "amount": "importo", "amount_low": "importo", "amount_high": "importo", "quantity": "quantita",
    "reason": "motivo", "payer_kind": "chi", "payer_code": "codice_fiscale", "payer_name": "nome",
}  # fmt: skip
ADDRESS = ("via", "civico", "cap", "comune", "provincia")


def _words(label: Any, *, most: int, **kwargs: Any) -> forms.CharField:
    attrs = kwargs.pop("attrs", {})
    field = forms.CharField(label=label, max_length=most, widget=forms.TextInput(attrs=attrs), **kwargs)
    field.error_messages["max_length"] = _("Al massimo %(limit_value)d caratteri: sono %(show_value)d.")
    return field


class SpontaneousForm(forms.Form):
    """The fields depend on what the service asks; what the rules refuse is said beside its field."""

    nome = _words(
        _("Nome e cognome, o denominazione"),
        most=70,
        attrs={"autocomplete": "name"},
        error_messages={"required": _("Scrivi il nome di chi paga.")},
    )
    codice_fiscale = _words(
        _("Codice fiscale o partita IVA"),
        most=30,
        help_text=_("16 caratteri per una persona, 11 cifre per un'impresa o un ente."),
        attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
        error_messages={"required": _("Scrivi il codice fiscale o la partita IVA.")},
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        help_text=_("Chi incassa il pagamento può usarla per mandarti la sua conferma."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": _("Scrivi un indirizzo completo, per esempio nome@esempio.it.")},
    )
    via = _words(_("Via o piazza"), most=70, required=False, attrs={"autocomplete": "address-line1"})
    civico = _words(_("Numero civico"), most=16, required=False)
    cap = _words(_("CAP"), most=16, required=False, attrs={"autocomplete": "postal-code", "inputmode": "numeric"})
    comune = _words(_("Comune"), most=35, required=False, attrs={"autocomplete": "address-level2"})
    provincia = forms.RegexField(
        r"^[A-Za-z]{2}$",
        label=_("Provincia"),
        required=False,
        help_text=_("La sigla, per esempio PI."),
        widget=forms.TextInput(attrs={"maxlength": "2", "autocomplete": "off"}),
        error_messages={"invalid": _("Scrivi la sigla di due lettere, per esempio PI.")},
    )

    def __init__(self, data: Any = None, *, offer: Offer, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.offer = offer
        what = self._what_fields()
        self.fields.update(what)
        self.what_names = list(what)
        if offer.payers is Payers.ANYBODY:
            self.fields["chi"] = forms.ChoiceField(
                label=_("A chi è intestato l'avviso"),
                choices=KINDS,
                initial="F",
                widget=forms.RadioSelect,
                error_messages={"required": _("Scegli chi paga.")},
            )
        self.order_fields([*what, "chi"])

    def _what_fields(self) -> dict[str, forms.Field]:
        service = self.offer.service
        found: dict[str, forms.Field] = {}
        if self.offer.rule is AmountRule.UNIT:
            found["quantita"] = forms.IntegerField(
                label=service.piece[:1].upper() + service.piece[1:],
                min_value=1,
                max_value=service.max_quantity,
                widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "6"}),
                error_messages={
                    "required": _("Scrivi una quantità."),
                    "invalid": _("Scrivi un numero intero."),
                    "min_value": _("La quantità minima è %(limit_value)s."),
                    "max_value": _("La quantità massima è %(limit_value)s."),
                },
            )
        if self.offer.rule is AmountRule.FREE:
            found["importo"] = _words(
                _("Importo in euro"),
                most=20,
                help_text=_("Da %(low)s a %(high)s euro, con la virgola prima dei centesimi.")
                % {"low": euro_plain(service.min_cents), "high": euro_plain(service.max_cents)},
                attrs={"inputmode": "decimal", "autocomplete": "off"},
                error_messages={"required": _("Scrivi quanto vuoi pagare.")},
            )
        for question in self.offer.questions:
            found[f"risposta_{question.seq}"] = _words(
                question.label, most=LONGEST_ANSWER, help_text=question.help_text, required=question.required,
                attrs={"autocomplete": "off"}, error_messages={"required": _("Scrivi questa risposta.")},
            )  # fmt: skip
        if service.asks_reason:
            found["motivo"] = _words(
                _("Motivo del pagamento"),
                most=140,
                help_text=_("Si legge sull'avviso e sulla ricevuta: niente dati sulla salute o su altre persone."),
                attrs={"autocomplete": "off"},
                error_messages={"required": _("Scrivi perché paghi.")},
            )
        return found

    @property
    def what(self) -> list[forms.BoundField]:
        """The fields of what is paid."""
        return [self[name] for name in self.what_names]

    @property
    def who(self) -> list[forms.BoundField]:
        """The fields of who pays, the address apart."""
        return [self[name] for name in ("chi", "nome", "codice_fiscale", "email") if name in self.fields]

    @property
    def where(self) -> list[forms.BoundField]:
        """The fields of the address."""
        return [self[name] for name in ADDRESS]

    @property
    def raw(self) -> dict[str, str]:
        """What was written, to be asked again later."""
        return {name: str(self.data.get(name, "")) for name in self.fields}

    def clean_importo(self) -> int:
        """Cents."""
        try:
            return parse_euro(self.cleaned_data["importo"])
        except DomainError as error:
            raise forms.ValidationError(told(error)) from error

    def clean_codice_fiscale(self) -> str:
        code = normalise(self.cleaned_data["codice_fiscale"])
        if not (is_codice_fiscale(code) or is_partita_iva(code)):
            raise forms.ValidationError(
                _now("Il codice fiscale o la partita IVA non è giusto: ricontrolla ogni carattere.")
            )
        return code

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name, value in list(data.items()):
            if isinstance(value, str) and name != "email":
                self._latin(name, value)
        for question in self.offer.questions:
            name = f"risposta_{question.seq}"
            if data.get(name) and not answer_fits(data[name], question.pattern):
                self.add_error(name, " ".join((_now("La risposta non ha il formato richiesto."), question.help_text)))
        if not self.errors:
            self._obey(self.wanted())
        return data

    def _latin(self, name: str, value: str) -> None:
        try:
            self.cleaned_data[name] = clean_words(value)
        except DomainError as error:
            self.add_error(name, told(error))

    def _obey(self, wanted: Wanted) -> None:
        """The rules of the service, beside the field they speak of."""
        try:
            wanted_checked(self.offer, wanted, channel=Channel.WEB)
        except DomainError as error:
            name = FIELD_OF.get(error.code, "")
            self.add_error(name if name in self.fields else None, told(error))

    def wanted(self) -> Wanted:
        """What the service opens."""
        data = self.cleaned_data
        answers = {row.seq: data.get(f"risposta_{row.seq}", "") for row in self.offer.questions}
        kind = data.get("chi") or self.offer.payers.value
        street, civic, postal_code, city, province = (data.get(name, "") for name in ADDRESS)
        payer = Payer(
            kind=kind,
            fiscal_code=data["codice_fiscale"],
            name=data["nome"],
            email=data.get("email", ""),
            street=street,
            civic=civic,
            postal_code=postal_code,
            city=city,
            province=province.upper(),
            country="IT" if any((street, civic, postal_code, city, province)) else "",
        )
        return Wanted(
            payer=payer,
            asked=Asked(cents=data.get("importo"), quantity=data.get("quantita")),
            reason=data.get("motivo", ""),
            answers=answers,
        )


def prefilled(acting: Acting | None, offer: Offer) -> dict[str, str]:
    """The data of whoever is logged in, or of the company they act for; the rest is left to be written."""
    if acting is None:
        return {}
    if acting.company is not None:
        if "G" not in offer.payers:
            return {}
        return {"chi": "G", "nome": acting.company.name[:70], "codice_fiscale": acting.company.fiscal_code}
    if "F" not in offer.payers:
        return {}
    person = acting.person
    email = person.email if person.email_verified_at else ""
    return {"chi": "F", "nome": str(person)[:70], "codice_fiscale": person.fiscal_code or "", "email": email}
