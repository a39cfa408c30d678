"""The federation (who we are, who identifies), the register of logins, the identities that came out of them."""

from spid_auth.models.federation import (
    IdentityProvider,
    ProviderRevision,
    ServiceProviderEntity,
    SigningCertificate,
    Source,
)
from spid_auth.models.identity import Identity
from spid_auth.models.register import (
    STATE_LABELS,
    AuthnTransaction,
    Direction,
    RegisterPurge,
    ResponseTicket,
    SamlMessage,
)
from spid_auth.models.watch import Alert, AlertKind, RefreshOutcome, RegistryRefresh

__all__ = [
    "STATE_LABELS",
    "Alert",
    "AlertKind",
    "AuthnTransaction",
    "Direction",
    "Identity",
    "IdentityProvider",
    "ProviderRevision",
    "RefreshOutcome",
    "RegisterPurge",
    "RegistryRefresh",
    "ResponseTicket",
    "SamlMessage",
    "ServiceProviderEntity",
    "SigningCertificate",
    "Source",
]
