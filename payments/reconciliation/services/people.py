"""Who decides, and why: what every decision of a person asks for."""

from django.utils.translation import gettext as _

from portal.entities.models import Entity, Role, StaffRole
from portal.kernel.errors import DomainError


class NotAnAccountant(DomainError):
    """Only accountants of the body work on its problems."""


class ReasonNeeded(DomainError):
    """A decision without a reason explains nothing to who comes after."""


def accountant_needed(entity: Entity, user_id: int) -> None:
    """Raises NotAnAccountant."""
    if not StaffRole.objects.filter(entity=entity, user_id=user_id, role=Role.ACCOUNTANT).exists():
        raise NotAnAccountant("work_not_an_accountant", _("Se ne occupa la ragioneria di questo ente."))


def reason_written(text: str) -> str:
    """The reason as it is kept. Raises ReasonNeeded."""
    reason = text.replace("\0", "").strip()[:300]
    if not reason:
        raise ReasonNeeded("reason_needed", _("Scrivi il motivo: lo leggerà chi riprende in mano la pratica."))
    return reason
