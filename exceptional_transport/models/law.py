from django.db import models
from django.utils.translation import gettext_lazy as _

MARKS = [("V", _("letto in un testo pubblicato")), ("M", _("da confermare"))]


class LegalFigure(models.Model):
    """A figure of the highway code or of its regulation, dated and with its source (data/law.toml).

    It is the same for every body. A row that nobody confirmed blocks what needs it (house rule 7).
    """

    code = models.SlugField(_("valore"), max_length=40)
    value = models.PositiveIntegerField(_("misura"))
    unit = models.CharField(_("unità"), max_length=10)
    valid_from = models.DateField(_("in vigore dal"))
    valid_to = models.DateField(_("in vigore fino al"), null=True, blank=True)
    source = models.CharField(_("fonte"), max_length=200)
    mark = models.CharField(_("grado di certezza"), max_length=1, choices=MARKS)
    confirmed_by = models.CharField(_("confermato da"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("valore di legge")
        verbose_name_plural = _("valori di legge")
        ordering = ["code", "-valid_from"]
        constraints = [models.UniqueConstraint(fields=["code", "valid_from"], name="legal_figure_once_a_date")]

    def __str__(self) -> str:
        return f"{self.code}: {self.value} {self.unit}"
