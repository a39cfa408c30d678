"""The systems of digital identity and what each of them wants of a request and grants to an answer. Pure.

Sources: SPID technical rules (AgID) and notice 18 v2 (professional use); CIE SAML documentation of the Ministry of the
Interior; the Italian eIDAS node, which is a SPID identity provider with its own attribute sets.
"""

from dataclasses import dataclass
from enum import StrEnum


class Scheme(StrEnum):
    SPID = "spid"
    CIE = "cie"
    EIDAS = "eidas"
    ARPA = "arpa"


class Comparison(StrEnum):
    """How the level asked for and the level granted compare. The technical rules also have "maximum": no use here."""

    EXACT = "exact"
    MINIMUM = "minimum"
    BETTER = "better"


class Purpose(StrEnum):
    """Which identities are asked for, when it is not the personal one (spid:Purpose)."""

    PROFESSIONAL = "P"
    LEGAL_PERSON = "LP"
    PROFESSIONAL_OF_LEGAL_PERSON = "PG"
    PROFESSIONAL_OF_NATURAL_PERSON = "PF"
    ANY_PROFESSIONAL = "PX"


@dataclass(frozen=True, slots=True)
class AttributeSet:
    """An AttributeConsumingService. Its index is part of the published metadata and never changes meaning."""

    index: int
    name: str
    attributes: tuple[str, ...]


# Minimum for recognising a person, the same with the contacts, and with the company of a professional identity.
# Optional attributes may be missing in any answer.
LOGIN_SET = AttributeSet(0, "Accesso ai servizi", ("spidCode", "name", "familyName", "fiscalNumber"))
CONTACT_SET = AttributeSet(
    1,
    "Accesso ai servizi con recapiti",
    (*LOGIN_SET.attributes, "dateOfBirth", "email", "mobilePhone", "digitalAddress"),
)
PROFESSIONAL_SET = AttributeSet(
    2,
    "Accesso ai servizi a uso professionale",
    (*LOGIN_SET.attributes, "companyName", "companyFiscalNumber", "ivaCode", "registeredOffice"),
)
EIDAS_MINIMUM_SET = AttributeSet(
    99, "eIDAS Natural Person Minimum Attribute Set", ("spidCode", "name", "familyName", "dateOfBirth")
)
EIDAS_FULL_SET = AttributeSet(
    100,
    "eIDAS Natural Person Full Attribute Set",
    (*EIDAS_MINIMUM_SET.attributes, "placeOfBirth", "address", "gender"),
)
CIE_SET = AttributeSet(0, "Accesso ai servizi con CIE", ("name", "familyName", "dateOfBirth", "fiscalNumber"))


@dataclass(frozen=True, slots=True)
class Profile:
    """One system: its own words in messages, its quirks, what it may be asked."""

    scheme: Scheme
    label: str
    # Prefix of our addresses; eIDAS shares those of SPID, of whose federation the national node is part.
    prefix: str
    default_set: AttributeSet
    sets: tuple[AttributeSet, ...]
    comparisons: frozenset[Comparison]
    always_force: bool = False
    # CIE leaves out the Format of the Issuer of an Assertion, and pads its text with spaces.
    issuer_format_required: bool = True
    # Who has no Italian codice fiscale is known by the identifier of the system.
    fiscal_code_required: bool = True
    purposes: bool = False

    def comparison(self, wished: Comparison) -> Comparison:
        """The wished comparison where the system has it, else "minimum"."""
        return wished if wished in self.comparisons else Comparison.MINIMUM

    def force_authn(self, level: int) -> bool:
        """Whether the person must show their credentials again: always from level 2."""
        return self.always_force or level > 1

    def attribute_set(self, purpose: Purpose | None, *, contacts: bool = False) -> AttributeSet:
        """The smallest set that serves. Contacts are asked only where the body wants them offered to the person."""
        if purpose and self.purposes:
            return PROFESSIONAL_SET
        return CONTACT_SET if contacts and CONTACT_SET in self.sets else self.default_set


SPID_PROFILE = Profile(
    Scheme.SPID,
    "SPID",
    "/spid",
    LOGIN_SET,
    (LOGIN_SET, CONTACT_SET, PROFESSIONAL_SET),
    frozenset(Comparison),
    purposes=True,
)
CIE_PROFILE = Profile(
    Scheme.CIE,
    "CIE",
    "/cie",
    CIE_SET,
    (CIE_SET,),
    frozenset({Comparison.EXACT, Comparison.MINIMUM}),
    always_force=True,
    issuer_format_required=False,
)
EIDAS_PROFILE = Profile(
    Scheme.EIDAS,
    "eIDAS",
    "/spid",
    EIDAS_MINIMUM_SET,
    (EIDAS_MINIMUM_SET, EIDAS_FULL_SET),
    frozenset({Comparison.MINIMUM}),
    always_force=True,
    fiscal_code_required=False,
)

PROFILES: dict[Scheme, Profile] = {one.scheme: one for one in (SPID_PROFILE, CIE_PROFILE, EIDAS_PROFILE)}
