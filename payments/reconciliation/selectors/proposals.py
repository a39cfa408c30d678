"""Proposals of collection orders, read: lines with the reason that holds them back, counts, rows for a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from payments.reconciliation.domain.proposals import REJECTS, Reject, RejectCard, State
from payments.reconciliation.exports.rows import OrderRow
from payments.reconciliation.models import CollectionOrderLine
from payments.reconciliation.sql import statement
from payments.reconciliation.sql.planner import few_rows
from portal.entities.models import Entity

_JUDGED = statement("proposals_judged")
_TAKEN_BACK = statement("proposals_taken_back")
_LINES = (
    _JUDGED
    + """
SELECT id, proposal_id, entity_id, state, document_number, year, booked_on, customer, open_cents, assessment_id,
    assessment_number, assessment_year, chapter, description, cents, reject
FROM judged
WHERE (%(state)s = '' OR state = %(state)s) AND (%(proposal)s::bigint IS NULL OR proposal_id = %(proposal)s)
ORDER BY booked_on, proposal_id, assessment_year NULLS LAST, assessment_number
"""
)
_COUNTS = (
    _JUDGED
    + """
SELECT state, reject, count(*), count(DISTINCT proposal_id), coalesce(sum(cents), 0)::bigint
FROM judged
GROUP BY state, reject
"""
)


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """A line of a proposal, and the reason that holds it back (None when it may go on)."""

    line_id: int
    proposal_id: int
    entity_id: int
    state: State
    provisional: str
    booked_on: date
    payer: str
    open_cents: int
    assessment: str
    chapter: str
    description: str
    cents: int
    reject: Reject | None

    @property
    def card(self) -> RejectCard | None:
        """Who must act and how, when something holds it back."""
        return REJECTS[self.reject] if self.reject else None


@dataclass(frozen=True, slots=True)
class Count:
    """How many lines and proposals are in a state, or held back for a reason, and their cents."""

    lines: int = 0
    proposals: int = 0
    cents: int = 0


@dataclass(frozen=True, slots=True)
class TakenBack:
    """An exported proposal that its orders no longer cover, and the cents that are open again."""

    proposal_id: int
    provisional: str
    cents: int


def judged_lines(
    entity_ids: Sequence[int], *, state: State | None = None, proposal_id: int | None = None
) -> list[JudgedLine]:
    """Lines of the proposals not yet exported, the oldest provisional first."""
    known = {"entities": list(entity_ids), "state": state.value if state else "", "proposal": proposal_id}
    with connection.cursor() as sql:
        sql.execute(_LINES, known)
        return [_line(row) for row in sql.fetchall()]


def counts(entity_ids: Sequence[int]) -> dict[tuple[State, Reject | None], Count]:
    """Lines by state and reason."""
    with connection.cursor() as sql:
        sql.execute(_COUNTS, {"entities": list(entity_ids)})
        rows = sql.fetchall()
    return {
        (State(state), Reject(reject) if reject else None): Count(lines, proposals, cents)
        for state, reject, lines, proposals, cents in rows
    }


def taken_back(entity_ids: Sequence[int]) -> list[TakenBack]:
    """Exported proposals whose provisional the treasurer gave free again, and that nobody has called annulled yet."""
    with few_rows() as sql:
        sql.execute(_TAKEN_BACK, {"entities": list(entity_ids)})
        return [TakenBack(*row) for row in sql.fetchall()]


def order_rows(entity: Entity) -> list[OrderRow]:
    """The approved lines of a body as a file takes them, oldest provisional first."""
    lines = (
        CollectionOrderLine.objects.filter(entity=entity, proposal__state=State.APPROVED)
        .select_related("proposal__movement", "assessment")
        .defer("proposal__movement__suspended", "proposal__movement__remittance")
        .order_by("proposal__movement__booked_on", "proposal", "assessment__year", "assessment__number")
    )
    return [_order(line) for line in lines if line.assessment is not None]


def _order(line: CollectionOrderLine) -> OrderRow:
    movement, assessment = line.proposal.movement, line.assessment
    assert assessment is not None
    return OrderRow(
        year=movement.year,
        provisional=movement.document_number,
        provisional_on=movement.booked_on,
        assessment_year=assessment.year,
        assessment=assessment.number,
        chapter=assessment.chapter,
        siope=assessment.siope,
        description=assessment.description,
        cents=line.cents,
        payer=movement.customer,
    )


def _line(row: tuple[Any, ...]) -> JudgedLine:
    (line, proposal, entity, state, number, year, booked_on, customer, left, assessment, name, its_year, chapter,
     description, cents, reject) = row  # fmt: skip
    return JudgedLine(
        line_id=line,
        proposal_id=proposal,
        entity_id=entity,
        state=State(state),
        provisional=f"{number}/{year}",
        booked_on=booked_on,
        payer=customer,
        open_cents=left,
        assessment=f"{name}/{its_year}" if assessment else "",
        chapter=chapter or "",
        description=description or "",
        cents=cents,
        reject=Reject(reject) if reject else None,
    )
