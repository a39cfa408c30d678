"""Who may look at the books: accountants, each for the bodies where they are one."""

from django.http import HttpRequest

from portal.entities.models import Role


def accountant_entities(request: HttpRequest) -> list[int]:
    """The bodies where who asks is an accountant; empty for everybody else."""
    roles = getattr(request, "staff_roles", [])
    return sorted({role.entity_id for role in roles if role.role == Role.ACCOUNTANT})
