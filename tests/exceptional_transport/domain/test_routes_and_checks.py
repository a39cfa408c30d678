"""Legs on the network, and limits on the way."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exceptional_transport.domain.checks import Code, Severity, check_route
from exceptional_transport.domain.routes import Leg, trace
from tests.exceptional_transport.domain.vectors import articulated, figures, k1, k6, small_network
from tests.standards import SHARED_DATA, need

NETWORK = small_network()
THERE = [Leg("PI", "SP5", 0, 2000), Leg("PI", "SP12", 1500, 0)]


def test_a_route_knows_its_metres_and_its_managers():
    route = trace(THERE, NETWORK)
    assert route.problems == ()
    assert route.length_m == 3500
    assert route.metres_by_manager() == {"Provincia": 2500, "Comune": 1000}
    assert [piece.section.code for piece in route.pieces] == ["S1", "S2", "S3"]
    assert [leg.direction for leg in route.legs] == ["crescente", "decrescente"]


def test_a_leg_backwards_touches_its_sections_in_the_order_of_travel():
    assert [piece.section.code for piece in trace([Leg("PI", "SP5", 1800, 200)], NETWORK).pieces] == ["S2", "S1"]


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_metres_on_the_sections_sum_to_the_leg(start: int, end: int):
    route = trace([Leg("PI", "SP5", start, end)], NETWORK)
    assert sum(route.metres_by_manager().values()) == (0 if start == end else abs(end - start))
    assert bool(route.problems) == (start == end)


@pytest.mark.parametrize(
    ("legs", "code"),
    [
        ([Leg("PI", "SP77", 0, 10)], "road_unknown"),
        ([Leg("FI", "SP5", 0, 10)], "road_unknown"),
        ([Leg("PI", "SP5", 0, 2001)], "chainage_outside"),
        ([Leg("PI", "SP5", 5, 5)], "leg_empty"),
        ([Leg("PI", "SP5", 0, 1999), Leg("PI", "SP12", 1500, 0)], "route_broken"),
        ([Leg("PI", "SP5", 0, 2000), Leg("PI", "SP12", 0, 1500)], "route_broken"),
        ([Leg("PI", "SP5", 0, 2000), Leg("PI", "SP9", 0, 800)], "route_broken"),
        ([Leg("PI", "SP5", 0, 500), Leg("PI", "SP5", 501, 900)], "route_broken"),
    ],
)
def test_a_route_that_cannot_be_followed_says_why(legs: list[Leg], code: str):
    assert [problem.code for problem in trace(legs, NETWORK).problems] == [code]


def test_two_legs_on_the_same_road_may_follow_one_another():
    assert trace([Leg("PI", "SP5", 0, 500), Leg("PI", "SP5", 500, 900)], NETWORK).problems == ()


def test_the_ordinary_vehicle_meets_no_posted_mass():
    findings = check_route(trace(THERE, NETWORK), k1(), figures())
    assert {finding.code for finding in findings} == {Code.STRUCTURE_AXLE}
    assert findings[0].sentence == (
        "SP5 km 1+500, ponte O2: massa per asse ammessa sull'opera, richiesti 11,50 t, ammessi 11,00 t."
    )


def test_seventy_two_tonnes_are_stopped_by_bridge_and_section():
    findings = check_route(trace(THERE, NETWORK), k6(), figures())
    assert {(finding.code, finding.severity) for finding in findings} == {
        (Code.STRUCTURE_MASS, Severity.BLOCK),
        (Code.MASS, Severity.BLOCK),
    }


@pytest.mark.parametrize(("height", "stopped"), [(4000, False), (4001, True)])
def test_height_needs_its_margin(height: int, stopped: bool):
    findings = check_route(trace(THERE, NETWORK), k1(height_mm=height), figures())
    assert (Code.HEIGHT in {finding.code for finding in findings}) is stopped


def test_width_is_for_a_person_to_judge():
    findings = check_route(trace(THERE, NETWORK), k1(width_mm=3001), figures())
    wide = [finding for finding in findings if finding.code is Code.STRUCTURE_WIDTH]
    assert [finding.severity for finding in wide] == [Severity.REVIEW]


def test_a_structure_beyond_the_leg_is_not_compared():
    route = trace([Leg("PI", "SP5", 0, 499)], NETWORK)
    assert check_route(route, k1(height_mm=4200), figures()) == []


@pytest.mark.parametrize(("vehicle", "mass", "height"), [("ordinary", 44, 4.0), ("V56", 56, 4.0), ("V72", 72, 4.3)])
def test_the_sections_blocked_on_the_whole_network_are_those_of_the_vectors(vehicle: str, mass: int, height: float):
    from exceptional_transport.domain import routes
    from exceptional_transport.load import DATA

    golden = json.loads(need(SHARED_DATA / "exceptional_transport" / "golden_routes.json").read_text())
    expected = {code for code, reasons in golden["blocked"][vehicle] if set(reasons) != {"radius"}}
    structures: dict[str, list[routes.Structure]] = {}
    for feature in json.loads((DATA / "network_pisa_structures.geojson").read_text())["features"]:
        data = feature["properties"]
        structures.setdefault(data["section_code"], []).append(
            routes.Structure(
                data["structure_code"],
                data["kind"],
                data["chainage_m"],
                clearance_mm=round(data["clearance_m"] * 1000) if "clearance_m" in data else None,
                max_mass_kg=round(data["max_mass_t"] * 1000) if "max_mass_t" in data else None,
            )
        )
    convoy = articulated([mass * 250] * 4, [0, 3000, 3000, 3000], height_mm=round(height * 1000))
    blocked = set()
    for feature in json.loads((DATA / "network_pisa_roads.geojson").read_text())["features"]:
        data = feature["properties"]
        section = routes.Section(
            data["section_code"], "PI", data["road_code"], data["start_m"], data["end_m"],
            data["from_node"], data["to_node"], data["manager_code"], data["manager_name"], 0,
            max_mass_kg=round(data["max_mass_t"] * 1000) if "max_mass_t" in data else None,
            structures=tuple(structures.get(data["section_code"], ())),
        )  # fmt: skip
        piece = routes.Piece(section, section.start_m, section.end_m)
        if check_route(routes.Route((), (piece,), ()), convoy, figures()):
            blocked.add(section.code)
    assert blocked == expected
