"""How a person fills the pages, and the small network they fill them on."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal import clock

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
DECLARATIONS = {"truthful": "on", "aware": "on", "privacy": "on"}

# code, road, start, end, nodes, more
SECTIONS: list[tuple[str, str, int, int, str, dict[str, Any]]] = [
    ("S1", "SP5", 0, 1000, "A-A1", {}),
    ("S2", "SP5", 1000, 2000, "A1-B", {"manager_code": "C", "manager_name": "Comune di Calci"}),
    ("S3", "SP12", 0, 1500, "C-B", {"max_mass_t": 60}),
    ("S4", "SP9", 0, 800, "X-Y", {}),
]
STRUCTURES: list[dict[str, Any]] = [
    {"structure_code": "O1", "section_code": "S1", "kind": "overpass_clearance", "chainage_m": 500, "clearance_m": 4.5},
    {"structure_code": "O2", "section_code": "S2", "kind": "bridge", "chainage_m": 1500, "max_mass_t": 56},
]


def write_network(folder: Path) -> tuple[Path, Path]:
    """Two GeoJSON files: SP5 and SP12 meet (SP5 km 2+000 = SP12 km 1+500), SP9 is elsewhere."""
    roads, structures = folder / "roads.geojson", folder / "structures.geojson"
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": [[10.6, 43.7], [10.61, 43.71]]},
            "properties": {
                "section_code": code,
                "road_code": road,
                "road_name": "di Prova",
                "manager_code": "P",
                "manager_name": "Provincia di Pisa",
                "start_m": start,
                "end_m": end,
                "from_node": nodes.split("-")[0],
                "to_node": nodes.split("-")[1],
                "carriageway_width_m": 7.0,
                **more,
            },
        }
        for code, road, start, end, nodes, more in SECTIONS
    ]
    points = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [10.6, 43.7]}, "properties": each}
        for each in STRUCTURES
    ]
    roads.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    structures.write_text(json.dumps({"type": "FeatureCollection", "features": points}))
    return roads, structures


def url(slug: str = "") -> str:
    base = "/servizi/trasporto-eccezionale/"
    return f"{base}{slug}/" if slug else base


def vehicles(axles: list[tuple[list[int], list[str]]] | None = None) -> dict[str, str]:
    """A tractor and a semi-trailer as the page sends them; by default 44 tonnes on five axles."""
    rows = axles or [([7500, 11500], ["", "3,60"]), ([8334, 8333, 8333], ["5,50", "1,30", "1,30"])]
    kinds, plates = ["tractor", "semitrailer"], ["AB123CD", "xa 456 yz"]
    sent = {"vehicles": str(len(rows))}
    for number, (masses, spacings) in enumerate(rows):
        row = f"v{number}"
        sent |= {
            f"{row}-kind": kinds[number],
            f"{row}-plate": plates[number],
            f"{row}-country": "IT",
            f"{row}-tare": "8.000",
            f"{row}-length": "13,60",
            f"{row}-save": "on",
            f"{row}-axles": str(len(masses)),
        }
        for place, (mass, spacing) in enumerate(zip(masses, spacings, strict=True)):
            sent |= {f"{row}-a{place}-mass": str(mass), f"{row}-a{place}-spacing": spacing}
    return sent


def heavy() -> dict[str, str]:
    """72 tonnes on eight axles."""
    return vehicles(
        [
            ([8000] * 4, ["", "1,80", "2,30", "1,35"]),
            ([10000] * 4, ["7,00", "1,36", "1,36", "1,36"]),
        ]
    )


def load(**changes: str) -> dict[str, str]:
    return {
        "description": "Trave prefabbricata",
        "mass": "28000",
        "indivisible": "on",
        "length": "16,50",
        "width": "3,00",
        "height": "4",
        "front_overhang": "",
        "rear_overhang": "",
        **changes,
    }


def legs(*rows: tuple[str, str, str]) -> dict[str, str]:
    """Legs as (road, from, to); by default SP5 then SP12 back to its beginning."""
    chosen = rows or (("PI:SP5", "0+000", "2+000"), ("PI:SP12", "1+500", "0+000"))
    sent = {"origin": "Bientina", "destination": "Calci", "legs": str(len(chosen))}
    for number, (road, start, end) in enumerate(chosen):
        sent |= {f"t{number}-road": road, f"t{number}-from_km": start, f"t{number}-to_km": end}
    return sent


def period(start: int = 30, end: int = 60, **changes: str) -> dict[str, str]:
    """From and to, as days from today."""
    today = clock.today()
    return {
        "start_on": (today + timedelta(days=start)).isoformat(),
        "end_on": (today + timedelta(days=end)).isoformat(),
        "urgent_reason": "",
        **changes,
    }


def pdf(name: str = "libretto.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def attach(client: Client, field: str, file: SimpleUploadedFile | None = None) -> Any:
    return client.post(f"{url('allegati')}{field}/carica/", {f"{field}-file": file or pdf()})


def fill_all(client: Client, **answers: dict[str, str]) -> None:
    """Every step but the sending. A step's answers may be given by its slug."""
    steps = {
        "richiedente": {"kind": "single", "trips": ""},
        "veicoli": vehicles(),
        "carico": load(),
        "percorso": legs(),
        "periodo": period(),
        **answers,
    }
    for slug, sent in steps.items():
        response = client.post(url(slug), sent)
        assert response.status_code == 302, f"{slug}: {response.content.decode()}"
    for field in ("carte-circolazione", "schema-carico"):
        assert attach(client, field).status_code == 302
