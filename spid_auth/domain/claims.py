"""From the attributes of an assertion to the person they describe. Pure.

Attributes: SPID technical rules, notices 18 v2 (companies) and 25 (domicile). CIE sends four of them.
"""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from portal.kernel.taxcodes import is_codice_fiscale, is_partita_iva

PREFIX = "TINIT-"
VAT_PREFIX = "VATIT-"
# The identifier of a system stands as it is up to this length. eIDAS allows 256 characters.
LONGEST_IDENTIFIER = 40


class NoFiscalCode(ValueError):
    """The assertion carries no Italian codice fiscale, which its system always has."""


class LegalPersonOnly(ValueError):
    """The identity is of a legal person: nobody in it can be held responsible for what is done here."""


class UnusableClaims(ValueError):
    """A name is missing or the codice fiscale is wrong."""


@dataclass(frozen=True, slots=True)
class CompanyClaims:
    """The company of a professional identity. It does not prove the power to represent it (notice 18 v2)."""

    name: str
    fiscal_code: str
    vat_number: str


@dataclass(frozen=True, slots=True)
class Claims:
    """Who the identity provider says it is. Optional attributes may always be missing."""

    fiscal_code: str | None
    spid_code: str
    first_name: str
    last_name: str
    birth_date: date | None
    email: str | None
    company: CompanyClaims | None = None

    @property
    def subject_key(self) -> str:
        """The codice fiscale, so that all the identities of a person meet; without it, the system's own identifier.

        The digest of an identifier that is too long, which cut short could be somebody else's, or that is written like
        a codice fiscale, which it is not.
        """
        if self.fiscal_code:
            return self.fiscal_code
        plain = len(self.spid_code) <= LONGEST_IDENTIFIER and not is_codice_fiscale(self.spid_code.strip().upper())
        return self.spid_code if plain else sha256(self.spid_code.encode()).hexdigest()


def read(attributes: dict[str, str], *, fiscal_code_required: bool = True) -> Claims:
    """Claims out of SPID attributes. Raises NoFiscalCode, LegalPersonOnly, UnusableClaims.

    `fiscalNumber` is TINIT-<codice fiscale>: the prefix is taken off once, so that a doubled one is not accepted.
    """
    names = attributes.get("name", ""), attributes.get("familyName", "")
    company = _company(attributes)
    if company and not any(names):
        raise LegalPersonOnly
    fiscal_code = _fiscal_code(attributes.get("fiscalNumber", ""))
    spid_code = attributes.get("spidCode", "")
    if fiscal_code is None and fiscal_code_required:
        raise NoFiscalCode
    if not all(names) or not (fiscal_code or spid_code):
        raise UnusableClaims
    return Claims(
        fiscal_code=fiscal_code,
        spid_code=spid_code,
        first_name=names[0][:100],
        last_name=names[1][:100],
        birth_date=_day(attributes.get("dateOfBirth", "")),
        email=_email(attributes.get("email", "")),
        company=company,
    )


def _fiscal_code(value: str) -> str | None:
    """None when nothing is said. Raises UnusableClaims on anything that is not a codice fiscale."""
    number = value.upper()
    if not number:
        return None
    fiscal_code = number.removeprefix(PREFIX)
    if not number.startswith(PREFIX) or not is_codice_fiscale(fiscal_code):
        raise UnusableClaims
    return fiscal_code


def _company(attributes: dict[str, str]) -> CompanyClaims | None:
    """Only with a name: `ivaCode` alone may stand on a personal identity. Wrong numbers are left out, not believed."""
    name = attributes.get("companyName", "")
    if not name:
        return None
    vat = attributes.get("ivaCode", "").upper().removeprefix(VAT_PREFIX)
    code = attributes.get("companyFiscalNumber", "").upper().removeprefix(PREFIX)
    return CompanyClaims(
        name=name[:140],
        fiscal_code=code if is_codice_fiscale(code) or is_partita_iva(code) else "",
        vat_number=vat if is_partita_iva(vat) else "",
    )


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _email(value: str) -> str | None:
    """The address when it looks like one; it is only offered to the person, who confirms it."""
    name, at, host = value.rpartition("@")
    plain = value.isprintable() and " " not in value and len(value) <= 254
    return value if plain and name and at and "." in host else None
