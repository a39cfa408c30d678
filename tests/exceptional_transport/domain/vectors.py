"""Vehicles, figures and a small network that the tests share."""

from datetime import date
from typing import Any

from exceptional_transport.domain.convoy import Axle, Convoy, Vehicle, VehicleKind
from exceptional_transport.domain.figures import Figure, Figures
from exceptional_transport.domain.routes import Network, Section, Structure

DAY = date(2026, 11, 23)
VALUES = {
    "width": 2550,
    "height": 4000,
    "length_single": 12000,
    "length_articulated": 16500,
    "length_road_train": 18750,
    "rear_overhang_tenths": 3,
    "trailer_1_axles": 6000,
    "trailer_2_axles": 22000,
    "trailer_3_axles": 26000,
    "rigid_2_axles": 18000,
    "rigid_3_axles": 25000,
    "rigid_3_axles_twin_air": 26000,
    "rigid_4_axles_twin_air": 32000,
    "road_train_3_axles": 24000,
    "articulated_3_axles": 30000,
    "combination_4_axles": 40000,
    "combination_5_axles": 44000,
    "axle": 12000,
    "pair_below_1000_mm": 12000,
    "pair_1000_1300_mm": 16000,
    "pair_1300_2000_mm": 20000,
    "single_months": 3,
    "multiple_months": 6,
    "periodic_months": 12,
    "notice_days": 15,
    "height_margin_mm": 200,
    "lateral_margin_mm": 2000,
}


def figures(**changes: int) -> Figures:
    rows = {**VALUES, **changes}
    return Figures(
        (Figure(code, value, "", date(2022, 1, 1), None, "prova", "prova") for code, value in rows.items()), on=DAY
    )


def articulated(masses: list[int], spacings: list[int], *, tractor: int = 2, **size: Any) -> Convoy:
    """A tractor with `tractor` axles and a semi-trailer with the others."""
    axles = [Axle(mass, spacing) for mass, spacing in zip(masses, spacings, strict=True)]
    measures: dict[str, Any] = {"length_mm": 16500, "width_mm": 2550, "height_mm": 4000, **size}
    vehicles = (
        Vehicle(VehicleKind.TRACTOR, tuple(axles[:tractor]), plate="AB123CD"),
        Vehicle(VehicleKind.SEMITRAILER, tuple(axles[tractor:]), plate="XA456YZ", length_mm=13600),
    )
    return Convoy(vehicles, **measures)


def k1(*, extra: int = 0, **size: int) -> Convoy:
    """The ordinary articulated vehicle: five axles, 44 tonnes."""
    return articulated([7500 + extra, 11500, 8334, 8333, 8333], [0, 3600, 5500, 1300, 1300], **size)


def k6() -> Convoy:
    """Eight axles, 72 tonnes."""
    return articulated([8000] * 4 + [10000] * 4, [0, 1800, 2300, 1350, 7000, 1360, 1360, 1360], tractor=4)


def rigid(masses: list[int], *, soft: bool) -> Convoy:
    axles = tuple(
        Axle(mass, 0 if place == 0 else 1400, driven=place > 0, twin_tyres=soft and place > 0, air_suspension=soft)
        for place, mass in enumerate(masses)
    )
    return Convoy((Vehicle(VehicleKind.TRUCK, axles, length_mm=9000),), length_mm=9000, width_mm=2550, height_mm=3900)


def section(code: str, road: str, start: int, end: int, nodes: str, **more: object) -> Section:
    before, after = nodes.split("-")
    values: dict[str, object] = {
        "manager_code": "P",
        "manager_name": "Provincia",
        "carriageway_mm": 7000,
        **more,
    }
    return Section(code, "PI", road, start, end, before, after, **values)  # type: ignore[arg-type]


def small_network() -> Network:
    """SP5 from A to B, SP12 from C to B: they meet at SP5 km 2+000 = SP12 km 1+500. SP9 is elsewhere."""
    low = Structure("O1", "overpass_clearance", 500, clearance_mm=4200)
    bridge = Structure("O2", "bridge", 1500, width_mm=5000, max_mass_kg=56000, max_axle_kg=11000)
    return Network.of(
        [
            section("S1", "SP5", 0, 1000, "A-A1", structures=(low,)),
            section("S2", "SP5", 1000, 2000, "A1-B", manager_code="C", manager_name="Comune", structures=(bridge,)),
            section("S3", "SP12", 0, 1500, "C-B", max_mass_kg=44000),
            section("S4", "SP9", 0, 800, "X-Y"),
        ]
    )
