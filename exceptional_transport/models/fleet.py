"""Saved vehicles of a person or a company. They belong to no body: a haulier writes them once for all."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from exceptional_transport.models.vehicle_fields import AxleFields, VehicleFields


class Vehicle(VehicleFields):
    """A vehicle of the fleet (parco veicoli), offered again in the next application."""

    person = models.ForeignKey(
        "portal_people.Person", models.PROTECT, verbose_name=_("persona"), null=True, blank=True, related_name="+"
    )
    company = models.ForeignKey(
        "portal_people.Company", models.PROTECT, verbose_name=_("impresa"), null=True, blank=True, related_name="+"
    )
    saved_at = models.DateTimeField(_("salvato il"))

    class Meta:
        verbose_name = _("veicolo")
        verbose_name_plural = _("veicoli")
        ordering = ["kind", "plate"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=True, company__isnull=False) | Q(person__isnull=False, company__isnull=True),
                name="vehicle_has_one_owner",
            ),
            models.UniqueConstraint(
                fields=["person", "company", "country", "plate"],
                nulls_distinct=False,
                name="vehicle_plate_once_an_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plate} ({self.get_kind_display()})"


class FleetAxle(AxleFields):
    vehicle = models.ForeignKey(Vehicle, models.CASCADE, related_name="axles")

    class Meta:
        verbose_name = _("asse")
        verbose_name_plural = _("assi")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["vehicle", "position"], name="fleet_axle_once")]

    def __str__(self) -> str:
        return f"{self.position}"
