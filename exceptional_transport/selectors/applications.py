"""An application as the rules read it: convoy, route, what the office should know."""

from dataclasses import dataclass
from datetime import date

from exceptional_transport.domain import fees
from exceptional_transport.domain.application import Asked, AskedLeg, AskedLoad, AskedVehicle
from exceptional_transport.domain.checks import Finding, check_route
from exceptional_transport.domain.classify import Classification, classify
from exceptional_transport.domain.convoy import Axle, Convoy, VehicleKind
from exceptional_transport.domain.routes import Leg, Route, trace
from exceptional_transport.domain.terms import PermitKind
from exceptional_transport.models import Application
from exceptional_transport.models.vehicle_fields import AxleFields
from exceptional_transport.selectors.law import figures_on, rates_of, wear_table
from exceptional_transport.selectors.network import network_of
from portal.cases.models import Case
from portal.kernel.errors import DomainError


def application_of(case: Case) -> Application:
    """The application of a case with its vehicles, axles and legs. Needs a scope."""
    return Application.objects.prefetch_related("vehicles__axles", "legs").select_related("case").get(case=case)


def axle_of(row: AxleFields) -> Axle:
    """A stored axle as the rules read it."""
    return Axle(row.mass_kg, row.spacing_mm, row.driven, row.twin_tyres, row.air_suspension)


def asked_of(application: Application) -> Asked:
    """A stored application in the shape of the rules."""
    vehicles = tuple(
        AskedVehicle(
            kind=VehicleKind(row.kind),
            plate=row.plate,
            country=row.country,
            make=row.make,
            tare_kg=row.tare_kg,
            length_mm=row.length_mm,
            axles=tuple(axle_of(axle) for axle in row.axles.all()),
        )
        for row in application.vehicles.all()
    )
    load = AskedLoad(
        description=application.load_description,
        mass_kg=application.load_mass_kg,
        indivisible=application.load_indivisible,
        front_overhang_mm=application.front_overhang_mm,
        rear_overhang_mm=application.rear_overhang_mm,
        length_mm=application.length_mm,
        width_mm=application.width_mm,
        height_mm=application.height_mm,
    )
    return Asked(
        kind=PermitKind(application.kind),
        trips=application.trips,
        vehicles=vehicles,
        load=load,
        origin=application.origin,
        destination=application.destination,
        legs=tuple(
            AskedLeg(Leg(row.network_code, row.road_code, row.from_m, row.to_m), row.road_name)
            for row in application.legs.all()
        ),
        start_on=application.start_on,
        end_on=application.end_on,
        urgent_reason=application.urgent_reason,
    )


def route_of(application: Application) -> Route:
    """The route on the versions of the network it was drawn on."""
    rows = list(application.legs.all())
    legs = [Leg(row.network_code, row.road_code, row.from_m, row.to_m) for row in rows]
    return trace(legs, network_of({row.network_id for row in rows}))


@dataclass(frozen=True, slots=True)
class Review:
    """What the rules say about an application on a day. `problem` is set when a figure is missing or unconfirmed."""

    convoy: Convoy
    route: Route
    classification: Classification | None
    findings: tuple[Finding, ...]
    problem: str = ""


def review_of(application: Application, *, on: date) -> Review:
    """Classification and route check. A figure that is missing does not hide the rest of the page."""
    convoy, route = asked_of(application).convoy, route_of(application)
    try:
        figures = figures_on(on)
        return Review(convoy, route, classify(convoy, figures), tuple(check_route(route, convoy, figures)))
    except DomainError as error:
        return Review(convoy, route, None, (), error.message)


def fee_items_of(asked: Asked, route: Route, *, entity_id: int, on: date) -> list[fees.Item]:
    """What a permit costs. Raises DomainError when a rate or the wear table is missing. Needs a scope."""
    items = fees.base_items(rates_of(entity_id), on=on)
    convoy = asked.convoy
    if classify(convoy, figures_on(on)).over_mass:
        table = wear_table(entity_id=entity_id, kind=asked.kind, on=on)
        items.append(
            fees.wear_item(
                kind=asked.kind, mass_kg=convoy.mass_kg, metres=route.length_m, trips=asked.trips, table=table
            )
        )
    return items


def fee_items(application: Application, *, on: date) -> list[fees.Item]:
    """What the permit of a stored application costs; see `fee_items_of`."""
    asked = asked_of(application)
    return fee_items_of(asked, route_of(application), entity_id=application.entity_id, on=on)
