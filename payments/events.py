"""Audit events of payments, one typed function each. Codes and ids only, no personal data."""

from datetime import datetime

from django.db.models import Model

from payments.models import (
    NodeCall,
    Notice,
    OutsidePayment,
    Position,
    PositionFile,
    PositionFileReading,
    QuarantinedMessage,
    Receipt,
    ReceiptCase,
    Refund,
    Reminder,
    SpontaneousPayment,
    StampCheck,
)
from portal.audit.actor import Actor
from portal.audit.services import record

NODE = Actor.system("pagoPA")
PAYMENTS = Actor.system("pagamenti")


def position_opened(position: Position, *, navs: list[str]) -> None:
    """A charge became a debt with its notice numbers."""
    record("payments.position_opened", subject=position, actor=PAYMENTS, data={"navs": navs})


def position_suspended(position: Position, *, actor: Actor) -> None:
    """An office stopped the payment of a position."""
    record("payments.position_suspended", subject=position, actor=actor)


def position_resumed(position: Position, *, actor: Actor) -> None:
    """A suspended position can be paid again."""
    record("payments.position_resumed", subject=position, actor=actor)


def position_file_received(file: PositionFile, *, actor: Actor) -> None:
    """A file of positions was kept."""
    record("payments.position_file_received", subject=file, actor=actor, data={"sha256": file.sha256})


def positions_imported(reading: PositionFileReading, *, actor: Actor) -> None:
    """The rows of a file became positions, all of them."""
    data = {"new": reading.new_rows, "known": reading.known_rows, "cents": reading.new_cents}
    record("payments.positions_imported", subject=reading.file, actor=actor, data=data)


def positions_exported(user: Model, *, filters: list[str], actor: Actor) -> None:
    """Somebody took a list of positions away in a file."""
    record("payments.positions_exported", subject=user, actor=actor, data={"filters": filters})


def position_moved(position: Position, *, before: str, actor: Actor) -> None:
    """A position changed state."""
    record(
        "payments.position_moved", subject=position, actor=actor, data={"before": before, "after": str(position.state)}
    )


def options_changed(position: Position, *, withdrawn: list[int], offered: list[int], actor: Actor) -> None:
    """Some ways to pay took the place of others."""
    record("payments.options_changed", subject=position, actor=actor, data={"withdrawn": withdrawn, "offered": offered})


def notice_printed(notice: Notice) -> None:
    """The notice's PDF was made."""
    record("payments.notice_printed", subject=notice, actor=PAYMENTS, data={"layout": notice.layout})


def reminder_sent(reminder: Reminder) -> None:
    """The debtor was reminded of a due date."""
    record("payments.reminder_sent", subject=reminder, actor=PAYMENTS, data={"code": reminder.code})


def receipt_arrived(receipt: Receipt) -> None:
    """A receipt was kept."""
    record("payments.receipt_arrived", subject=receipt, actor=NODE, data={"nav": receipt.nav})


def receipt_judged(case: ReceiptCase) -> None:
    """A receipt was matched, or put in the queue."""
    record(
        "payments.receipt_judged",
        subject=case,
        actor=PAYMENTS,
        data={"state": str(case.state), "settles": case.settles, "anomalies": [str(code) for code in case.anomalies]},
    )


def stamp_checked(check: StampCheck, *, actor: Actor) -> None:
    """A digital stamp was checked again."""
    data = {"state": str(check.state), "findings": [str(code) for code in check.findings]}
    record("payments.stamp_checked", subject=check, actor=actor, data=data)


def journal_purged(last: NodeCall, *, before: datetime, rows: int) -> None:
    """Calls of the node older than the term were let go."""
    record("payments.journal_purged", subject=last, actor=PAYMENTS, data={"before": before.isoformat(), "rows": rows})


def quarantine_purged(last: QuarantinedMessage, *, before: datetime, rows: int) -> None:
    """Messages kept in quarantine beyond the term were let go."""
    record(
        "payments.quarantine_purged", subject=last, actor=PAYMENTS, data={"before": before.isoformat(), "rows": rows}
    )


def receipt_resolved(case: ReceiptCase, *, actor: Actor) -> None:
    """A person closed an odd receipt."""
    record("payments.receipt_resolved", subject=case, actor=actor)


def refund_requested(refund: Refund, *, actor: Actor) -> None:
    """An accountant asked that money goes back."""
    data = {"case": refund.case_id, "cents": refund.amount_cents}
    record("payments.refund_requested", subject=refund, actor=actor, data=data)


def refund_moved(refund: Refund, *, before: str, actor: Actor) -> None:
    """A refund was approved, refused, ordered, or its outcome is known."""
    data = {"before": before, "after": str(refund.state)}
    record("payments.refund_moved", subject=refund, actor=actor, data=data)


def outside_recorded(row: OutsidePayment, *, actor: Actor) -> None:
    """Somebody recorded money that came outside pagoPA, or asked to take such a record back."""
    data = {"position": row.position_id, "cents": row.amount_cents, "how": str(row.how), "reverses": row.reverses_id}
    record("payments.outside_recorded", subject=row, actor=actor, data=data)


def outside_moved(row: OutsidePayment, *, before: str, actor: Actor) -> None:
    """Somebody else confirmed or refused it."""
    data = {"before": before, "after": str(row.state), "due": row.due_cents, "as_balance": row.as_balance}
    record("payments.outside_moved", subject=row, actor=actor, data=data)


def setting_changed(setting: Model, *, fields: list[str], actor: Actor) -> None:
    """An administrator changed a setting of payments."""
    record("payments.setting_changed", subject=setting, actor=actor, data={"fields": fields})


def spontaneous_opened(payment: SpontaneousPayment, *, actor: Actor) -> None:
    """Somebody asked to pay without an avviso."""
    data = {"service": payment.service.code, "channel": str(payment.channel), "charge": payment.charge_id}
    record("payments.spontaneous_opened", subject=payment, actor=actor, data=data)


def spontaneous_left(payment: SpontaneousPayment) -> None:
    """Nobody paid it in time: its avviso was taken back."""
    record("payments.spontaneous_left", subject=payment, actor=PAYMENTS, data={"charge": payment.charge_id})
