"""Audit events of what persons decide by hand, one typed function each."""

from payments.reconciliation.models import DuplicateMark, OutsideCredit, ReceiptRequest
from portal.audit.actor import Actor
from portal.audit.services import record


def duplicate_marked(*, mark: DuplicateMark, actor: Actor) -> None:
    """A person called a payment a double one. The reason stays with the row."""
    record("reconciliation.duplicate_marked", subject=mark, actor=actor, data=_payment(mark))


def duplicate_unmarked(*, mark: DuplicateMark, actor: Actor) -> None:
    """A person said that a payment is no double one."""
    record("reconciliation.duplicate_unmarked", subject=mark, actor=actor, data=_payment(mark))


def outside_credited(*, credit: OutsideCredit, actor: Actor) -> None:
    """A credit of the treasury was recorded as a payment outside pagoPA."""
    data = {"movement": credit.movement_id, "outside": credit.outside_id}
    record("reconciliation.outside_credited", subject=credit, actor=actor, data=data)


def receipt_asked(*, request: ReceiptRequest, actor: Actor) -> None:
    """The copy of a receipt was asked of pagoPA."""
    record("reconciliation.receipt_asked", subject=request, actor=actor, data={"line": request.line_id})


def receipt_answered(*, request: ReceiptRequest, actor: Actor) -> None:
    """pagoPA answered, or will not."""
    data = {"line": request.line_id, "state": str(request.state), "attempts": request.attempts}
    record("reconciliation.receipt_answered", subject=request, actor=actor, data=data)


def _payment(mark: DuplicateMark) -> dict[str, str]:
    return {"iuv": mark.iuv, "iur": mark.iur, "first": mark.first_iuv}
