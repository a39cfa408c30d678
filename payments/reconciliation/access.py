"""Who may look at the books: accountants, each for the bodies where they are one."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from portal.entities.models import Role


def accountant_entities(request: HttpRequest) -> list[int]:
    """The bodies where who asks is an accountant; empty for everybody else."""
    roles = getattr(request, "staff_roles", [])
    return sorted({role.entity_id for role in roles if role.role == Role.ACCOUNTANT})


def accountants_only(request: HttpRequest) -> list[int]:
    """As above, for pages that are closed to everybody else. Raises PermissionDenied."""
    entities = accountant_entities(request)
    if not entities:
        raise PermissionDenied
    return entities
