"""The road network of a body. A version is never changed: a new import makes a new one."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.entities.models import EntityModel

STRUCTURE_KINDS = [("bridge", _("ponte")), ("culvert", _("tombino")), ("overpass_clearance", _("sottovia"))]


class NetworkVersion(EntityModel):
    """One import of the network; the current one is used by new applications."""

    number = models.PositiveIntegerField(_("versione"))
    label = models.CharField(_("origine dei dati"), max_length=200)
    sha256 = models.CharField(_("impronta dei file"), max_length=64)
    imported_at = models.DateTimeField(_("caricata il"))
    is_current = models.BooleanField(_("in uso"), default=False)

    class Meta:
        verbose_name = _("versione della rete")
        verbose_name_plural = _("versioni della rete")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["entity", "number"], name="network_version_once"),
            models.UniqueConstraint(fields=["entity"], condition=Q(is_current=True), name="network_one_current"),
        ]

    def __str__(self) -> str:
        return f"v{self.number}"


class RoadSection(EntityModel):
    """A section of a road between two nodes. Limits are empty when none is posted; the line is WGS 84 [lon, lat]."""

    version = models.ForeignKey(NetworkVersion, models.CASCADE, verbose_name=_("versione"), related_name="sections")
    code = models.CharField(_("codice del tratto"), max_length=20)
    road_code = models.CharField(_("strada"), max_length=12)
    road_name = models.CharField(_("nome della strada"), max_length=120, blank=True)
    manager_code = models.CharField(_("codice del gestore"), max_length=20)
    manager_name = models.CharField(_("gestore"), max_length=100)
    municipality = models.CharField(_("Comune"), max_length=80, blank=True)
    start_m = models.PositiveIntegerField(_("dal metro"))
    end_m = models.PositiveIntegerField(_("al metro"))
    from_node = models.CharField(_("nodo iniziale"), max_length=20)
    to_node = models.CharField(_("nodo finale"), max_length=20)
    carriageway_mm = models.PositiveIntegerField(_("larghezza della carreggiata in mm"))
    max_mass_kg = models.PositiveIntegerField(_("massa ammessa in kg"), null=True, blank=True)
    max_axle_kg = models.PositiveIntegerField(_("massa per asse ammessa in kg"), null=True, blank=True)
    line = models.JSONField(_("tracciato"))

    class Meta:
        verbose_name = _("tratto di strada")
        verbose_name_plural = _("tratti di strada")
        ordering = ["road_code", "start_m"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="section_code_once_a_version"),
            models.CheckConstraint(condition=Q(end_m__gt=F("start_m")), name="section_has_a_length"),
        ]

    def __str__(self) -> str:
        return f"{self.road_code} {self.code}"


class Structure(EntityModel):
    """A bridge, culvert or overpass on a section (opera d'arte)."""

    section = models.ForeignKey(RoadSection, models.CASCADE, verbose_name=_("tratto"), related_name="structures")
    code = models.CharField(_("codice"), max_length=20)
    kind = models.CharField(_("tipo"), max_length=20, choices=STRUCTURE_KINDS)
    chainage_m = models.PositiveIntegerField(_("progressiva in m"))
    clearance_mm = models.PositiveIntegerField(_("altezza libera in mm"), null=True, blank=True)
    width_mm = models.PositiveIntegerField(_("larghezza utile in mm"), null=True, blank=True)
    max_mass_kg = models.PositiveIntegerField(_("massa ammessa in kg"), null=True, blank=True)
    max_axle_kg = models.PositiveIntegerField(_("massa per asse ammessa in kg"), null=True, blank=True)

    class Meta:
        verbose_name = _("opera d'arte")
        verbose_name_plural = _("opere d'arte")
        ordering = ["section", "chainage_m"]
        constraints = [models.UniqueConstraint(fields=["section", "code"], name="structure_once_a_section")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.code}"


class Municipality(EntityModel):
    """A municipality on the map: its point, and an outline (its limits, or a cell drawn around the point)."""

    istat_code = models.CharField(_("codice ISTAT"), max_length=6)
    name = models.CharField(_("nome"), max_length=80)
    longitude = models.DecimalField(_("longitudine"), max_digits=8, decimal_places=5)
    latitude = models.DecimalField(_("latitudine"), max_digits=8, decimal_places=5)
    outline = models.JSONField(_("contorno (geometria GeoJSON)"), default=dict)
    outline_source = models.CharField(_("origine del contorno"), max_length=200)

    class Meta:
        verbose_name = _("comune sulla mappa")
        verbose_name_plural = _("Comuni sulla mappa")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["entity", "istat_code"], name="municipality_once_an_entity")]

    def __str__(self) -> str:
        return self.name
