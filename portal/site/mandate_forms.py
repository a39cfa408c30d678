"""Forms of mandates: about which company, to whom, for which services, from when to when."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from portal.catalogue import cards
from portal.kernel.taxcodes import is_codice_fiscale, is_partita_iva, normalise
from portal.people.domain.declarations import CompanyData
from portal.people.services.mandates import Holder, Terms

ALL, SOME = "tutti", "alcuni"
MYSELF, AGENCY = "io", "agenzia"
PERSON = "persona"
FILES = ".pdf,application/pdf"


def _day_field(label: Any, **kwargs: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Scrivi una data."), "invalid": _("Scrivi una data vera, come 31/12/2027.")},
        **kwargs,
    )


class CompanyForm(forms.Form):
    """A company as the person describes it. Codes are checked by their control character."""

    name = forms.CharField(
        label=_("Denominazione"), max_length=140, error_messages={"required": _("Scrivi il nome dell'impresa.")}
    )
    fiscal_code = forms.CharField(
        label=_("Codice fiscale dell'impresa"),
        help_text=_("Undici cifre; sedici caratteri se è una ditta individuale."),
        max_length=20,
        error_messages={"required": _("Scrivi il codice fiscale dell'impresa.")},
    )
    vat_number = forms.CharField(
        label=_("Partita IVA"), help_text=_("Se è diversa dal codice fiscale."), max_length=20, required=False
    )
    seat = forms.CharField(
        label=_("Sede legale"),
        help_text=_("Via, numero, CAP e comune."),
        max_length=200,
        error_messages={"required": _("Scrivi la sede legale.")},
    )
    pec = forms.EmailField(
        label=_("PEC dell'impresa"),
        required=False,
        error_messages={"invalid": _("Scrivi un indirizzo completo, per esempio impresa@pec.esempio.it.")},
    )

    def clean_fiscal_code(self) -> str:
        code = normalise(self.cleaned_data["fiscal_code"])
        if not is_partita_iva(code) and not (len(code) == 16 and is_codice_fiscale(code)):
            raise forms.ValidationError(_now("Il codice fiscale dell'impresa non è giusto: controlla ogni carattere."))
        return code

    def clean_vat_number(self) -> str:
        number = normalise(self.cleaned_data["vat_number"]).removeprefix("IT")
        if number and not is_partita_iva(number):
            raise forms.ValidationError(_now("La partita IVA non è giusta: controlla ogni cifra."))
        return number

    def company(self) -> CompanyData:
        """The company; a numeric codice fiscale is its partita IVA too, when no other was written."""
        data = self.cleaned_data
        code = data["fiscal_code"]
        vat = data["vat_number"] or (code if len(code) == 11 else "")
        return CompanyData(data["name"].strip(), code, vat, data["seat"].strip(), data["pec"])


class RepresentationForm(CompanyForm):
    """Asking to be recognised as legal representative."""

    record = forms.FileField(
        label=_("Visura camerale"),
        help_text=_("Facoltativa: accelera il controllo. PDF, al massimo 10 MB."),
        required=False,
        widget=forms.FileInput(attrs={"accept": FILES}),
    )
    declared = forms.BooleanField(
        label=_("Ho letto e rendo questa dichiarazione"),
        error_messages={"required": _("Per andare avanti serve la dichiarazione.")},
    )
    upload = "record"


class TermsForm(forms.Form):
    """Services and days of a mandate."""

    reach = forms.ChoiceField(
        label=_("Per quali servizi"),
        choices=[(ALL, _("Tutti i servizi")), (SOME, _("Solo quelli che scelgo qui sotto"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Scegli per quali servizi.")},
    )
    services = forms.MultipleChoiceField(
        label=_("Servizi"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Scegli i servizi dall'elenco.")},
    )
    valid_from = _day_field(_("Dal"))
    valid_to = _day_field(_("Al"), required=False, help_text=_("Se non scrivi niente vale fino a revoca."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["services"].choices = [(card.slug, card.title) for card in cards.all_cards()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("reach") == SOME and "services" in data and not data["services"]:
            self.add_error("services", _now("Scegli almeno un servizio, oppure tutti."))
        start, end = data.get("valid_from"), data.get("valid_to")
        if start and end and end < start:
            self.add_error("valid_to", _now("L'ultimo giorno viene prima del primo: controlla le date."))
        return data

    def terms(self) -> Terms:
        data = self.cleaned_data
        services = tuple(data["services"]) if data["reach"] == SOME else ()
        return Terms(services, data["valid_from"], data["valid_to"])

    def services_words(self) -> str:
        """The services in words, for the declaration, which is kept in Italian."""
        services = self.terms().services
        return ", ".join(cards.title_of(slug) for slug in services) if services else "tutti"


class MandateRequestForm(CompanyForm, TermsForm):
    """Asking for a mandate that the company signed; for oneself, or for the agency one represents."""

    holder = forms.ChoiceField(
        label=_("Chi riceve la delega"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Scegli chi riceve la delega.")},
    )
    signed = forms.FileField(
        label=_("Delega o procura firmata"),
        help_text=_("PDF firmato dal legale rappresentante dell'impresa, al massimo 10 MB."),
        widget=forms.FileInput(attrs={"accept": FILES}),
        error_messages={"required": _("Allega la delega firmata."), "empty": _("Il file è vuoto: scegline un altro.")},
    )
    upload = "signed"
    field_order = [
        "holder", "name", "fiscal_code", "vat_number", "seat", "pec", "reach", "services", "valid_from", "valid_to",
        "signed",
    ]  # fmt: skip

    def __init__(self, *args: Any, agency: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(MYSELF, _now("Io"))]
        choices += [(AGENCY, _now("%(agency)s, e chi opera per lei") % {"agency": agency})] if agency else []
        self.fields["holder"].choices = choices  # type: ignore[attr-defined]
        self.fields["holder"].initial = MYSELF


class GrantForm(TermsForm):
    """The company's representative gives a mandate to a person or to an agency."""

    holder = forms.ChoiceField(
        label=_("A chi dai la delega"),
        choices=[(PERSON, _("A una persona")), (AGENCY, _("A un'agenzia, e a chi opera per lei"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Scegli a chi dai la delega.")},
    )
    name = forms.CharField(
        label=_("Nome e cognome, o denominazione dell'agenzia"),
        max_length=140,
        error_messages={"required": _("Scrivi il nome.")},
    )
    fiscal_code = forms.CharField(
        label=_("Codice fiscale"), max_length=20, error_messages={"required": _("Scrivi il codice fiscale.")}
    )
    declared = forms.BooleanField(
        label=_("Ho letto e rendo questa dichiarazione"),
        error_messages={"required": _("Per andare avanti serve la dichiarazione.")},
    )
    field_order = ["holder", "name", "fiscal_code", "reach", "services", "valid_from", "valid_to", "declared"]

    def clean_fiscal_code(self) -> str:
        code = normalise(self.cleaned_data["fiscal_code"])
        if not is_codice_fiscale(code) and not is_partita_iva(code):
            raise forms.ValidationError(_now("Il codice fiscale non è giusto: controlla ogni carattere."))
        return code

    def to(self) -> Holder:
        """Who receives it."""
        data = self.cleaned_data
        return Holder(data["fiscal_code"], data["name"].strip(), is_agency=data["holder"] == AGENCY)
