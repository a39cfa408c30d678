"""System checks of the login by OpenID Connect: what would only fail at the first login is told at start."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register

from spid_auth.oidc import conf


@register(Tags.security)
def agreement_is_whole(app_configs: Any, **kwargs: Any) -> list[Error]:
    """ARPA_OIDC is either absent or complete."""
    if not settings.ARPA_OIDC:
        return []
    return [Error(f"ARPA_OIDC: {says}", id="spid_auth.E010") for says in conf.faults(*conf.given())]
