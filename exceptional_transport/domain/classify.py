"""Is the transport exceptional? Art. 61 (dimensions) and 62 (masses) of the highway code. Pure.

Vehicles have pneumatic tyres and a contact pressure within 8 daN/cm2 (art. 62 c. 2 and 3). Every limit is inclusive.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from exceptional_transport.domain.axles import pair_limit_kg, pairs
from exceptional_transport.domain.convoy import Convoy, Shape, Vehicle, VehicleKind
from exceptional_transport.domain.figures import Figures


class ExcessKind(StrEnum):
    MASS = "mass"
    AXLE = "axle"
    PAIR = "pair"
    WIDTH = "width"
    HEIGHT = "height"
    LENGTH = "length"
    OVERHANG = "overhang"


OF_MASS = frozenset({ExcessKind.MASS, ExcessKind.AXLE, ExcessKind.PAIR})
LABELS = {
    ExcessKind.MASS: "Massa complessiva",
    ExcessKind.AXLE: "Massa su un asse",
    ExcessKind.PAIR: "Massa su due assi vicini",
    ExcessKind.WIDTH: "Larghezza",
    ExcessKind.HEIGHT: "Altezza",
    ExcessKind.LENGTH: "Lunghezza",
    ExcessKind.OVERHANG: "Sporgenza del carico",
}


@dataclass(frozen=True, slots=True)
class Excess:
    """A limit that the convoy exceeds: kg for masses, mm for the rest."""

    kind: ExcessKind
    where: str
    limit: int
    actual: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Classification:
    excesses: tuple[Excess, ...]

    @property
    def kinds(self) -> frozenset[ExcessKind]:
        return frozenset(excess.kind for excess in self.excesses)

    @property
    def exceptional(self) -> bool:
        return bool(self.excesses)

    @property
    def over_mass(self) -> bool:
        """Whether the limits of art. 62 are exceeded: only then the wear indemnity is due."""
        return bool(self.kinds & OF_MASS)


def classify(convoy: Convoy, figures: Figures) -> Classification:
    """Every limit the convoy exceeds, masses first. Raises DomainError when a figure is missing or unconfirmed."""
    return Classification((*_masses(convoy, figures), *_dimensions(convoy, figures)))


def _masses(convoy: Convoy, figures: Figures) -> Iterator[Excess]:
    for vehicle in convoy.vehicles:
        code = vehicle_mass_code(vehicle)
        if code and vehicle.mass_kg > figures[code]:
            where = f"veicolo {vehicle.plate}".strip()
            yield Excess(ExcessKind.MASS, where, figures[code], vehicle.mass_kg, figures.source(code))
    code = convoy_mass_code(convoy)
    if code and convoy.mass_kg > figures[code]:
        yield Excess(ExcessKind.MASS, "complesso", figures[code], convoy.mass_kg, figures.source(code))
    most = figures["axle"]
    for position, axle in enumerate(convoy.axles, start=1):
        if axle.mass_kg > most:
            yield Excess(ExcessKind.AXLE, f"asse {position}", most, axle.mass_kg, figures.source("axle"))
    for pair in pairs(convoy.axles):
        limit = pair_limit_kg(pair, figures)
        if limit is not None and pair.mass_kg > limit:
            yield Excess(ExcessKind.PAIR, pair.label, limit, pair.mass_kg, "art. 62 c. 6 del codice della strada")


def vehicle_mass_code(vehicle: Vehicle) -> str | None:
    """The figure that limits one vehicle by itself. A tractor and a semi-trailer count only in their combination."""
    count = len(vehicle.axles)
    if vehicle.kind is VehicleKind.TRAILER:
        return f"trailer_{min(count, 3)}_axles" if count else None
    if vehicle.kind not in {VehicleKind.TRUCK, VehicleKind.SPECIAL} or count < 2:
        return None
    driven = [axle for axle in vehicle.axles if axle.driven]
    soft = bool(driven) and all(axle.twin_tyres and axle.air_suspension for axle in driven)
    if count >= 3 and soft:
        return f"rigid_{min(count, 4)}_axles_twin_air"
    return f"rigid_{min(count, 3)}_axles"


def convoy_mass_code(convoy: Convoy) -> str | None:
    """The figure that limits a combination of vehicles; None for a vehicle alone."""
    if convoy.shape is Shape.SINGLE:
        return None
    count = len(convoy.axles)
    if count <= 3:
        return "road_train_3_axles" if convoy.shape is Shape.ROAD_TRAIN else "articulated_3_axles"
    return f"combination_{min(count, 5)}_axles"


def _dimensions(convoy: Convoy, figures: Figures) -> Iterator[Excess]:
    measures = (
        (ExcessKind.WIDTH, "width", convoy.width_mm),
        (ExcessKind.HEIGHT, "height", convoy.height_mm),
        (ExcessKind.LENGTH, f"length_{convoy.shape}", convoy.length_mm),
    )
    for kind, code, actual in measures:
        if actual > figures[code]:
            yield Excess(kind, "complesso", figures[code], actual, figures.source(code))
    if convoy.load.front_overhang_mm > 0:
        yield Excess(
            ExcessKind.OVERHANG, "davanti", 0, convoy.load.front_overhang_mm, figures.source("rear_overhang_tenths")
        )
    carrier = convoy.vehicles[-1].length_mm if convoy.vehicles else 0
    most = carrier * figures["rear_overhang_tenths"] // 10
    if carrier and convoy.load.rear_overhang_mm > most:
        source = figures.source("rear_overhang_tenths")
        yield Excess(ExcessKind.OVERHANG, "dietro", most, convoy.load.rear_overhang_mm, source)
