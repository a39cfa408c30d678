"""Tags of the office's frame: where the user works, what waits, which desks are open to them."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.cases.domain.states import State
from portal.cases.models import Case
from portal.cases.selectors import QUEUE_LABELS, Queue, queue_counts, workable
from portal.entities.models import CASEWORKERS, StaffRole

register = template.Library()

# The models whose admin page is the accountants' desk; the package that brings it may be absent.
SQUARING_MODEL = "ReconciledReceipt"


# The same states, seen from the office: the citizen reads "aspetta te".
OFFICE_LABELS = {
    State.SUBMITTED: _("da prendere in carico"),
    State.INTEGRATION_REQUESTED: _("integrazione chiesta"),
    State.REFUSAL_NOTICE: _("preavviso di rigetto"),
    State.PAYMENT_DUE: _("attende il pagamento"),
    State.READY_TO_ISSUE: _("da rilasciare"),
}


@register.filter
def office_state(case: Case) -> str:
    """The state of a case in the office's words."""
    return str(OFFICE_LABELS.get(State(case.state)) or case.get_state_display())


@register.filter
def places(roles: Iterable[StaffRole]) -> list[str]:
    """Body and office of the user's first role; only the body when the role covers all of it."""
    for role in roles:
        return [role.entity.name, *([role.office.name] if role.office else [])]
    return []


@register.filter
def works_cases(roles: Iterable[StaffRole]) -> bool:
    """Whether the user has a desk with cases."""
    return any(role.role in CASEWORKERS for role in roles)


@register.simple_tag(takes_context=True)
def queues(context: template.Context) -> list[tuple[Queue, Any, int]]:
    """The queues of the user with their counts, in one query."""
    request = context["request"]
    counts = queue_counts(workable(request.staff_roles), user_id=request.user.pk, on=clock.today())
    return [(queue, QUEUE_LABELS[queue], counts[queue]) for queue in Queue]


@register.simple_tag(takes_context=True)
def squaring_link(context: template.Context) -> str:
    """Address of the accountants' desk, for who may open it; empty otherwise."""
    for app in context.get("available_apps") or []:
        for model in app["models"]:
            if model["object_name"] == SQUARING_MODEL:
                return model["admin_url"] or ""
    return ""


@register.simple_tag
def waiting(model: dict[str, Any]) -> int:
    """How many rows of a register wait for somebody: registers that can say so have a method `waiting`."""
    count = getattr(admin.site._registry.get(model["model"]), "waiting", None)
    return count() if count else 0
