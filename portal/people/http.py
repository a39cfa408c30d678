"""The request as our middleware leaves it, for annotations."""

from django.http import HttpRequest

from portal.accounts.models import User
from portal.entities.models import Entity, StaffRole
from portal.people.acting import Acting


class PortalRequest(HttpRequest):
    """`acting` is set for citizens, `staff_roles` is empty for everybody else than staff."""

    user: User
    entity: Entity | None
    acting: Acting | None
    staff_roles: list[StaffRole]
