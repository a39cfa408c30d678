"""One form for each question block. Everything typed is kept; these forms judge it only on "Avanti"."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exceptional_transport.domain.convoy import VehicleKind
from exceptional_transport.domain.terms import PermitKind
from exceptional_transport.models.vehicle_fields import KIND_LABELS
from exceptional_transport.wizard.fields import ChainageField, KilogramsField, MetresField, PlateField
from portal.kernel.choices import labels


def needed(text: Any) -> dict[str, Any]:
    """What an empty field says."""
    return {"required": text}


class KindForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Tipo di autorizzazione"),
        widget=forms.RadioSelect,
        error_messages=needed(_("Scegli il tipo di autorizzazione.")),
    )
    trips = forms.IntegerField(
        label=_("Numero di viaggi"),
        required=False,
        min_value=2,
        max_value=999,
        localize=False,
        help_text=_("Solo per l'autorizzazione multipla. Un viaggio è andata, oppure andata e ritorno."),
        error_messages={"min_value": _("Indica almeno 2 viaggi: per uno solo scegli la singola.")},
    )

    def __init__(self, *args: Any, choices: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("kind") == PermitKind.MULTIPLE and not data.get("trips") and "trips" not in self.errors:
            self.add_error("trips", _("Indica quanti viaggi chiedi."))
        return data


class VehicleForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Tipo di veicolo"),
        choices=[("", _("Scegli")), *labels(VehicleKind, KIND_LABELS)],
        error_messages=needed(_("Scegli il tipo di veicolo.")),
    )
    plate = PlateField(label=_("Targa"), error_messages=needed(_("Inserisci la targa.")))
    country = forms.RegexField(
        r"^[A-Za-z]{2}$",
        label=_("Stato (sigla)"),
        initial="IT",
        help_text=_("IT per l'Italia."),
        error_messages={
            "required": _("Inserisci la sigla dello Stato."),
            "invalid": _("Scrivi la sigla di due lettere, per esempio IT."),
        },
    )
    make = forms.CharField(label=_("Fabbrica e modello"), required=False, max_length=80)
    tare = KilogramsField(label=_("Tara in kg"), error_messages=needed(_("Inserisci la tara.")))
    length = MetresField(label=_("Lunghezza in m"), error_messages=needed(_("Inserisci la lunghezza del veicolo.")))
    save = forms.BooleanField(label=_("Salva questo veicolo per le prossime domande"), required=False)


class AxleForm(forms.Form):
    mass = KilogramsField(label=_("Massa in kg"), error_messages=needed(_("Inserisci la massa sull'asse.")))
    spacing = MetresField(
        label=_("Distanza dall'asse precedente in m"),
        error_messages=needed(_("Inserisci la distanza dall'asse precedente.")),
    )
    driven = forms.BooleanField(label=_("Asse motore"), required=False)
    twin_tyres = forms.BooleanField(label=_("Ruote gemellate"), required=False)
    air_suspension = forms.BooleanField(label=_("Sospensione pneumatica"), required=False)


class LoadForm(forms.Form):
    description = forms.CharField(
        label=_("Che cosa trasporti"),
        max_length=200,
        help_text=_(
            "Per esempio: trave prefabbricata in calcestruzzo. Se il veicolo viaggia vuoto scrivi: nessun carico."
        ),
        error_messages=needed(_("Descrivi il carico.")),
    )
    mass = KilogramsField(
        label=_("Massa del carico in kg"),
        least=0,
        error_messages=needed(_("Inserisci la massa del carico (0 se vuoto).")),
    )
    indivisible = forms.BooleanField(label=_("Il carico è un pezzo unico, indivisibile"), required=False)
    length = MetresField(
        label=_("Lunghezza totale in m"),
        help_text=_("Di tutto il complesso, carico compreso."),
        error_messages=needed(_("Inserisci la lunghezza totale.")),
    )
    width = MetresField(label=_("Larghezza totale in m"), error_messages=needed(_("Inserisci la larghezza totale.")))
    height = MetresField(
        label=_("Altezza totale da terra in m"), error_messages=needed(_("Inserisci l'altezza totale."))
    )
    front_overhang = MetresField(label=_("Sporgenza del carico davanti in m"), least=0, required=False)
    rear_overhang = MetresField(label=_("Sporgenza del carico dietro in m"), least=0, required=False)


class PlacesForm(forms.Form):
    origin = forms.CharField(
        label=_("Luogo di partenza"), max_length=140, error_messages=needed(_("Inserisci il luogo di partenza."))
    )
    destination = forms.CharField(
        label=_("Luogo di arrivo"), max_length=140, error_messages=needed(_("Inserisci il luogo di arrivo."))
    )


class LegForm(forms.Form):
    road = forms.ChoiceField(
        label=_("Strada"),
        error_messages={
            "required": _("Scegli la strada."),
            "invalid_choice": _("Questa strada non è nella rete: sceglila dall'elenco."),
        },
    )
    from_km = ChainageField(label=_("Dal km"), error_messages=needed(_("Inserisci il chilometro di inizio.")))
    to_km = ChainageField(label=_("Al km"), error_messages=needed(_("Inserisci il chilometro di fine.")))

    def __init__(self, *args: Any, roads: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["road"].choices = [("", _("Scegli")), *roads]  # type: ignore[attr-defined]


class PeriodForm(forms.Form):
    start_on = forms.DateField(
        label=_("Dal"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Inserisci la data di inizio."), "invalid": _("Scrivi una data valida.")},
    )
    end_on = forms.DateField(
        label=_("Al"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Inserisci la data di fine."), "invalid": _("Scrivi una data valida.")},
    )
    urgent_reason = forms.CharField(
        label=_("Motivo dell'urgenza"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("Scegli un file"),
        allow_empty_file=True,  # the store refuses it with a clearer sentence
        error_messages={"required": _("Scegli un file dal tuo computer o telefono.")},
    )


class DeclarationsForm(forms.Form):
    truthful = forms.BooleanField(
        label=_("Dichiaro che i dati e i documenti sono veri (artt. 46 e 47 del DPR 445/2000)"),
        error_messages=needed(_("Per inviare la domanda devi confermare questa dichiarazione.")),
    )
    aware = forms.BooleanField(
        label=_(
            "So che chi dichiara il falso decade dal beneficio ed è punito dalla legge (artt. 75 e 76 del DPR 445/2000)"
        ),
        error_messages=needed(_("Per inviare la domanda devi confermare questa dichiarazione.")),
    )
    privacy = forms.BooleanField(
        label=_("Ho letto l'informativa sulla privacy"),
        error_messages=needed(_("Per inviare la domanda devi aver letto l'informativa.")),
    )
