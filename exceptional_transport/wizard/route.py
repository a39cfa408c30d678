"""The step of the route: rows of road, from km, to km. The table works alone; the map only helps."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from exceptional_transport.domain.application import AskedLeg
from exceptional_transport.domain.chainage import format_km
from exceptional_transport.domain.routes import Leg, Route, trace
from exceptional_transport.wizard.core import Answers, Page, Wizard, bind, errors_of, raw, to_int
from exceptional_transport.wizard.forms import LegForm, PlacesForm
from portal.words import told

MOST_LEGS = 40


def rows_of(answers: Answers) -> list[Answers]:
    """The legs typed so far; one empty leg to begin with."""
    return list(answers.get("legs") or [{}])


def read(post: QueryDict) -> Answers:
    legs = [raw(LegForm, post, f"t{number}") for number in range(to_int(post.get("legs"), most=MOST_LEGS))]
    return {**raw(PlacesForm, post), "legs": legs}


def build(wizard: Wizard, answers: Answers, check: bool) -> Page:
    """Places, legs, the crossings of each chosen road. Legs must follow one another on the network."""
    places = bind(PlacesForm, {k: v for k, v in answers.items() if k != "legs"}, check=check)
    forms = [
        bind(LegForm, row, check=check, prefix=f"t{number}", roads=wizard.roads)
        for number, row in enumerate(rows_of(answers))
    ]
    rows = [
        {"form": form, "crossings": _crossings(wizard, row)} for form, row in zip(forms, rows_of(answers), strict=True)
    ]
    page = Page(
        {
            "places": places,
            "rows": rows,
            "most_legs": MOST_LEGS,
            "networks": sorted({k[0] for k in wizard.network.roads}),
        }
    )
    if check:
        legs_ok = all(form.is_valid() for form in forms)
        route = _judge(wizard, forms) if legs_ok else None
        page.errors = errors_of(places) + [
            error
            for number, form in enumerate(forms)
            for error in errors_of(form, row=_("Tratto %(number)s") % {"number": number + 1})
        ]
        if page.is_good and route is not None:
            names = _names(wizard)
            legs = tuple(AskedLeg(leg, names[f"{leg.network}:{leg.road}"]) for leg in route.legs)
            page.value = {**places.cleaned_data, "legs": legs, "route": route}
    return page


def _names(wizard: Wizard) -> dict[str, str]:
    """`PI:SP1` -> `della Botte`."""
    options = [option for _body, group in wizard.roads for option in group]
    return {key: label.partition(" ")[2].rpartition(" (km")[0] for key, label in options}


def leg_of(data: dict[str, Any]) -> Leg:
    """A leg from the cleaned data of its form."""
    network, _colon, road = data["road"].partition(":")
    return Leg(network, road, data["from_km"], data["to_km"])


def _judge(wizard: Wizard, forms: list[LegForm]) -> Route:
    route = trace([leg_of(form.cleaned_data) for form in forms], wizard.network)
    fields = {"road_unknown": "road", "leg_empty": "to_km"}
    for problem in route.problems:
        forms[problem.leg].add_error(fields.get(problem.code, "from_km"), told(problem))
    return route


def _crossings(wizard: Wizard, row: Answers) -> str:
    """Where the chosen road meets others, so that the next leg can be written right."""
    network, _colon, road = str(row.get("road", "")).partition(":")
    if (network, road) not in wizard.network.roads:
        return ""
    return ", ".join(
        _("%(road)s al km %(km)s") % {"road": other, "km": format_km(metre)}
        for metre, other in wizard.network.crossings((network, road))
    )


def change(wizard: Wizard, answers: Answers, operation: str) -> tuple[Answers, str]:
    """Add a leg at the end (it starts where the last one meets the road), or remove one."""
    rows = rows_of(answers)
    name, _colon, rest = operation.partition(":")
    if name == "aggiungi-tratto" and len(rows) < MOST_LEGS:
        rows.append({})
        return {**answers, "legs": rows}, f"tratto-{len(rows) - 1}"
    number = to_int(rest, most=99)
    if name == "togli-tratto" and len(rows) > 1 and number < len(rows):
        del rows[number]
    return {**answers, "legs": rows}, "tratto-0"
