"""What a production installation should be told about the staff's way in."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register

from portal.accounts.domain.second_factor import SUPERUSER
from portal.entities.models import Role


@register(Tags.security)
def roles_of_second_factor_exist(app_configs: Any, **kwargs: Any) -> list[Error]:
    """A role written wrong would leave its people without the obligation, in silence."""
    unknown = sorted(set(settings.STAFF_MFA_ROLES) - set(Role) - {SUPERUSER})
    return [
        Error(f"STAFF_MFA_ROLES: ruolo sconosciuto {name!r}.", id="portal_accounts.E001", hint=", ".join(Role))
        for name in unknown
    ]


@register(Tags.security, deploy=True)
def second_factor_is_required(app_configs: Any, **kwargs: Any) -> list[Warning]:
    """Staff decide on people's rights: a password alone is little."""
    if settings.STAFF_MFA_REQUIRED:
        return []
    text = "STAFF_MFA_REQUIRED è spento: il personale entra con la sola password."
    return [Warning(text, id="portal_accounts.W001")]
