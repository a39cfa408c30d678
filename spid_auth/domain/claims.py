"""From the attributes of an assertion to the person they describe. Pure."""

from dataclasses import dataclass
from datetime import date

from portal.kernel.taxcodes import is_codice_fiscale

PREFIX = "TINIT-"


class NoFiscalCode(ValueError):
    """The assertion carries no Italian codice fiscale."""


class UnusableClaims(ValueError):
    """A name is missing or the codice fiscale is wrong."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Who the identity provider says it is. Optional attributes may always be missing."""

    fiscal_code: str
    spid_code: str
    first_name: str
    last_name: str
    birth_date: date | None
    email: str | None


def read(attributes: dict[str, str]) -> Claims:
    """Claims out of SPID attributes. Raises NoFiscalCode, UnusableClaims.

    `fiscalNumber` is TINIT-<codice fiscale>: the prefix is taken off once, so that a doubled one is not accepted.
    """
    number = attributes.get("fiscalNumber", "").upper()
    if not number:
        raise NoFiscalCode
    fiscal_code = number.removeprefix(PREFIX)
    names = attributes.get("name", ""), attributes.get("familyName", "")
    if not number.startswith(PREFIX) or not is_codice_fiscale(fiscal_code) or not all(names):
        raise UnusableClaims
    return Claims(
        fiscal_code=fiscal_code,
        spid_code=attributes.get("spidCode", "")[:40],
        first_name=names[0][:100],
        last_name=names[1][:100],
        birth_date=_day(attributes.get("dateOfBirth", "")),
        email=_email(attributes.get("email", "")),
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
