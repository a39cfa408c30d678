from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One thing that happened, by whom and for whom. Append-only."""

    at = models.DateTimeField(_("quando"))
    entity = models.ForeignKey(
        "portal_entities.Entity", models.PROTECT, verbose_name=_("ente"), null=True, related_name="+"
    )
    action = models.CharField(_("evento"), max_length=80)
    subject_type = models.CharField(_("oggetto"), max_length=80)
    subject_id = models.CharField(_("identificativo"), max_length=64)
    actor_label = models.CharField(_("autore"), max_length=150)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey("portal_people.Person", models.PROTECT, null=True, related_name="+")
    mandate = models.ForeignKey("portal_people.Mandate", models.PROTECT, null=True, related_name="+")
    data = models.JSONField(_("dati"), default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("evento")
        verbose_name_plural = _("eventi")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="audit_event_subject")]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type}:{self.subject_id}"
