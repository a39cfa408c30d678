"""The digital identities of people."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.kernel.choices import labels
from spid_auth.domain.schemes import Scheme
from spid_auth.models.federation import SCHEME_LABELS, IdentityProvider
from spid_auth.models.register import LEVEL


class Identity(models.Model):
    """A digital identity of a person. The key is the codice fiscale: one person, whatever the provider.

    Who has no Italian codice fiscale (eIDAS) is known by the identifier of the system. The company of a professional
    identity is kept as said: it proves no power to act for it.
    """

    person = models.ForeignKey(
        "portal_people.Person", models.PROTECT, verbose_name=_("persona"), related_name="identities"
    )
    scheme = models.CharField(_("sistema"), max_length=12, choices=labels(Scheme, SCHEME_LABELS))
    subject_key = models.CharField(_("chiave del soggetto"), max_length=64)
    spid_code = models.CharField(_("codice identificativo SPID"), max_length=40, blank=True)
    level = models.PositiveSmallIntegerField(_("livello dell'ultimo accesso"), validators=LEVEL)
    company_name = models.CharField(_("impresa dell'identità professionale"), max_length=140, blank=True)
    company_fiscal_code = models.CharField(_("codice fiscale dell'impresa"), max_length=16, blank=True)
    company_vat_number = models.CharField(_("partita IVA dell'impresa"), max_length=11, blank=True)
    idp = models.ForeignKey(IdentityProvider, models.PROTECT, verbose_name=_("gestore"), related_name="+")
    first_login = models.DateTimeField(_("primo accesso"))
    last_login = models.DateTimeField(_("ultimo accesso"))
    hold_reason = models.CharField(
        _("motivo della conservazione"),
        max_length=200,
        blank=True,
        db_default="",
        help_text=_("nessuna richiesta di accesso di questa identità viene cancellata"),
    )

    class Meta:
        verbose_name = _("identità digitale")
        verbose_name_plural = _("identità digitali")
        constraints = [models.UniqueConstraint(fields=["scheme", "subject_key"], name="identity_subject_once")]

    def __str__(self) -> str:
        return f"{self.get_scheme_display()} · {self.person}"
