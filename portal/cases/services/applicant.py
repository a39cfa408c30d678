"""What the applicant does with a case already submitted."""

from django.db import transaction

from portal import clock
from portal.cases.domain.requests import RequestKind
from portal.cases.domain.states import Action, Role
from portal.cases.models import Case, CitizenRequest
from portal.cases.services.desk import close_requests, drop_charges, required
from portal.cases.services.moves import apply, lock, tell_applicant
from portal.kernel.errors import DomainError
from portal.people.acting import Acting

ANSWERS = {
    RequestKind.INTEGRATION: Action.ANSWER_INTEGRATION,
    RequestKind.REFUSAL_NOTICE: Action.ANSWER_REFUSAL_NOTICE,
}


@transaction.atomic
def request_answer(*, case_id: int, text: str, acting: Acting) -> CitizenRequest:
    """Answer what the office asked; the clock runs again. Raises DomainError when nothing is asked any more."""
    text = required(text, message="Scrivi la risposta.")
    case = lock(case_id)
    request = CitizenRequest.objects.filter(case=case, closed_at__isnull=True).first()
    if request is None:
        raise DomainError("nothing_asked", "L'ufficio non aspetta una risposta per questa pratica.")
    request.answer, request.answered_at, request.closed_at = text, clock.now(), clock.now()
    request.save(update_fields=["answer", "answered_at", "closed_at"])
    apply(case, action=ANSWERS[RequestKind(request.kind)], role=Role.CITIZEN, actor=acting.actor)
    return request


@transaction.atomic
def case_withdraw(*, case_id: int, acting: Acting) -> Case:
    """Withdraw an application that was not decided or paid yet; an open charge is taken back."""
    case = lock(case_id)
    drop_charges(case, actor=acting.actor)
    close_requests(case)
    apply(case, action=Action.WITHDRAW, role=Role.CITIZEN, actor=acting.actor)
    tell_applicant(case, template="withdrawn")
    return case
