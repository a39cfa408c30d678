"""The application (domanda) as rows: the convoy, its axles, the route. Written once, at submission."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from exceptional_transport.domain.terms import LABELS, PermitKind
from exceptional_transport.models.network import NetworkVersion
from exceptional_transport.models.vehicle_fields import AxleFields, VehicleFields
from portal.entities.models import EntityModel
from portal.kernel.choices import labels


class Application(EntityModel):
    """What was asked for, beside its case. Masses in kg, lengths in mm."""

    case = models.OneToOneField("portal_cases.Case", models.PROTECT, related_name="exceptional_transport")
    kind = models.CharField(_("tipo di autorizzazione"), max_length=10, choices=labels(PermitKind, LABELS))
    trips = models.PositiveSmallIntegerField(_("numero di viaggi"), null=True)
    length_mm = models.PositiveIntegerField(_("lunghezza in mm"))
    width_mm = models.PositiveIntegerField(_("larghezza in mm"))
    height_mm = models.PositiveIntegerField(_("altezza in mm"))
    load_description = models.CharField(_("carico"), max_length=200)
    load_mass_kg = models.PositiveIntegerField(_("massa del carico in kg"), default=0)
    load_indivisible = models.BooleanField(_("carico indivisibile"), default=False)
    front_overhang_mm = models.PositiveIntegerField(_("sporgenza anteriore in mm"), default=0)
    rear_overhang_mm = models.PositiveIntegerField(_("sporgenza posteriore in mm"), default=0)
    origin = models.CharField(_("luogo di partenza"), max_length=140)
    destination = models.CharField(_("luogo di arrivo"), max_length=140)
    start_on = models.DateField(_("dal"))
    end_on = models.DateField(_("al"))
    urgent_reason = models.CharField(_("motivo dell'urgenza"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("domanda di trasporto eccezionale")
        verbose_name_plural = _("domande di trasporto eccezionale")
        constraints = [
            models.CheckConstraint(condition=Q(end_on__gte=F("start_on")), name="application_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.case}"


class ApplicationVehicle(EntityModel, VehicleFields):
    application = models.ForeignKey(Application, models.CASCADE, related_name="vehicles")
    position = models.PositiveSmallIntegerField(_("posizione"))

    class Meta:
        verbose_name = _("veicolo della domanda")
        verbose_name_plural = _("veicoli della domanda")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["application", "position"], name="application_vehicle_once")]

    def __str__(self) -> str:
        return self.plate


class ApplicationAxle(EntityModel, AxleFields):
    vehicle = models.ForeignKey(ApplicationVehicle, models.CASCADE, related_name="axles")

    class Meta:
        verbose_name = _("asse della domanda")
        verbose_name_plural = _("assi della domanda")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["vehicle", "position"], name="application_axle_once")]

    def __str__(self) -> str:
        return f"{self.position}"


class RouteLeg(EntityModel):
    """A stretch of road of the route. `network` is the version whose sections the leg was checked against."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="legs")
    position = models.PositiveSmallIntegerField(_("ordine"))
    network = models.ForeignKey(NetworkVersion, models.PROTECT, verbose_name=_("versione della rete"), related_name="+")
    network_code = models.CharField(_("rete"), max_length=8)
    road_code = models.CharField(_("strada"), max_length=12)
    road_name = models.CharField(_("nome della strada"), max_length=120, blank=True)
    from_m = models.PositiveIntegerField(_("dal metro"))
    to_m = models.PositiveIntegerField(_("al metro"))

    class Meta:
        verbose_name = _("tratto del percorso")
        verbose_name_plural = _("tratti del percorso")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["application", "position"], name="route_leg_once"),
            models.CheckConstraint(condition=~Q(from_m=F("to_m")), name="route_leg_has_a_length"),
        ]

    def __str__(self) -> str:
        return f"{self.road_code} {self.from_m}-{self.to_m}"
