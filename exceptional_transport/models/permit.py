"""The permit (autorizzazione) and its events."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from exceptional_transport.domain.permit_states import Action, State
from portal.entities.models import EntityModel
from portal.kernel.choices import labels

STATE_LABELS = {State.VALID: _("valida"), State.SUSPENDED: _("sospesa"), State.REVOKED: _("revocata")}
ACTION_LABELS = {Action.SUSPEND: _("sospensione"), Action.RESUME: _("riattivazione"), Action.REVOKE: _("revoca")}


class Permit(EntityModel):
    """An exceptional-transport permit. Its number is consecutive per body and year."""

    case = models.OneToOneField(
        "portal_cases.Case", models.PROTECT, verbose_name=_("pratica"), related_name="exceptional_transport_permit"
    )
    year = models.PositiveSmallIntegerField(_("anno"))
    number = models.PositiveIntegerField(_("numero"))
    state = models.CharField(_("stato"), max_length=10, choices=labels(State, STATE_LABELS), default=State.VALID)
    valid_from = models.DateField(_("valida dal"))
    valid_to = models.DateField(_("valida fino al"))
    prescriptions = models.JSONField(_("prescrizioni"), default=list)
    document = models.OneToOneField(
        "portal_documents.Document", models.PROTECT, verbose_name=_("documento"), related_name="+"
    )
    issued_at = models.DateTimeField(_("rilasciata il"))
    issued_by = models.CharField(_("rilasciata da"), max_length=150)

    class Meta:
        verbose_name = _("autorizzazione")
        verbose_name_plural = _("autorizzazioni")
        ordering = ["-year", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["entity", "year", "number"], name="permit_number_once"),
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="permit_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.number}/{self.year}"


class PermitEvent(EntityModel):
    """A suspension, resumption or revocation, with its reason. Append-only."""

    permit = models.ForeignKey(Permit, models.PROTECT, related_name="events")
    action = models.CharField(_("evento"), max_length=8, choices=labels(Action, ACTION_LABELS))
    reason = models.TextField(_("motivo"))
    made_at = models.DateTimeField(_("quando"))
    made_by = models.CharField(_("autore"), max_length=150)

    class Meta:
        verbose_name = _("evento dell'autorizzazione")
        verbose_name_plural = _("eventi dell'autorizzazione")
        ordering = ["made_at", "pk"]

    def __str__(self) -> str:
        return f"{self.permit} {self.get_action_display()}"
