"""Can the convoy pass? Mass, axles, height and width against sections and structures. Pure.

A screen for the officer, not a structural verification: where no limit is posted, nothing is compared.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from exceptional_transport.domain.chainage import format_km
from exceptional_transport.domain.convoy import Convoy
from exceptional_transport.domain.figures import Figures
from exceptional_transport.domain.routes import Piece, Route, Section, Structure


class Code(StrEnum):
    MASS = "mass"
    AXLE = "axle"
    HEIGHT = "height"
    WIDTH = "width"
    STRUCTURE_MASS = "structure_mass"
    STRUCTURE_AXLE = "structure_axle"
    STRUCTURE_WIDTH = "structure_width"


class Severity(StrEnum):
    BLOCK = "block"
    REVIEW = "review"


# Width is judged by a person: traffic may be stopped or escorted. The rest is a posted limit.
REVIEWED = frozenset({Code.WIDTH, Code.STRUCTURE_WIDTH})
NAMES = {
    Code.MASS: "massa del complesso",
    Code.AXLE: "massa sull'asse più carico",
    Code.HEIGHT: "altezza con franco di sicurezza",
    Code.WIDTH: "larghezza con franco laterale",
    Code.STRUCTURE_MASS: "massa ammessa sull'opera",
    Code.STRUCTURE_AXLE: "massa per asse ammessa sull'opera",
    Code.STRUCTURE_WIDTH: "larghezza utile dell'opera",
}
STRUCTURE_NAMES = {"bridge": "ponte", "culvert": "tombino", "overpass_clearance": "sottovia"}
KILOGRAMS = frozenset({Code.MASS, Code.AXLE, Code.STRUCTURE_MASS, Code.STRUCTURE_AXLE})


@dataclass(frozen=True, slots=True)
class Finding:
    """A limit that the convoy does not respect: kg or mm, by `code`."""

    code: Code
    road: str
    chainage_m: int
    place: str
    required: int
    available: int

    @property
    def severity(self) -> Severity:
        return Severity.REVIEW if self.code in REVIEWED else Severity.BLOCK

    @property
    def where(self) -> str:
        return f"{self.road} km {format_km(self.chainage_m)}" + (f", {self.place}" if self.place else "")

    def show(self, value: int) -> str:
        """A value in the unit people use: tonnes or metres."""
        unit = "t" if self.code in KILOGRAMS else "m"
        return f"{value / 1000:.2f} {unit}".replace(".", ",")

    @property
    def name(self) -> str:
        """What was compared, in words."""
        return NAMES[self.code]

    @property
    def needed(self) -> str:
        return self.show(self.required)

    @property
    def allowed(self) -> str:
        return self.show(self.available)

    @property
    def sentence(self) -> str:
        return f"{self.where}: {self.name}, richiesti {self.needed}, ammessi {self.allowed}."


def check_route(route: Route, convoy: Convoy, figures: Figures) -> list[Finding]:
    """Every limit on the route that the convoy exceeds, in order of travel. Raises DomainError on missing margins."""
    needs = {
        Code.MASS: convoy.mass_kg,
        Code.AXLE: convoy.heaviest_axle_kg,
        Code.HEIGHT: convoy.height_mm + figures["height_margin_mm"],
        Code.WIDTH: convoy.width_mm + figures["lateral_margin_mm"],
    }
    return [finding for piece in route.pieces for finding in _piece(piece, needs)]


def _piece(piece: Piece, needs: dict[Code, int]) -> Iterator[Finding]:
    section = piece.section
    for code, available in _section_limits(section):
        if available is not None and needs[code] > available:
            yield Finding(code, section.road, piece.start_m, "", needs[code], available)
    for structure in piece.structures():
        for code, needed, available in _structure_limits(structure, needs):
            if available is not None and needed > available:
                place = f"{STRUCTURE_NAMES.get(structure.kind, structure.kind)} {structure.code}"
                yield Finding(code, section.road, structure.chainage_m, place, needed, available)


def _section_limits(section: Section) -> tuple[tuple[Code, int | None], ...]:
    return (
        (Code.MASS, section.max_mass_kg),
        (Code.AXLE, section.max_axle_kg),
        (Code.WIDTH, section.carriageway_mm or None),
    )


def _structure_limits(structure: Structure, needs: dict[Code, int]) -> tuple[tuple[Code, int, int | None], ...]:
    return (
        (Code.STRUCTURE_MASS, needs[Code.MASS], structure.max_mass_kg),
        (Code.STRUCTURE_AXLE, needs[Code.AXLE], structure.max_axle_kg),
        (Code.HEIGHT, needs[Code.HEIGHT], structure.clearance_mm),
        (Code.STRUCTURE_WIDTH, needs[Code.WIDTH], structure.width_mm),
    )
