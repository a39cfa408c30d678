"""The application as text: for the summary, the citizen's page, the office and the receipt."""

from django.utils.translation import gettext as _

from exceptional_transport.domain.application import Asked, AskedVehicle
from exceptional_transport.domain.chainage import format_km
from exceptional_transport.domain.routes import Route
from exceptional_transport.domain.terms import LABELS, PermitKind
from exceptional_transport.models.vehicle_fields import KIND_LABELS
from portal.cases.handlers import Block
from portal.words import said


def tonnes(kilograms: int) -> str:
    """`44,00 t`."""
    return f"{kilograms / 1000:.2f} t".replace(".", ",")


def metres(millimetres: int) -> str:
    """`2,55 m`."""
    return f"{millimetres / 1000:.2f} m".replace(".", ",")


def kilometres(length_m: int) -> str:
    """`14,152 km`."""
    return f"{length_m / 1000:.3f} km".replace(".", ",")


def day(value: object) -> str:
    return f"{value:%d/%m/%Y}"


def blocks_of(asked: Asked, route: Route) -> list[Block]:
    """Blocks in the order of the steps; the step's slug is found by position (wizard/steps.py)."""
    return [
        kind_block(asked),
        *vehicle_blocks(asked),
        load_block(asked),
        route_block(asked, route),
        period_block(asked),
    ]


def kind_block(asked: Asked) -> Block:
    rows = [(_("Tipo di autorizzazione"), said(LABELS[asked.kind]))]
    if asked.kind is PermitKind.MULTIPLE:
        rows.append((_("Numero di viaggi"), str(asked.trips)))
    return Block(_("Autorizzazione richiesta"), rows)


def vehicle_blocks(asked: Asked) -> list[Block]:
    """Vehicles as rows, then the axles of the whole convoy as a table."""
    rows = [
        (_("Veicolo %(number)s") % {"number": number}, vehicle_text(each))
        for number, each in enumerate(asked.vehicles, start=1)
    ]
    rows.append((_("Massa complessiva"), tonnes(asked.convoy.mass_kg)))
    return [
        Block(_("Veicoli"), rows),
        Block(
            _("Assi"),
            header=(_("Asse"), _("Targa"), _("Massa"), _("Distanza dal precedente"), _("Caratteristiche")),
            table=axle_table(asked),
        ),
    ]


def vehicle_text(vehicle: AskedVehicle) -> str:
    country = "" if vehicle.country == "IT" else f" ({vehicle.country})"
    make = f", {vehicle.make}" if vehicle.make else ""
    kind = KIND_LABELS[vehicle.kind]
    size = {"tare": tonnes(vehicle.tare_kg), "length": metres(vehicle.length_mm)}
    return f"{kind} {vehicle.plate}{country}{make}, " + _("tara %(tare)s, lungo %(length)s") % size


def axle_table(asked: Asked) -> list[tuple[str, str, str, str, str]]:
    """One row for each axle, counted along the whole convoy."""
    flat = [(vehicle.plate, axle) for vehicle in asked.vehicles for axle in vehicle.axles]
    table = []
    for number, (plate, axle) in enumerate(flat, start=1):
        notes = [
            word
            for word, present in (
                (_("motore"), axle.driven),
                (_("gemellate"), axle.twin_tyres),
                (_("pneumatica"), axle.air_suspension),
            )
            if present
        ]
        spacing = metres(axle.spacing_mm) if number > 1 else "–"
        table.append((str(number), plate, tonnes(axle.mass_kg), spacing, ", ".join(notes) or "–"))
    return table


def load_block(asked: Asked) -> Block:
    load = asked.load
    size = f"{metres(load.length_mm)} x {metres(load.width_mm)} x {metres(load.height_mm)}"
    rows = [
        (_("Carico"), load.description),
        (_("Massa del carico"), tonnes(load.mass_kg)),
        (_("Indivisibile"), _("sì") if load.indivisible else _("no")),
        (_("Ingombro del complesso (lunghezza x larghezza x altezza)"), size),
    ]
    if load.front_overhang_mm:
        rows.append((_("Sporgenza davanti"), metres(load.front_overhang_mm)))
    if load.rear_overhang_mm:
        rows.append((_("Sporgenza dietro"), metres(load.rear_overhang_mm)))
    return Block(_("Carico e ingombro"), rows)


def route_block(asked: Asked, route: Route) -> Block:
    return Block(
        _("Percorso"),
        rows=[
            (_("Partenza"), asked.origin),
            (_("Arrivo"), asked.destination),
            (_("Lunghezza"), kilometres(route.length_m)),
            *(
                (_("di cui %(name)s") % {"name": name}, kilometres(length))
                for name, length in route.metres_by_manager().items()
            ),
        ],
        header=(_("Strada"), _("Dal km"), _("Al km"), _("Lunghezza")),
        table=leg_table(asked),
    )


def leg_table(asked: Asked) -> list[tuple[str, str, str, str]]:
    """One row for each leg."""
    return [
        (
            f"{each.leg.road} {each.road_name}".strip(),
            format_km(each.leg.from_m),
            format_km(each.leg.to_m),
            kilometres(each.leg.length_m),
        )
        for each in asked.legs
    ]


def period_block(asked: Asked) -> Block:
    rows = [(_("Dal"), day(asked.start_on)), (_("Al"), day(asked.end_on))]
    if asked.urgent_reason:
        rows.append((_("Motivo dell'urgenza"), asked.urgent_reason))
    return Block(_("Periodo"), rows)
