"""The people of the test identity provider, read from people.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_name("people.toml")


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """An invented person and the level of their credentials."""

    key: str
    name: str
    family_name: str
    fiscal_code: str
    birth_date: str
    email: str
    mobile: str
    note: str
    level: int = 2

    def attributes(self) -> dict[str, str]:
        """The SPID attributes known of this person; the empty ones are left out."""
        known = {
            "spidCode": f"TEST{self.key.upper():0<10}"[:14],
            "name": self.name,
            "familyName": self.family_name,
            "fiscalNumber": f"TINIT-{self.fiscal_code}" if self.fiscal_code else "",
            "dateOfBirth": self.birth_date,
            "email": self.email,
            "mobilePhone": self.mobile,
        }
        return {name: value for name, value in known.items() if value}


@cache
def people() -> tuple[DemoPerson, ...]:
    """Everybody, in the order of the file."""
    with SOURCE.open("rb") as file:
        return tuple(DemoPerson(**row) for row in tomllib.load(file)["person"])


def person(key: str) -> DemoPerson | None:
    """The person with this key."""
    return next((person for person in people() if person.key == key), None)
