"""The one way a case changes state: row lock, table, role, event."""

from typing import Any

from portal import clock
from portal.audit.actor import Actor
from portal.cases import events
from portal.cases.domain.states import ALLOWED, CLOSED, TRANSITIONS, Action, Role, State
from portal.cases.models import Case
from portal.cases.selectors import clock_of
from portal.kernel.errors import DomainError
from portal.kernel.states import move
from portal.messaging.services import notify
from portal.registry.models import Direction
from portal.registry.services import protocol_register


class NotForThisRole(DomainError):
    """The action belongs to somebody else."""

    def __init__(self) -> None:
        super().__init__("not_for_this_role", "Non puoi eseguire questa operazione sulla pratica.")


def lock(case_id: int) -> Case:
    """The case, locked until the end of the transaction. Needs a scope."""
    return Case.objects.select_for_update(of=("self",)).get(pk=case_id)


def apply(case: Case, *, action: Action, role: Role, actor: Actor, data: dict[str, Any] | None = None) -> None:
    """Move a locked case and write the event. Raises NotForThisRole, MoveNotAllowed."""
    if action not in ALLOWED[role]:
        raise NotForThisRole
    before = State(case.state)
    case.state = move(TRANSITIONS, before, action)
    if case.state in CLOSED:
        case.closed_at = clock.now()
    case.save(update_fields=["state", "closed_at", "assignee"])
    refresh_due(case)
    events.case_moved(case, action=action, before=before, actor=actor, data=data)


def refresh_due(case: Case) -> None:
    """Write down when the decision is due, for the queues: nothing while the clock stands still."""
    case.due_on = clock_of(case, on=clock.today()).due_on
    case.save(update_fields=["due_on"])


def tell_applicant(case: Case, *, template: str, context: dict[str, Any] | None = None) -> None:
    """A message to who submitted the case, in the name of the company if there is one."""
    notify(
        person=case.applicant_person,
        company=case.applicant_company,
        entity=case.entity,
        template=f"portal/cases/{template}",
        source=case.source,
        context={"case": case, **(context or {})},
    )


def protocol_out(case: Case, *, subject: str, document_sha256: str, actor: Actor) -> None:
    """Register what the office sends to the applicant."""
    protocol_register(
        entity=case.entity,
        direction=Direction.OUT,
        subject=f"{subject}: {case.title}",
        counterpart=str(case.applicant),
        source=case.source,
        document_sha256=document_sha256,
        actor=actor,
    )
