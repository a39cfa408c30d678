"""The reason, asked of whoever opens, keeps or lets go."""

from django import forms
from django.contrib.admin.helpers import ActionForm
from django.utils.translation import gettext_lazy as _

from spid_auth.register.holds import MOST


class ReasonForm(forms.Form):
    """Why the messages are opened. It stays in the audit trail."""

    reason = forms.CharField(
        label=_("Motivo"),
        help_text=_("Chi lo chiede e con quale atto, per esempio un numero di protocollo. Resta nel registro eventi."),
        min_length=5,
        max_length=MOST,
    )


class ActionReasonForm(ActionForm):
    """The reason beside the choice of an action on a list."""

    reason = forms.CharField(label=_("Motivo:"), required=False, max_length=MOST)
