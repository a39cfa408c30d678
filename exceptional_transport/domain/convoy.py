"""The convoy (complesso): vehicles and axles as they travel, loaded. Pure. Masses in kg, lengths in mm."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.kernel.errors import DomainError

MOST_VEHICLES = 4
MOST_AXLES = 20


class VehicleKind(StrEnum):
    TRACTOR = "tractor"
    TRUCK = "truck"
    SPECIAL = "special"
    TRAILER = "trailer"
    SEMITRAILER = "semitrailer"


MOTOR = frozenset({VehicleKind.TRACTOR, VehicleKind.TRUCK, VehicleKind.SPECIAL})


class Shape(StrEnum):
    """How art. 61 and 62 of the highway code look at a convoy."""

    SINGLE = "single"
    ARTICULATED = "articulated"
    ROAD_TRAIN = "road_train"


@dataclass(frozen=True, slots=True)
class Axle:
    """`spacing_mm` is the distance from the axle before it; 0 on the first axle of the convoy."""

    mass_kg: int
    spacing_mm: int = 0
    driven: bool = False
    twin_tyres: bool = False
    air_suspension: bool = False


@dataclass(frozen=True, slots=True)
class Vehicle:
    kind: VehicleKind
    axles: tuple[Axle, ...]
    plate: str = ""
    tare_kg: int = 0
    length_mm: int = 0

    @property
    def mass_kg(self) -> int:
        """The mass that stands on the road through this vehicle's axles."""
        return sum(axle.mass_kg for axle in self.axles)


@dataclass(frozen=True, slots=True)
class Load:
    mass_kg: int = 0
    front_overhang_mm: int = 0
    rear_overhang_mm: int = 0


@dataclass(frozen=True, slots=True)
class Convoy:
    """Dimensions are those of the whole convoy with its load."""

    vehicles: tuple[Vehicle, ...]
    length_mm: int
    width_mm: int
    height_mm: int
    load: Load = Load()

    @property
    def axles(self) -> tuple[Axle, ...]:
        return tuple(axle for vehicle in self.vehicles for axle in vehicle.axles)

    @property
    def mass_kg(self) -> int:
        """Total mass: what all the axles carry."""
        return sum(axle.mass_kg for axle in self.axles)

    @property
    def heaviest_axle_kg(self) -> int:
        return max((axle.mass_kg for axle in self.axles), default=0)

    @property
    def shape(self) -> Shape:
        kinds = {vehicle.kind for vehicle in self.vehicles}
        if VehicleKind.SEMITRAILER in kinds:
            return Shape.ARTICULATED
        return Shape.ROAD_TRAIN if VehicleKind.TRAILER in kinds else Shape.SINGLE

    @property
    def declared_difference_kg(self) -> int:
        """Axle masses against tare plus load, as declared; 0 when they agree."""
        return self.mass_kg - sum(vehicle.tare_kg for vehicle in self.vehicles) - self.load.mass_kg


def check_composition(kinds: Sequence[VehicleKind]) -> None:
    """Raises DomainError when the vehicles cannot travel together: one motor vehicle in front, the rest towed."""
    if not kinds:
        raise DomainError("convoy_empty", "Indica almeno un veicolo.")
    if len(kinds) > MOST_VEHICLES:
        raise DomainError("convoy_too_many", "Un complesso può avere al massimo %(most)s veicoli.", most=MOST_VEHICLES)
    if kinds[0] not in MOTOR:
        raise DomainError("convoy_without_motor", "Il primo veicolo deve essere un veicolo a motore.")
    if any(kind in MOTOR for kind in kinds[1:]):
        raise DomainError(
            "convoy_two_motors", "In un complesso c'è un solo veicolo a motore: gli altri sono rimorchiati."
        )
    if VehicleKind.SEMITRAILER in kinds and kinds[0] is not VehicleKind.TRACTOR:
        raise DomainError("convoy_semitrailer_needs_tractor", "Un semirimorchio è trainato da un trattore stradale.")
    if list(kinds) == [VehicleKind.TRACTOR]:
        raise DomainError("convoy_tractor_alone", "Al trattore stradale manca il semirimorchio o il rimorchio.")
