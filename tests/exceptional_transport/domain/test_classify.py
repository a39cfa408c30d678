"""Art. 61 and 62: what makes a transport exceptional."""

from dataclasses import replace
from datetime import date

import pytest

from exceptional_transport.domain.classify import Classification, ExcessKind, classify
from exceptional_transport.domain.convoy import Axle, Convoy, Load, Vehicle, VehicleKind, check_composition
from exceptional_transport.domain.figures import Figure, Figures
from portal.kernel.errors import DomainError
from tests.exceptional_transport.domain.vectors import DAY, articulated, figures, k1, k6, rigid


def kinds(convoy: Convoy) -> set[ExcessKind]:
    return set(classify(convoy, figures()).kinds)


def test_k1_the_ordinary_articulated_vehicle_is_not_exceptional():
    assert k1().mass_kg == 44000
    assert classify(k1(), figures()) == Classification(())


def test_k2_one_kilogram_more_makes_it_exceptional_by_mass():
    assert kinds(k1(extra=1)) == {ExcessKind.MASS}


def test_k3_one_millimetre_of_width_more_makes_it_exceptional():
    found = classify(k1(width_mm=2551), figures())
    assert found.kinds == {ExcessKind.WIDTH}
    assert not found.over_mass


def test_k4_an_axle_over_twelve_tonnes():
    convoy = articulated([7500, 12001, 8166, 8166, 8167], [0, 3600, 5500, 1300, 1300])
    assert kinds(convoy) == {ExcessKind.AXLE}


@pytest.mark.parametrize(("spacing", "expected"), [(1290, {ExcessKind.PAIR}), (1299, {ExcessKind.PAIR}), (1300, set())])
def test_k5_two_axles_closer_than_a_metre_and_thirty_carry_less(spacing: int, expected: set[ExcessKind]):
    convoy = articulated([7500, 11500, 8050, 8050, 7000], [0, 3600, 5500, spacing, 2000])
    assert kinds(convoy) == expected


def test_k6_eight_axles_and_seventy_two_tonnes_exceed_only_the_mass():
    assert k6().mass_kg == 72000
    assert kinds(k6()) == {ExcessKind.MASS}


def test_k7_air_suspension_and_twin_tyres_carry_a_tonne_more():
    masses = [8000, 9000, 9000]
    assert kinds(rigid(masses, soft=True)) == set()
    found = classify(rigid(masses, soft=False), figures())
    assert [(excess.kind, excess.limit, excess.actual) for excess in found.excesses] == [
        (ExcessKind.MASS, 25000, 26000)
    ]


@pytest.mark.parametrize(("size", "expected"), [({"height_mm": 4001}, {"height"}), ({"length_mm": 16501}, {"length"})])
def test_the_other_dimensions_are_inclusive_too(size: dict[str, int], expected: set[str]):
    assert {str(kind) for kind in kinds(k1(**size))} == expected


def test_a_load_may_stick_out_behind_by_three_tenths_and_never_in_front():
    assert kinds(replace(k1(), load=Load(rear_overhang_mm=4080))) == set()
    assert kinds(replace(k1(), load=Load(rear_overhang_mm=4081))) == {ExcessKind.OVERHANG}
    assert kinds(replace(k1(), load=Load(front_overhang_mm=1))) == {ExcessKind.OVERHANG}


def test_a_trailer_is_judged_by_itself_and_with_its_truck():
    truck = Vehicle(VehicleKind.TRUCK, (Axle(7000), Axle(10000, 4000, driven=True)), length_mm=9000)
    trailer = Vehicle(VehicleKind.TRAILER, (Axle(11500, 5000), Axle(11000, 4000)), length_mm=8000)
    convoy = Convoy((truck, trailer), length_mm=18750, width_mm=2550, height_mm=4000)
    assert [(each.limit, each.actual) for each in classify(convoy, figures()).excesses] == [(22000, 22500)]


def test_a_figure_that_nobody_confirmed_stops_the_answer():
    rows = [Figure("width", 2550, "mm", date(2022, 1, 1), None, "art. 61", "")]
    with pytest.raises(DomainError) as unconfirmed:
        Figures(rows, on=DAY)["width"]
    assert unconfirmed.value.code == "figure_unconfirmed"
    with pytest.raises(DomainError) as missing:
        Figures(rows, on=date(2021, 12, 31))["width"]
    assert missing.value.code == "figure_missing"


def test_the_newest_figure_in_force_is_used():
    rows = [
        Figure("width", 2550, "mm", date(2022, 1, 1), None, "", "x"),
        Figure("width", 2600, "mm", date(2026, 6, 1), None, "", "x"),
    ]
    assert Figures(rows, on=date(2026, 5, 31))["width"] == 2550
    assert Figures(rows, on=date(2026, 6, 1))["width"] == 2600


T, S, R, K, X = (
    VehicleKind.TRACTOR,
    VehicleKind.SEMITRAILER,
    VehicleKind.TRAILER,
    VehicleKind.TRUCK,
    VehicleKind.SPECIAL,
)


@pytest.mark.parametrize("convoy", [[T, S], [K], [X], [K, R], [T, R], [T, S, R]])
def test_convoys_that_exist(convoy: list[VehicleKind]):
    check_composition(convoy)


@pytest.mark.parametrize(
    ("convoy", "code"),
    [
        ([], "convoy_empty"),
        ([S], "convoy_without_motor"),
        ([T], "convoy_tractor_alone"),
        ([T, K], "convoy_two_motors"),
        ([K, S], "convoy_semitrailer_needs_tractor"),
        ([T, S, R, R, R], "convoy_too_many"),
    ],
)
def test_convoys_that_do_not(convoy: list[VehicleKind], code: str):
    with pytest.raises(DomainError) as refused:
        check_composition(convoy)
    assert refused.value.code == code
