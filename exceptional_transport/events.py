"""Audit events of the room."""

from exceptional_transport.domain.permit_states import Action, State
from exceptional_transport.models import Permit
from portal.audit.actor import Actor
from portal.audit.services import record


def permit_issued(permit: Permit, *, actor: Actor) -> None:
    record("permit.issued", subject=permit, actor=actor, data={"number": str(permit), "case": permit.case_id})


def permit_moved(permit: Permit, *, action: Action, before: State, actor: Actor) -> None:
    record(f"permit.{action}", subject=permit, actor=actor, data={"before": before, "after": permit.state})
