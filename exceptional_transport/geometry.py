"""Geometry at the edge: the cells of the demonstration map. Coordinates are WGS 84 [longitude, latitude]."""

from collections.abc import Sequence
from typing import Any

from shapely import MultiPoint, Point, voronoi_polygons
from shapely.geometry import mapping

MARGIN_DEGREES = 0.06


def cells(points: Sequence[tuple[float, float]]) -> list[dict[str, Any]]:
    """One polygon (GeoJSON) around each point, in the order of the points: nearer to it than to any other."""
    cloud = MultiPoint(points)
    area = cloud.convex_hull.buffer(MARGIN_DEGREES)
    found = [cell.intersection(area) for cell in voronoi_polygons(cloud, extend_to=area).geoms]
    outlines = []
    for longitude, latitude in points:
        home = Point(longitude, latitude)
        cell = next(cell for cell in found if cell.covers(home))
        outlines.append(_rounded(mapping(cell)))
    return outlines


def _rounded(geometry: Any) -> dict[str, Any]:
    rings = [[[round(x, 4), round(y, 4)] for x, y in ring] for ring in geometry["coordinates"]]
    return {"type": "Polygon", "coordinates": rings}
