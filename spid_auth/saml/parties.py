"""The two parties of a login, as the documents need them."""

from dataclasses import dataclass

from spid_auth.domain.modes import Mode
from spid_auth.domain.schemes import EIDAS_PROFILE, SPID_PROFILE, AttributeSet, Scheme
from spid_auth.saml.names import BINDING_POST, BINDING_REDIRECT


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key and its certificate, both PEM."""

    private_key: str
    certificate: str


@dataclass(frozen=True, slots=True)
class Aggregator:
    """The public body that presents another one to the federation, or that operates for it."""

    organisation: str
    ipa_code: str
    fiscal_code: str
    email: str
    telephone: str
    # Light mode: the certificate with which the aggregated body signs (PEM).
    validation_certificate: str = ""


@dataclass(frozen=True, slots=True)
class ServiceProvider:
    """A public body as it presents itself to one federation."""

    entity_id: str
    acs_url: str
    slo_url: str
    organisation: str
    organisation_url: str
    ipa_code: str
    locality: str
    email: str
    telephone: str
    attribute_sets: tuple[AttributeSet, ...] = (*SPID_PROFILE.sets, *EIDAS_PROFILE.sets)
    scheme: Scheme = Scheme.SPID
    mode: Mode = Mode.DIRECT
    aggregator: Aggregator | None = None
    # Belfiore code of the municipality of the seat, and the province: CIE wants them.
    municipality: str = ""
    province: str = ""


@dataclass(frozen=True, slots=True)
class IdentityProviderInfo:
    """An identity provider as registered with us: the only source of its keys and addresses."""

    entity_id: str
    certificates: tuple[str, ...]
    sso_post: str = ""
    sso_redirect: str = ""

    def sso(self, preferred: str = BINDING_POST) -> tuple[str, str]:
        """(binding, address) of the login endpoint, of the preferred binding if it has one. Raises LookupError."""
        known = {BINDING_POST: self.sso_post, BINDING_REDIRECT: self.sso_redirect}
        for binding in (preferred, BINDING_POST, BINDING_REDIRECT):
            if known.get(binding):
                return binding, known[binding]
        raise LookupError(self.entity_id)
