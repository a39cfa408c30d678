"""System checks of payments."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from payments import conf


@register("security")
def the_stamp_anchors_are_readable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A folder that is not there, or a file that is no certificate, is found at the start and not with a receipt."""
    try:
        conf.stamp_anchors()
    except (OSError, ValueError) as error:
        return [Error(f"PAGOPA_STAMP_ANCHORS cannot be read: {error}", id="payments.E002")]
    return []


@register("security", deploy=True)
def the_node_is_recognised(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """In production the station answers only to the node's own certificate."""
    if settings.PRODUCTION and not conf.client_fingerprints():
        return [
            Error(
                "PAGOPA_CLIENT_FINGERPRINTS is empty: anybody could send receipts to the station.",
                hint="List the SHA-256 fingerprints of the node's client certificates.",
                id="payments.E001",
            )
        ]
    return []
