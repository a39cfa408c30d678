"""The federation (who we are, who identifies), the register of logins, the identities that came out of them."""

from spid_auth.models.federation import (
    IdentityProvider,
    ServiceProviderEntity,
    SigningCertificate,
    Source,
)
from spid_auth.models.identity import Identity
from spid_auth.models.register import STATE_LABELS, AuthnTransaction, Direction, ResponseTicket, SamlMessage

__all__ = [
    "STATE_LABELS",
    "AuthnTransaction",
    "Direction",
    "Identity",
    "IdentityProvider",
    "ResponseTicket",
    "SamlMessage",
    "ServiceProviderEntity",
    "SigningCertificate",
    "Source",
]
