"""Addresses on a road: `SP12 km 3+450` is 3,450 metres along the SP12. Pure."""

import re
from dataclasses import dataclass

from portal.kernel.errors import DomainError

ROAD = re.compile(r"^(SP|SR|SS|SC|SGC)\s?0*(\d+[a-z]?)\s?(bis|ter|dir|var)?$", re.IGNORECASE)
KM = re.compile(r"^(\d{1,3})(?:[+.,](\d{1,3}))?$", re.ASCII)
ADDRESS = re.compile(r"^(?P<road>.+?)\s+km\s+(?P<km>\S+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    road: str
    metres: int

    def __str__(self) -> str:
        return f"{self.road} km {format_km(self.metres)}"


def normal_road(text: str) -> str:
    """The code of a road as it is written on its signs: `SP012` and `sp 12` are `SP12`. Raises DomainError."""
    match = ROAD.match(text.strip())
    if match is None:
        raise DomainError("road_malformed", "Scrivi la strada con la sua sigla, per esempio SP12.")
    kind, number, suffix = match.groups()
    return kind.upper() + number.lower() + (suffix or "").lower()


def format_km(metres: int) -> str:
    """`3+450` for 3,450 metres."""
    return f"{metres // 1000}+{metres % 1000:03d}"


def parse_km(text: str) -> int:
    """Metres of `3+450`, `3,45`, `3.450` or `3` (a decimal part is read as thousandths). Raises DomainError."""
    match = KM.match(text.strip().replace(" ", ""))
    if match is None:
        raise DomainError("chainage_malformed", "Scrivi la progressiva come 3+450, cioè km 3 e 450 metri.")
    whole, part = match.groups()
    if part and "+" in text and len(part) != 3:
        raise DomainError("chainage_malformed", "Dopo il segno + servono tre cifre: i metri, per esempio 3+050.")
    return int(whole) * 1000 + int((part or "0").ljust(3, "0"))


def parse_address(text: str) -> Address:
    """`SP12 km 3+450`. Raises DomainError: address_malformed, road_malformed, chainage_malformed."""
    match = ADDRESS.match(text.strip())
    if match is None:
        raise DomainError("address_malformed", "Scrivi l'indirizzo come SP12 km 3+450.")
    return Address(normal_road(match["road"]), parse_km(match["km"]))
