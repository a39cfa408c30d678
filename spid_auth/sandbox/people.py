"""The people of the test identity provider, read from people.toml."""

import tomllib
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

from spid_auth.domain.schemes import Purpose

SOURCE = Path(__file__).with_name("people.toml")


class Kind(IntEnum):
    """Types of SPID identity, numbered as in AgID notice 18 v2."""

    NATURAL = 1
    LEGAL = 2
    PROFESSIONAL = 3
    PROFESSIONAL_OF_LEGAL = 4


# Which types answer a request with this spid:Purpose; the first row is a request without it (notice 18 v2).
ANSWERING: dict[str, frozenset[Kind]] = {
    "": frozenset({Kind.NATURAL, Kind.PROFESSIONAL}),
    Purpose.PROFESSIONAL: frozenset({Kind.PROFESSIONAL, Kind.PROFESSIONAL_OF_LEGAL}),
    Purpose.LEGAL_PERSON: frozenset({Kind.LEGAL, Kind.PROFESSIONAL_OF_LEGAL}),
    Purpose.PROFESSIONAL_OF_LEGAL_PERSON: frozenset({Kind.PROFESSIONAL_OF_LEGAL}),
    Purpose.PROFESSIONAL_OF_NATURAL_PERSON: frozenset({Kind.PROFESSIONAL}),
    Purpose.ANY_PROFESSIONAL: frozenset({Kind.LEGAL, Kind.PROFESSIONAL, Kind.PROFESSIONAL_OF_LEGAL}),
}


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """An invented identity and the level of its credentials."""

    key: str
    name: str
    family_name: str
    fiscal_code: str
    birth_date: str
    email: str
    mobile: str
    note: str
    level: int = 2
    kind: Kind = Kind.NATURAL
    company: str = ""
    company_fiscal_code: str = ""
    vat_number: str = ""
    office: str = ""
    # Of who comes through the eIDAS node: their country, and how it knows them.
    country: str = ""
    identifier: str = ""
    place_of_birth: str = ""
    address: str = ""
    gender: str = ""

    @property
    def label(self) -> str:
        """The identity as a button calls it."""
        own = f"{self.name} {self.family_name}".strip()
        if self.kind is Kind.LEGAL:
            return f"Identità di persona giuridica: {self.company}"
        return f"Uso professionale: {self.family_name} {self.name}, {self.company}" if self.company else own

    def answers(self, purpose: str) -> bool:
        """Whether an identity of this type serves a request with this Purpose."""
        return self.kind in ANSWERING[purpose]

    def attributes(self) -> dict[str, str]:
        """The attributes known of this person; the empty ones are left out."""
        known = {
            "spidCode": self.identifier or f"TEST{self.key.upper():0<10}"[:14],
            "name": self.name,
            "familyName": self.family_name,
            "fiscalNumber": f"TINIT-{self.fiscal_code}" if self.fiscal_code else "",
            "dateOfBirth": self.birth_date,
            "email": self.email,
            "mobilePhone": self.mobile,
            "companyName": self.company,
            "companyFiscalNumber": f"TINIT-{self.company_fiscal_code}" if self.company_fiscal_code else "",
            "ivaCode": f"VATIT-{self.vat_number}" if self.vat_number else "",
            "registeredOffice": self.office,
            "placeOfBirth": self.place_of_birth,
            "address": self.address,
            "gender": self.gender,
        }
        return {name: value for name, value in known.items() if value}


@cache
def _source() -> dict[str, list[dict[str, Any]]]:
    with SOURCE.open("rb") as file:
        return tomllib.load(file)


@cache
def people() -> tuple[DemoPerson, ...]:
    """Who has an identity of their own, in the order of the file."""
    return tuple(DemoPerson(**row) for row in _source()["person"])


@cache
def professionals() -> tuple[DemoPerson, ...]:
    """Identities for professional use, of the same people, and one of a company by itself."""
    known = {one.key: one for one in people()}
    made = []
    for row in _source()["professional"]:
        said = {name: value for name, value in row.items() if name != "of"} | {"kind": Kind(row["kind"])}
        made.append(replace(known[row["of"]], **said) if row.get("of") else DemoPerson(**said))
    return tuple(made)


@cache
def europeans() -> tuple[DemoPerson, ...]:
    """Who comes from another country, through the eIDAS node."""
    return tuple(DemoPerson(**row) for row in _source()["european"])


def countries() -> dict[str, str]:
    """Code and name of the countries that the node offers."""
    return {row["code"]: row["name"] for row in _source()["country"]}


def person(key: str) -> DemoPerson | None:
    """The identity with this key."""
    return next((one for one in (*people(), *professionals(), *europeans()) if one.key == key), None)
