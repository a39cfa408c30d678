"""From the claims of an OpenID Connect provider to the person they describe, by a table of names. Pure.

The names are the provider's: they come from the agreement with it. What arrives is believed no further than the
attributes of a SAML assertion: it goes through the same reading (`spid_auth.domain.claims`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from spid_auth.domain import claims

# Our names, and the SPID attribute each of them is read as.
CLAIMS = {
    "fiscal_code": "fiscalNumber",
    "first_name": "name",
    "last_name": "familyName",
    "birth_date": "dateOfBirth",
    "email": "email",
    "spid_code": "spidCode",
    "company_name": "companyName",
    "company_fiscal_code": "companyFiscalNumber",
    "company_vat_number": "ivaCode",
}
LONGEST = 500


@dataclass(frozen=True, slots=True)
class ClaimMap:
    """Our name -> the provider's, and the prefixes that its codici fiscali may carry."""

    names: Mapping[str, str]
    prefixes: tuple[str, ...] = ()


def attributes(received: Mapping[str, object], table: ClaimMap) -> dict[str, str]:
    """The SPID attributes that the claims amount to. What is not a plain, printable text counts as not said."""
    said = {ours: plain(received.get(theirs)) for ours, theirs in table.names.items()}
    if said.get("fiscal_code"):
        said["fiscal_code"] = claims.PREFIX + _without_prefix(said["fiscal_code"], table.prefixes)
    return {CLAIMS[ours]: value for ours, value in said.items() if value}


def plain(value: object) -> str:
    """The text, or the only text of a list; empty for anything else. JSON may carry what a database cannot hold."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str) or len(value) > LONGEST or not value.isprintable():
        return ""
    return value.strip()


def _without_prefix(value: str, prefixes: tuple[str, ...]) -> str:
    """Taken off once: a doubled prefix is not accepted."""
    for prefix in prefixes:
        if value.upper().startswith(prefix.upper()):
            return value[len(prefix) :]
    return value
