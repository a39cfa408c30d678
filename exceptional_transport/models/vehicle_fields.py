"""What a vehicle and an axle are, wherever they stand: in the fleet or in an application."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from exceptional_transport.domain.convoy import VehicleKind
from portal.kernel.choices import labels

KIND_LABELS = {
    VehicleKind.TRACTOR: _("trattore stradale"),
    VehicleKind.TRUCK: _("autocarro"),
    VehicleKind.SPECIAL: _("veicolo per uso speciale (gru, pompa…)"),
    VehicleKind.TRAILER: _("rimorchio"),
    VehicleKind.SEMITRAILER: _("semirimorchio"),
}


class VehicleFields(models.Model):
    """Masses in kg, dimensions in mm."""

    kind = models.CharField(_("tipo"), max_length=12, choices=labels(VehicleKind, KIND_LABELS))
    plate = models.CharField(_("targa"), max_length=12)
    country = models.CharField(_("Stato di immatricolazione"), max_length=2, default="IT")
    make = models.CharField(_("fabbrica e modello"), max_length=80, blank=True)
    tare_kg = models.PositiveIntegerField(_("tara in kg"))
    length_mm = models.PositiveIntegerField(_("lunghezza in mm"))

    class Meta:
        abstract = True


class AxleFields(models.Model):
    """`mass_kg` is what the axle carries with the load; `spacing_mm` the distance from the axle before it."""

    position = models.PositiveSmallIntegerField(_("asse"))
    mass_kg = models.PositiveIntegerField(_("massa a carico in kg"))
    spacing_mm = models.PositiveIntegerField(_("distanza dall'asse precedente in mm"), default=0)
    driven = models.BooleanField(_("motore"), default=False)
    twin_tyres = models.BooleanField(_("ruote gemellate"), default=False)
    air_suspension = models.BooleanField(_("sospensione pneumatica"), default=False)

    class Meta:
        abstract = True
