"""The seven steps, in order, and the application they add up to."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from exceptional_transport.domain.application import Asked, AskedLoad
from exceptional_transport.domain.routes import Route
from exceptional_transport.wizard import attachments, route, simple, vehicles
from exceptional_transport.wizard.core import Page, Step, Wizard

STEPS = (
    Step(
        "richiedente",
        _("Richiedente"),
        _("Controlla chi presenta la domanda e scegli il tipo di autorizzazione."),
        "exceptional_transport/wizard/applicant.html",
        simple.read_kind,
        simple.build_kind,
    ),
    Step(
        "veicoli",
        _("Veicoli e assi"),
        _("Descrivi i veicoli nell'ordine in cui viaggiano, ognuno con i suoi assi e le masse a pieno carico."),
        "exceptional_transport/wizard/vehicles.html",
        vehicles.read,
        vehicles.build,
        vehicles.change,
    ),
    Step(
        "carico",
        _("Carico"),
        _("Descrivi il carico e le misure del complesso come viaggia."),
        "exceptional_transport/wizard/load.html",
        simple.read_load,
        simple.build_load,
    ),
    Step(
        "percorso",
        _("Percorso"),
        _("Scrivi le strade nell'ordine in cui le percorri, ognuna con il chilometro di inizio e di fine."),
        "exceptional_transport/wizard/route.html",
        route.read,
        route.build,
        route.change,
    ),
    Step(
        "periodo",
        _("Periodo"),
        _("Indica i giorni in cui vuoi viaggiare."),
        "exceptional_transport/wizard/period.html",
        simple.read_period,
        simple.build_period,
    ),
    Step(
        "allegati",
        _("Allegati"),
        _("Carica i documenti, uno alla volta. Puoi fotografarli con il telefono."),
        "exceptional_transport/wizard/attachments.html",
        attachments.read,
        attachments.build,
    ),
)
BY_SLUG = {step.slug: step for step in STEPS}
SUMMARY = "riepilogo"
SUMMARY_TITLE = _("Riepilogo")


def judged(wizard: Wizard) -> dict[str, Page]:
    """Every step, judged on what is saved."""
    return {step.slug: step.build(wizard, wizard.answers(step.slug), True) for step in STEPS}


def asked_from(pages: dict[str, Page]) -> tuple[Asked, Route]:
    """The whole application, from steps that are all good."""
    kind, trips = pages["richiedente"].value
    load: dict[str, Any] = pages["carico"].value
    path: dict[str, Any] = pages["percorso"].value
    period: dict[str, Any] = pages["periodo"].value
    asked = Asked(
        kind=kind,
        trips=trips,
        vehicles=pages["veicoli"].value,
        load=AskedLoad(
            description=load["description"],
            mass_kg=load["mass"],
            indivisible=load["indivisible"],
            front_overhang_mm=load["front_overhang"] or 0,
            rear_overhang_mm=load["rear_overhang"] or 0,
            length_mm=load["length"],
            width_mm=load["width"],
            height_mm=load["height"],
        ),
        origin=path["origin"],
        destination=path["destination"],
        legs=path["legs"],
        start_on=period["start_on"],
        end_on=period["end_on"],
        urgent_reason=period["urgent_reason"],
    )
    return asked, path["route"]
