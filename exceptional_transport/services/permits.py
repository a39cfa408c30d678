"""Issue a permit; suspend, resume, revoke it."""

from collections.abc import Sequence
from datetime import date

import segno
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from exceptional_transport import events
from exceptional_transport.describe import axle_table, kilometres, leg_table, load_block, tonnes, vehicle_text
from exceptional_transport.domain.permit_states import Action, State, after
from exceptional_transport.domain.terms import LABELS
from exceptional_transport.load import prescription_library
from exceptional_transport.models import Permit, PermitEvent
from exceptional_transport.selectors.applications import application_of, asked_of, route_of
from exceptional_transport.verification import PERMIT_KIND
from portal import clock
from portal.audit.actor import Actor
from portal.billing.selectors import charges_of_source
from portal.cases.models import Case, Decision
from portal.documents.models import Document, new_token
from portal.documents.pdf import render_pdf
from portal.documents.services import document_create
from portal.kernel.errors import DomainError
from portal.messaging.services import notify
from portal.registry.services import next_number
from portal.words import in_italian

SERIES = "exceptional-transport-permit"
QR_SCALE = 8


def all_prescriptions(chosen: Sequence[str]) -> list[str]:
    """The mandatory ones first (they stand on every permit, whatever was ticked), then those of the officer."""
    mandatory = [row.text for row in prescription_library() if row.mandatory]
    return mandatory + [text for text in chosen if text not in mandatory]


@transaction.atomic
def permit_issue(*, case: Case, actor: Actor) -> Permit:
    """Number and print the permit of a granted case. Runs in the transaction that closes the case.

    Raises DomainError permit_too_late when the period asked for has passed meanwhile.
    """
    application = application_of(case)
    today = clock.today()
    if application.end_on < today:
        raise DomainError(
            "permit_too_late", "Il periodo chiesto è già trascorso: l'autorizzazione non si può rilasciare."
        )
    decision = Decision.objects.get(case=case, granted=True)
    prescriptions = all_prescriptions(decision.prescriptions)
    valid_from = max(application.start_on, today)
    number = next_number(entity=case.entity, series=SERIES, year=today.year)
    label = f"{number}/{today.year}"
    document = _document(case=case, label=label, prescriptions=prescriptions, valid_from=valid_from, actor=actor)
    permit = Permit.objects.create(
        entity=case.entity,
        case=case,
        year=today.year,
        number=number,
        valid_from=valid_from,
        valid_to=application.end_on,
        prescriptions=prescriptions,
        document=document,
        issued_at=clock.now(),
        issued_by=actor.label,
    )
    events.permit_issued(permit, actor=actor)
    return permit


def _document(*, case: Case, label: str, prescriptions: list[str], valid_from: date, actor: Actor) -> Document:
    """The printed act, with the code of its public page inside."""
    token = new_token()
    with in_italian():  # the act is Italian whatever language its reader chose
        context = _print_context(
            case=case, label=label, token=token, prescriptions=prescriptions, valid_from=valid_from, actor=actor
        )
        content = render_pdf("exceptional_transport/permit.html", context)
    return document_create(
        entity=case.entity,
        kind=PERMIT_KIND,
        number=label,
        title="Autorizzazione al trasporto eccezionale",
        content=content,
        filename=f"autorizzazione-{label.replace('/', '-')}.pdf",
        source=case.source,
        actor=actor,
        holder_person=case.applicant_person,
        holder_company=case.applicant_company,
        verify_token=token,
    )


def _print_context(
    *, case: Case, label: str, token: str, prescriptions: list[str], valid_from: date, actor: Actor
) -> dict[str, object]:
    application = application_of(case)
    asked, route = asked_of(application), route_of(application)
    url = f"{settings.PORTAL_BASE_URL}{reverse('documents:verify', args=[token])}"
    return {
        "case": case,
        "entity": case.entity,
        "number": label,
        "asked": asked,
        "kind": LABELS[asked.kind],
        "valid_from": valid_from,
        "valid_to": application.end_on,
        "vehicles": [vehicle_text(vehicle) for vehicle in asked.vehicles],
        "axles": axle_table(asked),
        "legs": leg_table(asked),
        "blocks": [load_block(asked)],
        "mass": tonnes(asked.convoy.mass_kg),
        "managers": [(name, kilometres(length)) for name, length in route.metres_by_manager().items()],
        "length": kilometres(route.length_m),
        "prescriptions": prescriptions,
        "charges": list(charges_of_source(case.source)),
        "issued_on": clock.today(),
        "issued_by": actor.label,
        "verify_url": url,
        "token": token,
        "qr": segno.make(url, error="m", micro=False).png_data_uri(scale=QR_SCALE, border=4),
    }


@transaction.atomic
def permit_apply(*, permit_id: int, action: Action, reason: str, actor: Actor) -> Permit:
    """Suspend, resume or revoke a permit and tell its holder. Needs a scope.

    Raises MoveNotAllowed, DomainError (permit_expired, reason_required).
    """
    permit = Permit.objects.select_for_update(of=("self",)).select_related("case", "entity").get(pk=permit_id)
    before = State(permit.state)
    permit.state = after(state=before, action=action, reason=reason, valid_to=permit.valid_to, on=clock.today())
    permit.save(update_fields=["state"])
    PermitEvent.objects.create(
        entity_id=permit.entity_id,
        permit=permit,
        action=action,
        reason=reason.strip(),
        made_at=clock.now(),
        made_by=actor.label,
    )
    events.permit_moved(permit, action=action, before=before, actor=actor)
    notify(
        person=permit.case.applicant_person,
        company=permit.case.applicant_company,
        entity=permit.entity,
        template=f"exceptional_transport/permit_{action}",
        source=permit.case.source,
        context={"permit": permit, "reason": reason.strip()},
    )
    return permit
