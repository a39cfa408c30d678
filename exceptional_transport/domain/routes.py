"""The route: legs on roads by chainage, matched with the sections of the network. Pure. Metres."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from exceptional_transport.domain.chainage import format_km

RoadKey = tuple[str, str]  # network (code of the body that keeps it), code of the road

UNKNOWN = "La strada %(road)s non è nella rete: sceglila dall'elenco."
OUTSIDE = "La %(road)s va dal km %(first)s al km %(last)s: il km %(km)s non esiste."
EMPTY = "Il tratto della %(road)s inizia e finisce allo stesso chilometro."
BROKEN = "Il tratto precedente finisce sulla %(before)s al km %(km)s, ma questo inizia altrove."
MEETING = BROKEN + " Le due strade si incontrano qui: %(where)s."
APART = BROKEN + " La %(before)s e la %(after)s non si incontrano: aggiungi le strade che mancano."


@dataclass(frozen=True, slots=True)
class Structure:
    """A bridge, culvert or overpass on a section. Empty limits are not posted; masses in kg, lengths in mm."""

    code: str
    kind: str
    chainage_m: int
    clearance_mm: int | None = None
    width_mm: int | None = None
    max_mass_kg: int | None = None
    max_axle_kg: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    code: str
    network: str
    road: str
    start_m: int
    end_m: int
    from_node: str
    to_node: str
    manager_code: str
    manager_name: str
    carriageway_mm: int
    max_mass_kg: int | None = None
    max_axle_kg: int | None = None
    structures: tuple[Structure, ...] = ()

    @property
    def key(self) -> RoadKey:
        return (self.network, self.road)


@dataclass(frozen=True, slots=True)
class Leg:
    """A stretch of one road, travelled from `from_m` to `to_m`."""

    network: str
    road: str
    from_m: int
    to_m: int

    @property
    def key(self) -> RoadKey:
        return (self.network, self.road)

    @property
    def length_m(self) -> int:
        return abs(self.to_m - self.from_m)

    @property
    def direction(self) -> str:
        return "crescente" if self.to_m > self.from_m else "decrescente"

    def __str__(self) -> str:
        return f"{self.road} dal km {format_km(self.from_m)} al km {format_km(self.to_m)}"


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of a section that a leg touches: `start_m` < `end_m` whatever the direction."""

    section: Section
    start_m: int
    end_m: int

    @property
    def length_m(self) -> int:
        return self.end_m - self.start_m

    def structures(self) -> Iterator[Structure]:
        return (item for item in self.section.structures if self.start_m <= item.chainage_m <= self.end_m)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a leg cannot be followed; `leg` counts from 0."""

    leg: int
    code: str
    template: str
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The sentence, in Italian."""
        return self.template % self.values if self.values else self.template


@dataclass(frozen=True, slots=True)
class Route:
    legs: tuple[Leg, ...]
    pieces: tuple[Piece, ...]
    problems: tuple[Problem, ...]

    @property
    def length_m(self) -> int:
        return sum(leg.length_m for leg in self.legs)

    def metres_by_manager(self) -> dict[str, int]:
        """Metres of each manager of the roads, by name, in order of first appearance."""
        found: dict[str, int] = defaultdict(int)
        for piece in self.pieces:
            found[piece.section.manager_name] += piece.length_m
        return dict(found)


@dataclass(frozen=True)
class Network:
    """Sections by road, in order of chainage. Build it with `of`; one may be kept for as long as its version lives."""

    roads: dict[RoadKey, tuple[Section, ...]]
    junctions: dict[tuple[str, str], dict[RoadKey, int]] = field(repr=False)

    @classmethod
    def of(cls, sections: Iterable[Section]) -> "Network":
        roads: dict[RoadKey, list[Section]] = defaultdict(list)
        junctions: dict[tuple[str, str], dict[RoadKey, int]] = defaultdict(dict)
        for section in sections:
            roads[section.key].append(section)
            junctions[section.network, section.from_node][section.key] = section.start_m
            junctions[section.network, section.to_node][section.key] = section.end_m
        ordered = {key: tuple(sorted(rows, key=lambda row: row.start_m)) for key, rows in roads.items()}
        return cls(ordered, dict(junctions))

    def limits(self, key: RoadKey) -> tuple[int, int]:
        """First and last metre of a road."""
        rows = self.roads[key]
        return rows[0].start_m, rows[-1].end_m

    def meeting(self, one: RoadKey, other: RoadKey) -> list[tuple[int, int]]:
        """Where two roads meet, as metres on each."""
        return sorted(
            (places[one], places[other]) for places in self.junctions.values() if one in places and other in places
        )

    def crossings(self, key: RoadKey) -> list[tuple[int, str]]:
        """Where a road meets others: (metre, road), in order."""
        return sorted(
            (places[key], other[1])
            for places in self.junctions.values()
            if key in places
            for other in places
            if other != key
        )

    def same_place(self, before: Leg, after: Leg) -> bool:
        """Whether `after` starts where `before` ends."""
        if before.key == after.key:
            return before.to_m == after.from_m
        return (before.to_m, after.from_m) in self.meeting(before.key, after.key)


def trace(legs: Sequence[Leg], network: Network) -> Route:
    """Match the legs with the network: sections touched, and the problems of legs that cannot be followed."""
    problems: list[Problem] = []
    pieces: list[Piece] = []
    for index, leg in enumerate(legs):
        wrong = _leg_problem(index, leg, network)
        if wrong is not None:
            problems.append(wrong)
            continue
        pieces.extend(_pieces(leg, network))
    bad = {problem.leg for problem in problems}
    for index, (before, after) in enumerate(itertools.pairwise(legs), start=1):
        if index not in bad and index - 1 not in bad and before.network == after.network:
            problems.extend(_gap(index, before, after, network))
    return Route(tuple(legs), tuple(pieces), tuple(problems))


def _leg_problem(index: int, leg: Leg, network: Network) -> Problem | None:
    if leg.key not in network.roads:
        return Problem(index, "road_unknown", UNKNOWN, {"road": leg.road})
    first, last = network.limits(leg.key)
    for metres in (leg.from_m, leg.to_m):
        if not first <= metres <= last:
            span = {"first": format_km(first), "last": format_km(last), "km": format_km(metres)}
            return Problem(index, "chainage_outside", OUTSIDE, {"road": leg.road, **span})
    if leg.from_m == leg.to_m:
        return Problem(index, "leg_empty", EMPTY, {"road": leg.road})
    return None


def _pieces(leg: Leg, network: Network) -> Iterator[Piece]:
    low, high = min(leg.from_m, leg.to_m), max(leg.from_m, leg.to_m)
    rows = network.roads[leg.key]
    for section in rows if leg.to_m > leg.from_m else reversed(rows):
        start, end = max(low, section.start_m), min(high, section.end_m)
        if start < end:
            yield Piece(section, start, end)


def _gap(index: int, before: Leg, after: Leg, network: Network) -> Iterator[Problem]:
    if network.same_place(before, after):
        return
    values = {"before": before.road, "after": after.road, "km": format_km(before.to_m)}
    template = BROKEN
    places = network.meeting(before.key, after.key) if before.key != after.key else []
    if places:
        where = "; ".join(f"{before.road} km {format_km(a)} = {after.road} km {format_km(b)}" for a, b in places)
        template, values["where"] = MEETING, where
    elif before.key != after.key:
        template = APART
    yield Problem(index, "route_broken", template, values)
