"""The step of vehicles and axles: rows added and removed on the server, saved vehicles offered."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from exceptional_transport.domain.application import AskedVehicle
from exceptional_transport.domain.convoy import MOST_AXLES, MOST_VEHICLES, Axle, VehicleKind, check_composition
from exceptional_transport.models import Vehicle
from exceptional_transport.wizard.core import Answers, Page, Wizard, bind, errors_of, raw, to_int
from exceptional_transport.wizard.forms import AxleForm, VehicleForm
from portal.kernel.errors import DomainError
from portal.words import told

AXLES_A_VEHICLE = 10


def empty_vehicle() -> Answers:
    return {"country": "IT", "save": True, "axles": [{}, {}]}


def rows_of(answers: Answers) -> list[Answers]:
    """The vehicles typed so far; one empty vehicle to begin with."""
    return list(answers.get("vehicles") or [empty_vehicle()])


def read(post: QueryDict) -> Answers:
    rows = []
    for number in range(to_int(post.get("vehicles"), most=MOST_VEHICLES)):
        row = raw(VehicleForm, post, f"v{number}")
        count = to_int(post.get(f"v{number}-axles"), most=AXLES_A_VEHICLE)
        row["axles"] = [raw(AxleForm, post, f"v{number}-a{axle}") for axle in range(count)]
        rows.append(row)
    return {"vehicles": rows}


def build(wizard: Wizard, answers: Answers, check: bool) -> Page:
    """The forms of every vehicle with its axles, and the fleet to choose from."""
    rows: list[dict[str, Any]] = []
    page = Page({"rows": rows, "fleet": wizard.fleet, "most_vehicles": MOST_VEHICLES, "most_axles": AXLES_A_VEHICLE})
    for number, answer in enumerate(rows_of(answers)):
        vehicle = bind(VehicleForm, {k: v for k, v in answer.items() if k != "axles"}, check=check, prefix=f"v{number}")
        axles = [
            _axle_form(axle, check=check, prefix=f"v{number}-a{place}", is_first=not (number or place))
            for place, axle in enumerate(answer.get("axles", []))
        ]
        rows.append({"form": vehicle, "axles": axles})
    if check:
        page.errors = [error for number, row in enumerate(rows) for error in _row_errors(number, row)]
        page.errors = page.errors or _together(rows)
    if check and page.is_good:
        page.value = tuple(_vehicle(row) for row in rows)
        page.context["to_save"] = [row["form"].cleaned_data["save"] for row in rows]
    return page


def _axle_form(answer: Answers, *, check: bool, prefix: str, is_first: bool) -> AxleForm:
    """The first axle of the convoy has no axle before it; all the others need their distance."""
    form: AxleForm = bind(AxleForm, answer, check=check, prefix=prefix)
    if is_first:
        del form.fields["spacing"]
    return form


def _row_errors(number: int, row: dict[str, Any]) -> list[tuple[str, str]]:
    name = _("Veicolo %(number)s") % {"number": number + 1}
    errors = errors_of(row["form"], row=name)
    if not row["axles"]:
        errors.append((f"veicolo-{number}", f"{name}: " + _("aggiungi almeno un asse.")))
    for place, form in enumerate(row["axles"]):
        errors += errors_of(form, row=_("%(vehicle)s, asse %(place)s") % {"vehicle": name, "place": place + 1})
    return errors


def _together(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    try:
        check_composition([VehicleKind(row["form"].cleaned_data["kind"]) for row in rows])
    except DomainError as error:
        return [("veicolo-0", told(error))]
    plates = [(row["form"].cleaned_data["country"], row["form"].cleaned_data["plate"]) for row in rows]
    if len(set(plates)) < len(plates):
        return [("id_v0-plate", _("La stessa targa compare due volte."))]
    if sum(len(row["axles"]) for row in rows) > MOST_AXLES:
        return [("veicolo-0", _("Un complesso può avere al massimo %(most)s assi.") % {"most": MOST_AXLES})]
    return []


def _vehicle(row: dict[str, Any]) -> AskedVehicle:
    data = row["form"].cleaned_data
    return AskedVehicle(
        kind=VehicleKind(data["kind"]),
        plate=data["plate"],
        country=data["country"].upper(),
        make=data["make"],
        tare_kg=data["tare"],
        length_mm=data["length"],
        axles=tuple(
            Axle(
                mass_kg=form.cleaned_data["mass"],
                spacing_mm=form.cleaned_data.get("spacing", 0),
                driven=form.cleaned_data["driven"],
                twin_tyres=form.cleaned_data["twin_tyres"],
                air_suspension=form.cleaned_data["air_suspension"],
            )
            for form in row["axles"]
        ),
    )


def change(wizard: Wizard, answers: Answers, operation: str) -> tuple[Answers, str]:
    """Add or remove a vehicle or an axle; put a saved vehicle in. Returns the answers and the row to look at."""
    rows = rows_of(answers)
    name, _colon, rest = operation.partition(":")
    numbers = [to_int(part, most=99) for part in rest.split(":")] if rest else []
    if name == "aggiungi-veicolo" and len(rows) < MOST_VEHICLES:
        rows.append(empty_vehicle())
        return {"vehicles": rows}, f"veicolo-{len(rows) - 1}"
    if name == "usa-veicolo" and numbers:
        return _use_saved(wizard, rows, numbers[0])
    if not numbers or numbers[0] >= len(rows):
        return {"vehicles": rows}, ""
    row = rows[numbers[0]]
    if name == "togli-veicolo" and len(rows) > 1:
        del rows[numbers[0]]
        return {"vehicles": rows}, "veicolo-0"
    if name == "aggiungi-asse" and len(row["axles"]) < AXLES_A_VEHICLE:
        row["axles"].append({})
    if name == "togli-asse" and len(numbers) > 1 and numbers[1] < len(row["axles"]):
        del row["axles"][numbers[1]]
    return {"vehicles": rows}, f"veicolo-{numbers[0]}"


def _use_saved(wizard: Wizard, rows: list[Answers], place: int) -> tuple[Answers, str]:
    """Put a vehicle of the fleet in the first row without a plate, or in a new row."""
    if place >= len(wizard.fleet):
        return {"vehicles": rows}, ""
    saved = saved_answers(wizard.fleet[place])
    for number, row in enumerate(rows):
        if not row.get("plate"):
            rows[number] = saved
            return {"vehicles": rows}, f"veicolo-{number}"
    if len(rows) < MOST_VEHICLES:
        rows.append(saved)
    return {"vehicles": rows}, f"veicolo-{len(rows) - 1}"


def saved_answers(vehicle: Vehicle) -> Answers:
    """A saved vehicle as if it had been typed."""
    return {
        "kind": vehicle.kind,
        "plate": vehicle.plate,
        "country": vehicle.country,
        "make": vehicle.make,
        "tare": str(vehicle.tare_kg),
        "length": _metres(vehicle.length_mm),
        "save": True,
        "axles": [
            {
                "mass": str(axle.mass_kg),
                "spacing": _metres(axle.spacing_mm) if axle.spacing_mm else "",
                "driven": axle.driven,
                "twin_tyres": axle.twin_tyres,
                "air_suspension": axle.air_suspension,
            }
            for axle in vehicle.axles.all()
        ],
    }


def _metres(millimetres: int) -> str:
    return f"{millimetres // 1000},{millimetres % 1000:03d}".rstrip("0").rstrip(",")
