"""The two parties of a SPID login, as the documents need them."""

from dataclasses import dataclass

from spid_auth.saml.names import BINDING_POST, BINDING_REDIRECT


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key and its certificate, both PEM."""

    private_key: str
    certificate: str


@dataclass(frozen=True, slots=True)
class AttributeSet:
    """An AttributeConsumingService. Its index is part of the published metadata and never changes meaning."""

    index: int
    name: str
    attributes: tuple[str, ...]


# Minimum for recognising a person, and the same with the contacts. Optional attributes may be missing in any answer.
LOGIN_SET = AttributeSet(0, "Accesso ai servizi", ("spidCode", "name", "familyName", "fiscalNumber"))
CONTACT_SET = AttributeSet(
    1,
    "Accesso ai servizi con recapiti",
    (*LOGIN_SET.attributes, "dateOfBirth", "email", "mobilePhone", "digitalAddress"),
)


@dataclass(frozen=True, slots=True)
class ServiceProvider:
    """A public body that is a SPID service provider on its own account."""

    entity_id: str
    acs_url: str
    slo_url: str
    organisation: str
    organisation_url: str
    ipa_code: str
    locality: str
    email: str
    telephone: str
    attribute_sets: tuple[AttributeSet, ...] = (LOGIN_SET, CONTACT_SET)


@dataclass(frozen=True, slots=True)
class IdentityProviderInfo:
    """An identity provider as registered with us: the only source of its keys and addresses."""

    entity_id: str
    certificates: tuple[str, ...]
    sso_post: str = ""
    sso_redirect: str = ""

    def sso(self) -> tuple[str, str]:
        """(binding, address) of the login endpoint, POST preferred. Raises LookupError when there is none."""
        if self.sso_post:
            return BINDING_POST, self.sso_post
        if self.sso_redirect:
            return BINDING_REDIRECT, self.sso_redirect
        raise LookupError(self.entity_id)
