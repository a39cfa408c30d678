"""What is asked for, whole: the same shape before submission (from the draft) and after (from the rows). Pure."""

from dataclasses import dataclass
from datetime import date

from exceptional_transport.domain.convoy import Axle, Convoy, Load, Vehicle, VehicleKind
from exceptional_transport.domain.routes import Leg
from exceptional_transport.domain.terms import LABELS, PermitKind


@dataclass(frozen=True, slots=True)
class AskedVehicle:
    """A vehicle as it was written in the application. kg and mm."""

    kind: VehicleKind
    plate: str
    country: str
    make: str
    tare_kg: int
    length_mm: int
    axles: tuple[Axle, ...]


@dataclass(frozen=True, slots=True)
class AskedLoad:
    description: str
    mass_kg: int
    indivisible: bool
    front_overhang_mm: int
    rear_overhang_mm: int
    length_mm: int
    width_mm: int
    height_mm: int


@dataclass(frozen=True, slots=True)
class AskedLeg:
    """A leg with the name of its road, for people."""

    leg: Leg
    road_name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """`load` carries the dimensions of the whole convoy as it travels."""

    kind: PermitKind
    trips: int | None
    vehicles: tuple[AskedVehicle, ...]
    load: AskedLoad
    origin: str
    destination: str
    legs: tuple[AskedLeg, ...]
    start_on: date
    end_on: date
    urgent_reason: str = ""

    @property
    def convoy(self) -> Convoy:
        vehicles = tuple(
            Vehicle(each.kind, each.axles, plate=each.plate, tare_kg=each.tare_kg, length_mm=each.length_mm)
            for each in self.vehicles
        )
        load = Load(self.load.mass_kg, self.load.front_overhang_mm, self.load.rear_overhang_mm)
        return Convoy(vehicles, self.load.length_mm, self.load.width_mm, self.load.height_mm, load)

    @property
    def title(self) -> str:
        """Object of the case: no personal data, what an officer recognises at a glance."""
        tonnes = f"{self.convoy.mass_kg / 1000:.1f}".replace(".", ",")
        return f"Trasporto eccezionale, {LABELS[self.kind]}, {tonnes} t"
