"""Writes of an application: its rows at submission, its vehicles in the fleet."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.db import transaction

from exceptional_transport.domain.application import Asked, AskedVehicle
from exceptional_transport.domain.convoy import Axle
from exceptional_transport.models import (
    Application,
    ApplicationAxle,
    ApplicationVehicle,
    FleetAxle,
    NetworkVersion,
    RouteLeg,
    Vehicle,
)
from exceptional_transport.selectors.network import current_versions
from portal import clock
from portal.cases.models import Case, Draft
from portal.cases.services.submission import case_submit
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from portal.people.acting import Acting
from portal.people.models import Person


def competent_entity(asked: Asked) -> Entity:
    """The body that decides: the keeper of the first road of the route (the province of the first crossing)."""
    network = asked.legs[0].leg.network
    entity = Entity.objects.filter(code=network).first()
    if entity is None:
        raise DomainError("entity_unknown", "La prima strada del percorso non appartiene a nessun ente del portale.")
    return entity


def application_submit(*, draft: Draft, asked: Asked, to_save: Sequence[bool], acting: Acting) -> Case:
    """Turn the draft into a case with its rows; vehicles to be kept go to the fleet. Twice gives one case.

    Raises DomainError when no body is competent or it has no office for the service.
    """
    versions = {version.entity.code: version for version in current_versions()}

    def on_created(case: Case) -> None:
        _write_rows(case=case, asked=asked, versions=versions)
        for vehicle, keep in zip(asked.vehicles, to_save, strict=True):
            if keep:
                vehicle_save(vehicle=vehicle, acting=acting)

    return case_submit(
        draft_id=draft.pk,
        acting=acting,
        entity=competent_entity(asked),
        title=asked.title,
        snapshot=asdict(asked),
        on_created=on_created,
    )


def _write_rows(*, case: Case, asked: Asked, versions: dict[str, NetworkVersion]) -> None:
    load = asked.load
    application = Application.objects.create(
        entity_id=case.entity_id,
        case=case,
        kind=asked.kind,
        trips=asked.trips,
        length_mm=load.length_mm,
        width_mm=load.width_mm,
        height_mm=load.height_mm,
        load_description=load.description,
        load_mass_kg=load.mass_kg,
        load_indivisible=load.indivisible,
        front_overhang_mm=load.front_overhang_mm,
        rear_overhang_mm=load.rear_overhang_mm,
        origin=asked.origin,
        destination=asked.destination,
        start_on=asked.start_on,
        end_on=asked.end_on,
        urgent_reason=asked.urgent_reason,
    )
    for position, vehicle in enumerate(asked.vehicles, start=1):
        row = ApplicationVehicle.objects.create(
            entity_id=case.entity_id, application=application, position=position, **_vehicle_columns(vehicle)
        )
        ApplicationAxle.objects.bulk_create(
            ApplicationAxle(entity_id=case.entity_id, vehicle=row, position=place, **_axle_columns(axle))
            for place, axle in enumerate(vehicle.axles, start=1)
        )
    _write_legs(application=application, asked=asked, versions=versions)


def _write_legs(*, application: Application, asked: Asked, versions: dict[str, NetworkVersion]) -> None:
    RouteLeg.objects.bulk_create(
        RouteLeg(
            entity_id=application.entity_id,
            application=application,
            position=position,
            network=versions[each.leg.network],
            network_code=each.leg.network,
            road_code=each.leg.road,
            road_name=each.road_name,
            from_m=each.leg.from_m,
            to_m=each.leg.to_m,
        )
        for position, each in enumerate(asked.legs, start=1)
    )


def _vehicle_columns(vehicle: AskedVehicle) -> dict[str, Any]:
    return {
        "kind": vehicle.kind,
        "plate": vehicle.plate,
        "country": vehicle.country,
        "make": vehicle.make,
        "tare_kg": vehicle.tare_kg,
        "length_mm": vehicle.length_mm,
    }


def _axle_columns(axle: Axle) -> dict[str, Any]:
    return asdict(axle)


@transaction.atomic
def vehicle_save(*, vehicle: AskedVehicle, acting: Acting) -> Vehicle:
    """Keep a vehicle in the fleet of whom the person acts for; the same plate is brought up to date."""
    owner: dict[str, Any] = {"company": acting.company, "person": None if acting.company else acting.person}
    columns = _vehicle_columns(vehicle)
    row, _created = Vehicle.objects.update_or_create(
        **owner,
        country=columns.pop("country"),
        plate=columns.pop("plate"),
        defaults={**columns, "saved_at": clock.now()},
    )
    row.axles.all().delete()
    FleetAxle.objects.bulk_create(
        FleetAxle(vehicle=row, position=place, **_axle_columns(axle))
        for place, axle in enumerate(vehicle.axles, start=1)
    )
    return row


def move_fleet(old: Person, new: Person) -> None:
    """Saved vehicles of a person pass to who they turned out to be; a plate the other has already is dropped."""
    for vehicle in Vehicle.objects.filter(person=old):
        if Vehicle.objects.filter(person=new, country=vehicle.country, plate=vehicle.plate).exists():
            vehicle.delete()
        else:
            Vehicle.objects.filter(pk=vehicle.pk).update(person=new)
