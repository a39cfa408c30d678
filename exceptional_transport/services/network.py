"""Load a road network and the outlines of the municipalities from GeoJSON files."""

import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max

from exceptional_transport.domain.chainage import normal_road
from exceptional_transport.geometry import cells
from exceptional_transport.models import Municipality, NetworkVersion, RoadSection, Structure
from portal import clock
from portal.entities.models import Entity
from portal.kernel.errors import DomainError

BATCH = 500
CELLS_SOURCE = "celle disegnate attorno ai punti (dati dimostrativi)"


@transaction.atomic
def network_import(*, entity: Entity, roads: Path, structures: Path, label: str) -> NetworkVersion:
    """A new version of the network, which becomes the current one. The same files again change nothing.

    Raises DomainError when a file is not the GeoJSON it should be.
    """
    digest = sha256(roads.read_bytes() + structures.read_bytes()).hexdigest()
    current = NetworkVersion.objects.select_for_update(of=("self",)).filter(entity=entity, is_current=True).first()
    if current is not None and current.sha256 == digest:
        return current
    NetworkVersion.objects.filter(entity=entity, is_current=True).update(is_current=False)
    newest = NetworkVersion.objects.filter(entity=entity).aggregate(newest=Max("number"))["newest"] or 0
    version = NetworkVersion.objects.create(
        entity=entity, number=newest + 1, label=label, sha256=digest, imported_at=clock.now(), is_current=True
    )
    sections = [_section(version, feature) for feature in _features(roads, "LineString")]
    RoadSection.objects.bulk_create(sections, batch_size=BATCH)
    by_code = {section.code: section for section in sections}
    Structure.objects.bulk_create(
        (_structure(by_code, entity, feature) for feature in _features(structures, "Point")), batch_size=BATCH
    )
    return version


@transaction.atomic
def municipalities_import(*, entity: Entity, points: Path) -> int:
    """Points of the municipalities; each gets a cell drawn around it. Returns how many."""
    features = list(_features(points, "Point"))
    outlines = cells([tuple(feature["geometry"]["coordinates"]) for feature in features])
    for feature, outline in zip(features, outlines, strict=True):
        longitude, latitude = feature["geometry"]["coordinates"]
        Municipality.objects.update_or_create(
            entity=entity,
            istat_code=feature["properties"]["istat_code"],
            defaults={
                "name": feature["properties"]["name"],
                "longitude": str(longitude),
                "latitude": str(latitude),
                "outline": outline,
                "outline_source": CELLS_SOURCE,
            },
        )
    return len(features)


@transaction.atomic
def limits_import(*, entity: Entity, limits: Path, code_property: str, source: str) -> int:
    """Real limits in the place of the cells, for municipalities already on the map. Returns how many were found."""
    known = {row.istat_code: row for row in Municipality.objects.filter(entity=entity)}
    found = []
    for feature in _features(limits, "Polygon", "MultiPolygon"):
        row = known.get(str(feature["properties"].get(code_property, "")).zfill(6))
        if row is not None:
            row.outline, row.outline_source = feature["geometry"], source
            found.append(row)
    Municipality.objects.bulk_update(found, ["outline", "outline_source"], batch_size=BATCH)
    return len(found)


def _features(path: Path, *kinds: str) -> Iterable[dict[str, Any]]:
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
    except (ValueError, KeyError, TypeError) as error:
        raise DomainError("geojson_malformed", f"Il file {path.name} non è un GeoJSON leggibile.") from error
    for feature in features:
        if feature.get("geometry", {}).get("type") not in kinds:
            raise DomainError("geojson_geometry", f"Nel file {path.name} servono geometrie {' o '.join(kinds)}.")
        yield feature


def _thousandths(value: float | None) -> int | None:
    """Tonnes to kg, metres to mm."""
    return None if value is None else round(value * 1000)


def _section(version: NetworkVersion, feature: dict[str, Any]) -> RoadSection:
    data = feature["properties"]
    try:
        return RoadSection(
            entity_id=version.entity_id,
            version=version,
            code=data["section_code"],
            road_code=normal_road(data["road_code"]),
            road_name=data.get("road_name", ""),
            manager_code=data["manager_code"],
            manager_name=data.get("manager_name", data["manager_code"]),
            municipality=data.get("municipality", ""),
            start_m=data["start_m"],
            end_m=data["end_m"],
            from_node=data["from_node"],
            to_node=data["to_node"],
            carriageway_mm=_thousandths(data["carriageway_width_m"]) or 0,
            max_mass_kg=_thousandths(data.get("max_mass_t")),
            max_axle_kg=_thousandths(data.get("max_axle_t")),
            line=feature["geometry"]["coordinates"],
        )
    except KeyError as error:
        raise DomainError("section_incomplete", f"A un tratto della rete manca il dato {error}.") from error


def _structure(sections: dict[str, RoadSection], entity: Entity, feature: dict[str, Any]) -> Structure:
    data = feature["properties"]
    section = sections.get(data.get("section_code", ""))
    if section is None:
        raise DomainError("structure_astray", f"L'opera {data.get('structure_code')} sta su un tratto che non esiste.")
    return Structure(
        entity=entity,
        section=section,
        code=data["structure_code"],
        kind=data["kind"],
        chainage_m=data["chainage_m"],
        clearance_mm=_thousandths(data.get("clearance_m")),
        width_mm=_thousandths(data.get("deck_width_m")),
        max_mass_kg=_thousandths(data.get("max_mass_t")),
        max_axle_kg=_thousandths(data.get("max_axle_t")),
    )
