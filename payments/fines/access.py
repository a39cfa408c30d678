"""Who of the staff works on fines: the office of fines and the accountants; administrators read."""

from collections.abc import Iterable

from django.http import HttpRequest

from payments.fines import conf
from payments.selectors import BOOK_READERS
from portal.entities.models import CASEWORKERS, Role, StaffRole


def works_on_fines(roles: Iterable[StaffRole], *, entity_id: int | None = None) -> bool:
    """Whether one of the roles imports files and moves fines, of that body or of any."""
    return any(_works(role) and (entity_id is None or role.entity_id == entity_id) for role in roles)


def reads_fines(roles: Iterable[StaffRole], *, entity_id: int | None = None) -> bool:
    """Whether one of the roles sees fines, of that body or of any."""
    return any(
        (_works(role) or role.role in BOOK_READERS) and (entity_id is None or role.entity_id == entity_id)
        for role in roles
    )


def _works(role: StaffRole) -> bool:
    if role.role == Role.ACCOUNTANT:
        return True
    in_office = role.office is None or role.office.code == conf.OFFICE
    return role.role in CASEWORKERS and in_office


def working_bodies(request: HttpRequest) -> list[int]:
    """The bodies where who asks works on fines."""
    return sorted({role.entity_id for role in _roles(request) if _works(role)})


def reading_bodies(request: HttpRequest) -> list[int]:
    """The bodies whose fines who asks may see."""
    return sorted({role.entity_id for role in _roles(request) if reads_fines([role])})


def _roles(request: HttpRequest) -> list[StaffRole]:
    return getattr(request, "staff_roles", [])
