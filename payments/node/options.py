"""Every way to pay a position, as the payment-options service of the node wants it: here the creditor is a REST server.

Read-only, like a verify. A position of which nothing can be paid answers with the fault of the number that was asked.
"""

from datetime import date, datetime, time
from typing import Any

from django_scopes import scope, scopes_disabled

from payments.domain.codes import NAV_LENGTH, PROBE_NAV
from payments.domain.states import PAYABILITY_LABELS, Payability, last_payable_day
from payments.models import CreditorEntity, Instalment, PaymentOption, Position
from payments.node.faults import FaultCode, StationFault
from payments.node.lookup import FAULT_OF
from portal import clock

Json = dict[str, Any]
# One day ends at its last second: the service has no plain days.
_LAST_SECOND = time(23, 59, 59)


def payment_options(*, entity: str, nav: str, on: date) -> tuple[int, Json]:
    """The body's id and the answer. Raises StationFault (SYNTAX, UNKNOWN, ENTITY, and those of a verify)."""
    if not (_digits(entity, 11) and is_number(nav)):
        raise StationFault(FaultCode.SYNTAX)
    if nav == PROBE_NAV:
        # The node asks whether we are alive: this answer, before any other check, says yes.
        raise StationFault(FaultCode.UNKNOWN)
    creditor = _creditor(entity)
    with scope(entity=creditor.entity_id):
        asked = Instalment.objects.filter(nav=nav, creditor=creditor).select_related("option__position").first()
        if asked is None:
            raise StationFault(FaultCode.UNKNOWN, entity_id=creditor.entity_id)
        options = _options(asked.option.position)
        verdicts = _verdicts(options, on=on)
        if Payability.PAYABLE not in verdicts.values():
            verdict = verdicts.get(asked.pk, Payability.WITHDRAWN)
            raise StationFault(FAULT_OF[verdict], entity_id=creditor.entity_id)
        position = asked.option.position
        answer: Json = {"organizationFiscalCode": entity, "companyName": creditor.entity.name}
        if position.office_name:
            answer["officeName"] = position.office_name
        answer["standin"] = False
        answer["paymentOptions"] = [_option(position, option, verdicts, on=on) for option in options]
        return creditor.entity_id, answer


def is_number(nav: str) -> bool:
    """Whether a text of the address has the shape of a notice number."""
    return _digits(nav, NAV_LENGTH)


def _digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()


def _creditor(entity: str) -> CreditorEntity:
    with scopes_disabled():
        creditor = (
            CreditorEntity.objects.filter(entity__fiscal_code=entity, station_links__active=True)
            .select_related("entity")
            .first()
        )
    if creditor is None:
        raise StationFault(FaultCode.ENTITY)
    return creditor


def _options(position: Position) -> list[PaymentOption]:
    rows = position.options.select_related("position__debt_kind").order_by("pk")
    found = rows.prefetch_related("instalments__transfers", "instalments__dated_amounts")
    return [option for option in found if option.withdrawn_at is None or _paid(option)]


def _paid(option: PaymentOption) -> bool:
    return any(row.paid_at is not None for row in option.instalments.all())


def _verdicts(options: list[PaymentOption], *, on: date) -> dict[int, Payability]:
    """Whether each instalment can be paid today; one option used closes the others."""
    used = {option.pk for option in options if option.withdrawn_at is None and _paid(option)}
    verdicts = {}
    for option in options:
        for row in option.instalments.all():
            row.option = option
            verdicts[row.pk] = row.payability(on, sibling_used=bool(used - {option.pk}))
    return verdicts


def _option(position: Position, option: PaymentOption, verdicts: dict[int, Payability], *, on: date) -> Json:
    rows = sorted(option.instalments.all(), key=lambda row: row.number)
    instalments = [_instalment(position, row, verdicts[row.pk], of=len(rows), on=on) for row in rows]
    return {
        "description": option.description or position.description,
        "numberOfInstallments": len(rows),
        "dueDate": max(row["dueDate"] for row in instalments),
        "validFrom": min(row["validFrom"] for row in instalments),
        "amount": sum(row["amount"] for row in instalments),
        "status": _option_status([row["status"] for row in instalments]),
        "statusReason": "; ".join(dict.fromkeys(row["statusReason"] for row in instalments)),
        "allCCP": all(transfer.postal_iban for row in rows for transfer in row.transfers.all()),
        "installments": instalments,
    }


def _instalment(position: Position, row: Instalment, verdict: Payability, *, of: int, on: date) -> Json:
    kind, issued_on = position.debt_kind, position.created_at.astimezone(clock.ROME).date()
    due_on = last_payable_day(due_on=row.due_on, issued_on=issued_on, open_days=kind.open_days if kind else None, on=on)
    return {
        "nav": row.nav,
        "iuv": row.iuv,
        "amount": row.cents_on(on),
        "description": position.description if of == 1 else f"Rata {row.number} di {of}",
        "dueDate": datetime.combine(due_on, _LAST_SECOND).isoformat(),
        "validFrom": datetime.combine(row.option.valid_from or issued_on, time()).isoformat(),
        "status": _status(row, verdict, on=on),
        "statusReason": PAYABILITY_LABELS[verdict],
    }


def _status(row: Instalment, verdict: Payability, *, on: date) -> str:
    if verdict is Payability.PAYABLE:
        return "POI_EXPIRED_UNPAID" if row.due_on is not None and on > row.due_on else "POI_UNPAID"
    return {Payability.PAID: "POI_PAID", Payability.EXPIRED: "POI_EXPIRED_NOT_PAYABLE"}.get(verdict, "POI_INVALID")


def _option_status(statuses: list[str]) -> str:
    if "POI_PAID" in statuses:
        return "PO_PAID" if set(statuses) == {"POI_PAID"} else "PO_PARTIALLY_PAID"
    order = ("UNPAID", "EXPIRED_UNPAID", "EXPIRED_NOT_PAYABLE")
    return next((f"PO_{name}" for name in order if f"POI_{name}" in statuses), "PO_INVALID")
