"""Who works on a verdict, and what was decided about it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.reconciliation.domain.work import WORK_LABELS, WorkState
from payments.reconciliation.models.verdicts import Verdict
from portal.entities.models import EntityModel
from portal.kernel.choices import labels


class WorkItem(EntityModel):
    """A problem that somebody touched (voce di lavoro). A verdict without one waits to be taken.

    It is over when its verdict is: later evidence closes both. What was done, step by step, stands in the audit trail;
    the last reason stays written also when the item goes back to the queue.
    """

    verdict = models.OneToOneField(Verdict, models.PROTECT, verbose_name=_("esito"), related_name="work")
    state = models.CharField(
        _("stato"), max_length=8, choices=labels(WorkState, WORK_LABELS), default=WorkState.OPEN.value
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("se ne occupa"), null=True, related_name="+"
    )
    reason = models.CharField(_("motivo"), max_length=300, blank=True)
    due_on = models.DateField(_("risposta attesa entro"), null=True)
    opened_at = models.DateTimeField(_("presa la prima volta il"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("presa la prima volta da"), related_name="+"
    )
    changed_at = models.DateTimeField(_("cambiata il"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("cambiata da"), related_name="+"
    )

    class Meta:
        verbose_name = _("voce di lavoro")
        verbose_name_plural = _("voci di lavoro")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=WorkState.OPEN.value, assignee=None)
                | (~Q(state=WorkState.OPEN.value) & Q(assignee__isnull=False)),
                name="work_item_in_somebodys_hands",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[WorkState.WAITING.value, WorkState.IGNORED.value]) | ~Q(reason=""),
                name="work_item_says_why",
            ),
            models.CheckConstraint(
                condition=Q(due_on=None) | Q(state=WorkState.WAITING.value), name="work_item_due_while_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} · {self.verdict_id}"
