"""How this service drives its cases."""

from decimal import Decimal

from exceptional_transport.describe import blocks_of, kilometres
from exceptional_transport.domain.checks import Severity
from exceptional_transport.domain.classify import LABELS, OF_MASS, Excess, ExcessKind
from exceptional_transport.domain.permit_states import State, standing
from exceptional_transport.load import prescription_library
from exceptional_transport.models import Application, Permit
from exceptional_transport.selectors.applications import (
    Review,
    application_of,
    asked_of,
    fee_items,
    review_of,
    route_of,
)
from exceptional_transport.services.permits import permit_issue
from exceptional_transport.verification import WORDS
from portal import clock
from portal.audit.actor import Actor
from portal.billing.socket import ChargeLineDraft
from portal.cases.handlers import Block, Panel
from portal.cases.models import Case
from portal.documents.models import Document
from portal.kernel.errors import DomainError

SERVICE = "autorizzazione-trasporto-eccezionale"


class ExceptionalTransportHandler:
    """The plug of the package in portal.cases (see portal.cases.handlers.CaseHandler)."""

    def describe(self, case: Case) -> list[Block]:
        """The application as text."""
        application = application_of(case)
        return blocks_of(asked_of(application), route_of(application))

    def office_panels(self, case: Case) -> list[Panel]:
        """Classification, route check and fees, as they stand today."""
        application = application_of(case)
        review = review_of(application, on=clock.today())
        panels = [route_panel(review), classification_panel(review), fees_panel(application, review)]
        permit = Permit.objects.filter(case=case).first()
        return [permit_panel(permit), *panels] if permit else panels

    def prescriptions(self, case: Case) -> list[tuple[str, str, bool]]:
        """The library, with what this convoy calls for already proposed."""
        review = review_of(application_of(case), on=clock.today())
        called = called_for(review)
        return [(row.key, row.text, row.mandatory or row.when in called) for row in prescription_library()]

    def charges(self, case: Case) -> list[ChargeLineDraft]:
        """Stamp duty, processing fee and, over the mass limits, the wear indemnity. Raises DomainError."""
        items = fee_items(application_of(case), on=clock.today())
        return [ChargeLineDraft(item.code, item.description, item.cents, item.debt_kind) for item in items]

    def issue(self, case: Case, actor: Actor) -> Document:
        """The numbered permit and its PDF."""
        return permit_issue(case=case, actor=actor).document


def called_for(review: Review) -> set[str]:
    """The `when` words of the library that are true for a convoy."""
    if review.classification is None:
        return set()
    kinds = review.classification.kinds
    words = {
        "over_mass": bool(kinds & OF_MASS),
        "over_width": ExcessKind.WIDTH in kinds,
        "over_length": bool(kinds & {ExcessKind.LENGTH, ExcessKind.OVERHANG}),
        "over_height": ExcessKind.HEIGHT in kinds,
        "review": any(finding.severity is Severity.REVIEW for finding in review.findings),
    }
    return {word for word, true in words.items() if true}


def permit_panel(permit: Permit) -> Panel:
    """The permit that came out of the case, and the way to its state."""
    today = clock.today()
    found = standing(state=State(permit.state), valid_from=permit.valid_from, valid_to=permit.valid_to, on=today)
    context = {"permit": permit, "standing": found, "words": WORDS[found][0]}
    return Panel("Autorizzazione", "exceptional_transport/office/permit_panel.html", context)


def route_panel(review: Review) -> Panel:
    """Findings on the route, the sections that pass in one line, the metres of each manager."""
    touched = {(finding.road, finding.chainage_m) for finding in review.findings}
    context = {
        "findings": review.findings,
        "blocks": sum(finding.severity is Severity.BLOCK for finding in review.findings),
        "problem": review.problem,
        "problems": review.route.problems,
        "sections": len(review.route.pieces),
        "clear": max(len(review.route.pieces) - len(touched), 0),
        "managers": [(name, kilometres(length)) for name, length in review.route.metres_by_manager().items()],
        "total": kilometres(review.route.length_m),
    }
    return Panel("Verifica del percorso", "exceptional_transport/office/route_panel.html", context)


def classification_panel(review: Review) -> Panel:
    """Which limits of art. 61 and 62 the convoy exceeds."""
    excesses = review.classification.excesses if review.classification else ()
    context = {
        "problem": review.problem,
        "rows": [
            (LABELS[each.kind], each.where, _shown(each, each.actual), _shown(each, each.limit), each.source)
            for each in excesses
        ],
        "over_mass": bool(review.classification and review.classification.over_mass),
        "difference_kg": review.convoy.declared_difference_kg,
    }
    return Panel("Classificazione", "exceptional_transport/office/classification_panel.html", context)


def _shown(excess: Excess, value: int) -> str:
    unit = "t" if excess.kind in OF_MASS else "m"
    return f"{Decimal(value) / 1000:.2f} {unit}".replace(".", ",")


def fees_panel(application: Application, review: Review) -> Panel:
    """What approving would ask for, or why it cannot be told."""
    context: dict[str, object] = {"items": [], "total": 0, "problem": "", "wear_missing": False}
    try:
        items = fee_items(application, on=clock.today())
        context |= {"items": items, "total": sum(item.cents for item in items)}
    except DomainError as error:
        context |= {
            "problem": error.message,
            "wear_missing": error.code == "wear_table_missing",
            "length": kilometres(review.route.length_m),
        }
    return Panel("Oneri", "exceptional_transport/office/fees_panel.html", context)
