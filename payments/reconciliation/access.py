"""Who may look at the books: accountants, each for the bodies where they are one."""

from django.http import HttpRequest

from portal.audit.actor import Actor
from portal.entities.models import Role


def accountant_entities(request: HttpRequest) -> list[int]:
    """The bodies where who asks is an accountant; empty for everybody else."""
    roles = getattr(request, "staff_roles", [])
    return sorted({role.entity_id for role in roles if role.role == Role.ACCOUNTANT})


def staff_actor(request: HttpRequest) -> Actor:
    """Who works, for the audit trail."""
    return Actor(label=str(request.user), user_id=request.user.pk)
