"""Demonstration data: the synthetic network of Pisa, invented rates, saved vehicles. Safe to run again."""

from datetime import date

from django.db import transaction
from django_scopes import scope, scopes_disabled

from exceptional_transport.domain.convoy import VehicleKind
from exceptional_transport.load import DATA, load_figures
from exceptional_transport.models import FeeRate, FleetAxle, Municipality, Vehicle
from exceptional_transport.services.network import municipalities_import, network_import
from portal import clock
from portal.entities.models import Entity
from portal.people.models import Company

DEMO = "dimostrativo"
NETWORK_LABEL = "rete sintetica dimostrativa"
VALID_FROM = date(2026, 1, 1)
RATES = (
    ("stamp_duty_application", 1600, "DPR 642/1972, importo da confermare"),
    ("stamp_duty_permit", 1600, "DPR 642/1972, importo da confermare"),
    ("processing_fee", 3000, "importo inventato per la dimostrazione"),
)

# Plates of invented vehicles: (kind, plate, make, tare, length, axles as (mass, spacing, driven))
BIANCHI = (
    (VehicleKind.TRACTOR, "AB123CD", "Trattore dimostrativo", 8000, 6200, ((7500, 0, False), (11500, 3600, True))),
    (
        VehicleKind.SEMITRAILER,
        "XA456YZ",
        "Semirimorchio dimostrativo",
        7000,
        13600,
        ((8330, 5500, False), (8330, 1300, False), (8330, 1300, False)),
    ),
)
TIRRENO = (
    (
        VehicleKind.TRACTOR,
        "EF789GH",
        "Trattore pesante dimostrativo",
        14000,
        8200,
        ((8000, 0, False), (8000, 1800, False), (8000, 2300, True), (8000, 1350, True)),
    ),
    (
        VehicleKind.SEMITRAILER,
        "XB321KL",
        "Carrellone dimostrativo",
        16000,
        14800,
        ((10000, 7000, False), (10000, 1360, False), (10000, 1360, False), (10000, 1360, False)),
    ),
)
FLEETS = {"01234560504": BIANCHI, "07654320501": TIRRENO}


def seed() -> None:
    """Figures confirmed as demonstrative, network and rates of Pisa, vehicles of the demo companies."""
    load_figures(confirmed_by=DEMO)
    entity = Entity.objects.filter(code="PI").first()
    if entity is not None:
        seed_entity(entity)
    with scopes_disabled():
        for fiscal_code, fleet in FLEETS.items():
            company = Company.objects.filter(fiscal_code=fiscal_code).first()
            if company is not None:
                for row in fleet:
                    _vehicle(company, *row)


def seed_entity(entity: Entity) -> None:
    """The synthetic network and the invented rates, for one body."""
    with scope(entity=entity):
        network_import(
            entity=entity,
            roads=DATA / "network_pisa_roads.geojson",
            structures=DATA / "network_pisa_structures.geojson",
            label=NETWORK_LABEL,
        )
        if not Municipality.objects.exists():
            municipalities_import(entity=entity, points=DATA / "network_pisa_municipalities.geojson")
        for code, cents, source in RATES:
            FeeRate.objects.get_or_create(
                entity=entity,
                code=code,
                valid_from=VALID_FROM,
                defaults={"cents": cents, "source": source, "confirmed_by": DEMO},
            )


@transaction.atomic
def _vehicle(
    company: Company,
    kind: VehicleKind,
    plate: str,
    make: str,
    tare: int,
    length: int,
    axles: tuple[tuple[int, int, bool], ...],
) -> None:
    vehicle, created = Vehicle.objects.get_or_create(
        company=company,
        country="IT",
        plate=plate,
        defaults={"kind": kind, "make": make, "tare_kg": tare, "length_mm": length, "saved_at": clock.now()},
    )
    if created:
        FleetAxle.objects.bulk_create(
            FleetAxle(
                vehicle=vehicle,
                position=position,
                mass_kg=mass,
                spacing_mm=spacing,
                driven=driven,
                twin_tyres=driven,
                air_suspension=driven,
            )
            for position, (mass, spacing, driven) in enumerate(axles, start=1)
        )


def guide() -> list[str]:
    """What to type in the application, to see it granted and to see it blocked."""
    return [
        "Trasporto eccezionale, da provare:",
        "  Autotrasporti Bianchi: veicoli salvati AB123CD + XA456YZ (43,99 t), larghezza 3,00 m: si può autorizzare",
        "  Edil Tirreno: veicoli salvati EF789GH + XB321KL (72 t): senza tabella di usura l'approvazione si ferma",
        "  Percorso da Bientina a Calci: SP5 dal km 0+000 al km 9+500, poi SP12 dal km 4+651 al km 0+000",
    ]
