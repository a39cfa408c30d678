"""Who works on a verdict, and what was decided about it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.reconciliation.domain.letters import RECIPIENT_LABELS, Recipient
from payments.reconciliation.domain.work import WORK_LABELS, WorkState
from payments.reconciliation.models.verdicts import Verdict
from portal.entities.models import EntityModel
from portal.kernel.choices import labels


class WorkItem(EntityModel):
    """A problem that somebody touched (voce di lavoro). A verdict without one waits to be taken.

    It is over when its verdict is: later evidence closes both. When a run says the same of the same document in other
    words, the item goes on with the new verdict; when documents or cents have changed, what was ignored is to be taken
    again. What was done, step by step, stands in its steps.
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


class WorkStep(EntityModel):
    """One thing that was done with a problem: by whom, when, why, and in whose hands it was then. Append-only."""

    item = models.ForeignKey(WorkItem, models.PROTECT, verbose_name=_("voce di lavoro"), related_name="steps")
    at = models.DateTimeField(_("quando"))
    # Nobody, when a run gave it back because the facts have changed.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("chi"), null=True, related_name="+")
    state = models.CharField(_("stato"), max_length=8, choices=labels(WorkState, WORK_LABELS))
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("se ne occupa"), null=True, related_name="+"
    )
    reason = models.CharField(_("motivo"), max_length=300, blank=True)
    due_on = models.DateField(_("risposta attesa entro"), null=True)

    class Meta:
        verbose_name = _("passo di una voce di lavoro")
        verbose_name_plural = _("passi delle voci di lavoro")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.at:%d/%m/%Y %H:%M} · {self.get_state_display()}"


class Correspondent(EntityModel):
    """Who is written to about a problem (corrispondente): a PSP, the intermediary, the treasurer of the body."""

    role = models.CharField(_("chi è"), max_length=12, choices=labels(Recipient, RECIPIENT_LABELS))
    psp_id = models.CharField(
        _("codice del PSP"), max_length=35, blank=True, help_text=_("Come lo scrivono i flussi; solo per un PSP.")
    )
    name = models.CharField(_("nome"), max_length=140)
    email = models.EmailField(_("PEC o e-mail"), max_length=254)

    class Meta:
        verbose_name = _("corrispondente")
        verbose_name_plural = _("corrispondenti: a chi si scrive")
        ordering = ["entity", "role", "name"]
        constraints = [
            models.UniqueConstraint(fields=["entity", "role", "psp_id"], name="correspondent_once"),
            models.CheckConstraint(
                condition=Q(role=Recipient.PSP.value) ^ Q(psp_id=""), name="correspondent_psp_has_its_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.email}"
