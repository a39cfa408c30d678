"""What the office does with a case."""

from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import sha256

from django.db import transaction

from portal import clock
from portal.accounts.models import User
from portal.audit.actor import Actor
from portal.billing import services as billing
from portal.billing.domain.states import State as ChargeState
from portal.billing.selectors import charges_of_source
from portal.billing.socket import ANONYMOUS, Payer
from portal.cases import events, terms
from portal.cases.domain.requests import RequestKind
from portal.cases.domain.states import CLOSED, Action, Role, State
from portal.cases.handlers import handler_of
from portal.cases.models import Case, CaseNote, CitizenRequest, Decision
from portal.cases.services.moves import apply, lock, protocol_out, refresh_due, tell_applicant
from portal.documents.models import Document
from portal.kernel.errors import DomainError


def required(text: str, *, message: str) -> str:
    """The text without spaces around. Raises DomainError when nothing is left."""
    text = text.strip()
    if not text:
        raise DomainError("text_required", message)
    return text


@transaction.atomic
def case_take(*, case_id: int, user: User, actor: Actor) -> Case:
    """An officer takes a new case. Of two who try at once, the second is told. Raises MoveNotAllowed."""
    case = lock(case_id)
    case.assignee = user
    apply(case, action=Action.TAKE, role=Role.OFFICER, actor=actor)
    tell_applicant(case, template="taken")
    return case


@transaction.atomic
def case_assign(*, case_id: int, user: User, actor: Actor) -> Case:
    """Hand an open case over to a colleague. Raises DomainError when it is closed or nobody took it yet."""
    case = lock(case_id)
    if case.state in CLOSED or case.state == State.SUBMITTED:
        raise DomainError("not_assignable", "La pratica non è in lavorazione: non si può assegnare.")
    case.assignee = user
    case.save(update_fields=["assignee"])
    events.case_assigned(case, actor=actor)
    return case


@transaction.atomic
def integration_request(*, case_id: int, text: str, actor: Actor) -> CitizenRequest:
    """Ask the applicant for what is missing; the clock stops (L. 241/1990 art. 2 c. 7)."""
    return _ask(
        case_id=case_id,
        kind=RequestKind.INTEGRATION,
        action=Action.REQUEST_INTEGRATION,
        text=required(text, message="Scrivi che cosa manca."),
        template="integration_requested",
        actor=actor,
    )


@transaction.atomic
def refusal_notice_give(*, case_id: int, text: str, actor: Actor) -> CitizenRequest:
    """Tell the applicant why the application would be refused, before refusing it (L. 241/1990 art. 10-bis)."""
    return _ask(
        case_id=case_id,
        kind=RequestKind.REFUSAL_NOTICE,
        action=Action.GIVE_REFUSAL_NOTICE,
        text=required(text, message="Scrivi i motivi che impediscono l'accoglimento."),
        template="refusal_notice",
        actor=actor,
    )


def _ask(*, case_id: int, kind: RequestKind, action: Action, text: str, template: str, actor: Actor) -> CitizenRequest:
    today = clock.today()
    case = lock(case_id)
    apply(case, action=action, role=Role.OFFICER, actor=actor)
    request = CitizenRequest.objects.create(
        entity_id=case.entity_id,
        case=case,
        kind=kind,
        text=text,
        due_on=today + timedelta(days=terms.days_of(kind, on=today)),
        made_at=clock.now(),
        made_by=actor.label,
    )
    refresh_due(case)
    protocol_out(case, subject=str(request.get_kind_display()), document_sha256=_digest(text), actor=actor)
    tell_applicant(case, template=template, context={"request": request})
    return request


@transaction.atomic
def case_resume(*, case_id: int, actor: Actor) -> Case:
    """The term to answer has passed: go on with what there is. Raises DomainError before that day."""
    case = lock(case_id)
    request = CitizenRequest.objects.filter(case=case, closed_at__isnull=True).first()
    if request is not None and clock.today() <= request.due_on:
        raise DomainError("answer_still_due", f"Il richiedente può rispondere fino al {request.due_on:%d/%m/%Y}.")
    if request is not None:
        request.closed_at = clock.now()
        request.save(update_fields=["closed_at"])
    apply(case, action=Action.RESUME, role=Role.OFFICER, actor=actor)
    return case


@transaction.atomic
def case_refuse(*, case_id: int, reasons: str, actor: Actor) -> Case:
    """Refuse with reasons. Raises DomainError when no refusal notice was given before (L. 241/1990 art. 10-bis)."""
    reasons = required(reasons, message="Scrivi la motivazione del rigetto.")
    case = lock(case_id)
    if not CitizenRequest.objects.filter(case=case, kind=RequestKind.REFUSAL_NOTICE, closed_at__isnull=False).exists():
        raise DomainError(
            "refusal_notice_missing",
            "Prima di respingere la domanda va inviato il preavviso di rigetto (art. 10-bis L. 241/1990).",
        )
    apply(case, action=Action.REFUSE, role=Role.OFFICER, actor=actor)
    Decision.objects.create(
        entity_id=case.entity_id,
        case=case,
        granted=False,
        reasons=reasons,
        decided_by=actor.label,
        decided_at=clock.now(),
    )
    protocol_out(case, subject="Provvedimento di diniego", document_sha256=_digest(reasons), actor=actor)
    tell_applicant(case, template="refused", context={"reasons": reasons})
    return case


@transaction.atomic
def case_approve(*, case_id: int, prescriptions: Sequence[str], due_on: date | None, actor: Actor) -> Case:
    """Close the review in favour and ask for what is due. Without charges the case goes straight on.

    Raises DomainError when the charges cannot be told (a missing table blocks, it never guesses).
    """
    case = lock(case_id)
    lines = handler_of(case).charges(case)
    apply(case, action=Action.APPROVE, role=Role.OFFICER, actor=actor, data={"lines": len(lines)})
    Decision.objects.create(
        entity_id=case.entity_id,
        case=case,
        granted=True,
        prescriptions=list(prescriptions),
        decided_by=actor.label,
        decided_at=clock.now(),
    )
    if not lines:
        apply(case, action=Action.SETTLE, role=Role.SYSTEM, actor=Actor.system("cases"))
        return case
    charge = billing.request_charge(
        entity=case.entity,
        source=case.source,
        payer=payer_of(case),
        description=f"{case.title} - pratica {case.code}",
        lines=lines,
        due_on=due_on,
        handler="cases.charge_settled",
        actor=actor,
    )
    tell_applicant(case, template="payment_due", context={"charge": charge})
    return case


def payer_of(case: Case) -> Payer:
    """Who owes the charges: the company, or the person."""
    person, company = case.applicant_person, case.applicant_company
    if company is not None:
        return Payer("G", company.fiscal_code, company.name, person.email)
    return Payer("F", person.fiscal_code or ANONYMOUS, str(person), person.email)


@transaction.atomic
def case_settle(*, case_id: int) -> Case:
    """The charges were paid. For a case that ended meanwhile the fact is recorded and the office decides."""
    case = lock(case_id)
    actor = Actor.system("payments")
    if case.state != State.PAYMENT_DUE:
        if case.state in CLOSED:
            events.paid_out_of_turn(case, actor=actor)
        return case
    apply(case, action=Action.SETTLE, role=Role.SYSTEM, actor=actor)
    tell_applicant(case, template="paid")
    return case


@transaction.atomic
def case_issue(*, case_id: int, actor: Actor) -> Document:
    """Issue the act and close the case. The service's handler makes the document."""
    case = lock(case_id)
    apply(case, action=Action.ISSUE, role=Role.OFFICER, actor=actor)
    document = handler_of(case).issue(case, actor)
    protocol_out(case, subject=document.title, document_sha256=document.file.sha256, actor=actor)
    tell_applicant(case, template="issued", context={"document": document})
    return document


@transaction.atomic
def case_archive(*, case_id: int, reasons: str, actor: Actor) -> Case:
    """Close a case whose applicant neither answered nor paid; an open charge is taken back."""
    reasons = required(reasons, message="Scrivi perché la pratica viene archiviata.")
    case = lock(case_id)
    drop_charges(case, actor=actor)
    close_requests(case)
    apply(case, action=Action.ARCHIVE, role=Role.OFFICER, actor=actor)
    tell_applicant(case, template="archived", context={"reasons": reasons})
    return case


def drop_charges(case: Case, *, actor: Actor) -> None:
    """Take back what was asked for and not paid. Raises DomainError when it was paid meanwhile.

    The rows are locked before they are read: a receipt that is being judged now has either settled its charge, and
    the case must not end without its act, or finds it cancelled, and goes to the accountants.
    """
    for charge in charges_of_source(case.source).select_for_update(of=("self",)).order_by("pk"):
        if charge.state == ChargeState.SETTLED:
            raise DomainError("charge_paid", "Gli oneri risultano già pagati: la pratica non si può più chiudere così.")
        if charge.state == ChargeState.REQUESTED:
            billing.cancel_charge(charge_id=charge.pk, actor=actor)


def close_requests(case: Case) -> None:
    """Nobody waits for an answer any more."""
    CitizenRequest.objects.filter(case=case, closed_at__isnull=True).update(closed_at=clock.now())


def note_add(*, case_id: int, user: User, text: str, actor: Actor) -> CaseNote:
    """Write an internal note, in any state."""
    text = required(text, message="Scrivi il testo della nota.")
    with transaction.atomic():
        case = lock(case_id)
        events.note_added(case, actor=actor)
        return CaseNote.objects.create(
            entity_id=case.entity_id, case=case, author=user, text=text, created_at=clock.now()
        )


def applicant_write(*, case_id: int, text: str, actor: Actor) -> None:
    """A free message of the office to the applicant, about a case in any state."""
    text = required(text, message="Scrivi il testo del messaggio.")
    with transaction.atomic():
        case = lock(case_id)
        events.applicant_written(case, actor=actor)
        tell_applicant(case, template="office_message", context={"text": text})


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
