"""From draft to case."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django_scopes import scope, scopes_disabled

from portal import clock
from portal.cases import events
from portal.cases.models import Attachment, Case, Draft
from portal.catalogue import cards
from portal.documents.models import Document
from portal.entities.models import Entity, Office
from portal.kernel.calendar import term_end
from portal.kernel.errors import DomainError
from portal.messaging.services import notify
from portal.outbox import services as outbox
from portal.people.acting import Acting
from portal.registry.models import Direction
from portal.registry.services import next_number, protocol_register


def fingerprint(snapshot: dict[str, Any]) -> str:
    """SHA-256 of an application as it was submitted, in canonical JSON."""
    text = json.dumps(snapshot, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


@transaction.atomic
def case_submit(
    *,
    draft_id: int,
    acting: Acting,
    entity: Entity,
    title: str,
    snapshot: dict[str, Any],
    on_created: Callable[[Case], None],
) -> Case:
    """Turn a draft into a case with a protocol number. Submitting the same draft again gives the same case.

    `on_created` writes the service's own rows in the same transaction. Raises OutsideTheMandate when the mandate
    does not reach the service, DomainError when the body has no office for it.
    """
    mine = Draft.objects.filter(person=acting.person, company=acting.company)
    draft = mine.select_for_update(of=("self",)).filter(pk=draft_id).first()
    if draft is None:
        raise DomainError("draft_gone", "La bozza non c'è più: è stata eliminata in un'altra finestra.")
    acting.require(draft.service)
    with scope(entity=entity):
        if draft.case_id is not None:
            return Case.objects.get(pk=draft.case_id)
        case = _create(draft=draft, acting=acting, entity=entity, title=title, snapshot=snapshot)
        with scopes_disabled():  # files of a draft belong to no body yet
            Attachment.objects.filter(draft=draft).update(case=case, entity=entity)
        draft.case = case
        draft.save(update_fields=["case"])
        on_created(case)
        events.case_submitted(case, actor=acting.actor)
        notify(
            person=acting.person,
            company=acting.company,
            entity=entity,
            template="portal/cases/submitted",
            source=case.source,
            context={"case": case},
        )
        outbox.send("cases.receipt", {"case": case.pk}, key=f"receipt:{case.pk}", entity_id=entity.pk)
        return case


def _create(*, draft: Draft, acting: Acting, entity: Entity, title: str, snapshot: dict[str, Any]) -> Case:
    card = cards.card(draft.service)
    if card.term is None:
        raise DomainError("term_missing", "Per questo servizio non è fissato il termine del procedimento.")
    office = Office.objects.filter(code=card.office_code).first()
    if office is None:
        raise DomainError("office_missing", "%(body)s non ha ancora un ufficio per questo servizio.", body=entity.name)
    now = clock.now()
    today = now.astimezone(clock.ROME).date()
    source = Case(uuid=draft.uuid).source  # the case keeps the draft's uuid
    digest = fingerprint(snapshot)
    protocol = protocol_register(
        entity=entity,
        direction=Direction.IN,
        subject=card.title,
        counterpart=str(acting.company or acting.person),
        source=source,
        document_sha256=digest,
        actor=acting.actor,
    )
    number = next_number(entity=entity, series="case", year=today.year)
    return Case.objects.create(
        entity=entity,
        uuid=draft.uuid,
        code=f"{entity.code}-{today.year}-{number:06d}",
        service=draft.service,
        title=title[:140],
        applicant_person=acting.person,
        applicant_company=acting.company,
        mandate=acting.mandate,
        office=office,
        protocol=protocol,
        snapshot=snapshot,
        snapshot_sha256=digest,
        submitted_at=now,
        term_days=card.term.days,
        due_on=term_end(today, card.term.days),
    )


RECEIPT_KIND = "submission_receipt"


def receipt_document(*, case: Case) -> Document:
    """The receipt of submission (L. 241/1990 art. 18-bis), made at the first request and then kept."""
    from portal.cases.receipts import make_receipt

    with transaction.atomic():
        Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        existing = Document.objects.filter(source=case.source, kind=RECEIPT_KIND).select_related("file").first()
        return existing or make_receipt(case, kind=RECEIPT_KIND)
