"""The network as the rules and the map read it. Networks are public: citizens of any body may look at them."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.db.models import Max, Min
from django_scopes import scopes_disabled

from exceptional_transport.domain import routes
from exceptional_transport.domain.chainage import format_km
from exceptional_transport.domain.routes import Network
from exceptional_transport.models import Municipality, NetworkVersion, RoadSection, Structure

VERSIONS_KEPT = 8


def current_versions() -> list[NetworkVersion]:
    """The networks in use, one for each body that has one."""
    with scopes_disabled():
        return list(NetworkVersion.objects.filter(is_current=True).select_related("entity").order_by("entity__name"))


def current_network() -> Network:
    """All the networks in use, as one."""
    return network_of(version.pk for version in current_versions())


def network_of(version_ids: Iterable[int]) -> Network:
    """The sections of some versions. A version never changes, so it is kept in memory."""
    return _network(frozenset(version_ids))


@lru_cache(maxsize=VERSIONS_KEPT)
def _network(version_ids: frozenset[int]) -> Network:
    with scopes_disabled():
        rows = (
            RoadSection.objects.filter(version__in=version_ids)
            .select_related("entity")
            .defer("line")
            .prefetch_related("structures")
        )
        return Network.of([_section(row) for row in rows])


def _section(row: RoadSection) -> routes.Section:
    return routes.Section(
        code=row.code,
        network=row.entity.code,
        road=row.road_code,
        start_m=row.start_m,
        end_m=row.end_m,
        from_node=row.from_node,
        to_node=row.to_node,
        manager_code=row.manager_code,
        manager_name=row.manager_name,
        carriageway_mm=row.carriageway_mm,
        max_mass_kg=row.max_mass_kg,
        max_axle_kg=row.max_axle_kg,
        structures=tuple(_structure(item) for item in row.structures.all()),
    )


def _structure(row: Structure) -> routes.Structure:
    return routes.Structure(
        code=row.code,
        kind=row.kind,
        chainage_m=row.chainage_m,
        clearance_mm=row.clearance_mm,
        width_mm=row.width_mm,
        max_mass_kg=row.max_mass_kg,
        max_axle_kg=row.max_axle_kg,
    )


def road_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Roads to choose from, by body: (body, [("PI:SP1", "SP1 della Botte, km 0+000-5+050")])."""
    versions = current_versions()
    with scopes_disabled():
        roads = list(
            RoadSection.objects.filter(version__in=versions)
            .order_by()
            .values("version", "road_code", "road_name")
            .annotate(first=Min("start_m"), last=Max("end_m"))
        )
    groups = []
    for version in versions:
        rows = [row for row in roads if row["version"] == version.pk]
        rows.sort(key=lambda row: (len(row["road_code"]), row["road_code"]))
        options = [
            (
                f"{version.entity.code}:{row['road_code']}",
                f"{row['road_code']} {row['road_name']} (km {format_km(row['first'])}-{format_km(row['last'])})",
            )
            for row in rows
        ]
        groups.append((version.entity.name, options))
    return groups


@lru_cache(maxsize=VERSIONS_KEPT)
def map_features(version_id: int) -> dict[str, Any]:
    """The map of a version as GeoJSON: outlines and names of municipalities, one line for each section."""
    with scopes_disabled():
        version = NetworkVersion.objects.select_related("entity").get(pk=version_id)
        towns = list(Municipality.objects.filter(entity_id=version.entity_id))
        sections = list(RoadSection.objects.filter(version=version))
    features = [
        {"type": "Feature", "geometry": town.outline, "properties": {"layer": "town", "name": town.name}}
        for town in towns
    ]
    features += [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [float(town.longitude), float(town.latitude)]},
            "properties": {"layer": "name", "name": town.name},
        }
        for town in towns
    ]
    features += [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": row.line},
            "properties": {
                "layer": "road",
                "road": f"{version.entity.code}:{row.road_code}",
                "label": f"{row.road_code} {row.road_name}",
                "from": row.start_m,
                "to": row.end_m,
            },
        }
        for row in sections
    ]
    return {"type": "FeatureCollection", "features": features}
