"""Audit events of fines, one typed function each. Codes and ids only, no personal data."""

from datetime import date

from payments.fines.models import DriverData, Fine, FineFile, FineImport, FineRest, ReadyNotice
from portal.audit.actor import Actor
from portal.audit.services import record

FINES = Actor.system("multe")


def file_received(file: FineFile, *, actor: Actor) -> None:
    """A file of the back office was kept."""
    record("fines.file_received", subject=file, actor=actor, data={"kind": file.kind, "sha256": file.sha256})


def file_imported(reading: FineImport, *, actor: Actor) -> None:
    """The rows of a file are in: one event for all of them."""
    data = {"file": reading.file_id, "new": reading.new_rows, "known": reading.known_rows}
    record("fines.file_imported", subject=reading, actor=actor, data=data)


def file_refused(reading: FineImport, *, actor: Actor) -> None:
    """A file has errors: none of its rows came in."""
    data = {"file": reading.file_id, "errors": reading.totals.get("errors_count", 0)}
    record("fines.file_refused", subject=reading, actor=actor, data=data)


def served(fine: Fine, *, before: date | None, actor: Actor) -> None:
    """The day of service became known, or was put right."""
    data = {"before": before, "served_on": fine.served_on, "how": str(fine.served_how)}
    record("fines.served", subject=fine, actor=actor, data=data)


def send_fee_set(fine: Fine, *, before: int, actor: Actor) -> None:
    """What serving the act by SEND costs became known, or was put right."""
    record("fines.send_fee_set", subject=fine, actor=actor, data={"before": before, "cents": fine.send_fee_cents})


def moved(fine: Fine, *, before: str, actor: Actor, why: str) -> None:
    """An appeal, a plan, a cancellation, or the end of one."""
    record("fines.moved", subject=fine, actor=actor, data={"before": before, "after": str(fine.stage), "why": why})


def driver_declared(data: DriverData, *, actor: Actor) -> None:
    """Somebody said who was driving."""
    record("fines.driver_declared", subject=data, actor=actor, data={"fine": data.fine_id, "in_time": data.in_time})


def notice_ready(notice: ReadyNotice) -> None:
    """A text for the IO app was prepared."""
    record("fines.notice_ready", subject=notice, actor=FINES, data={"fine": notice.fine_id, "code": notice.code})


def rest_decided(rest: FineRest, *, actor: Actor) -> None:
    """The difference of a fine paid too little was asked for, or let go."""
    data = {"fine": rest.fine_id, "decision": str(rest.decision), "cents": rest.cents, "position": rest.position_id}
    record("fines.rest_decided", subject=rest, actor=actor, data=data)
