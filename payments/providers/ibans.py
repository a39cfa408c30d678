"""Are our accounts registered at pagoPA? A payment to one that is not is refused, or goes to the wrong account."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from payments.gateways.ibans import BackOfficeClient, RegisteredIban
from payments.models import CreditorEntity, DebtKind, IbanCheck, StationLink
from portal import clock
from portal.kernel.errors import GatewayError

State = IbanCheck.State
Uses = dict[tuple[str, str], list[str]]  # account and whose it is: what uses it


def check_ibans(*, entity_id: int) -> int:
    """Compare the accounts of a body with the back office; how many are not in order. Raises GatewayError.

    With a back office that does not answer the last check stays, with its date. Needs the scope of the body.
    """
    # The Region's accounts are registered by the Region.
    links = StationLink.objects.filter(entity_id=entity_id, active=True).exclude(provider=StationLink.Provider.IRIS)
    brokers = sorted(set(links.values_list("station__broker__fiscal_code", flat=True)))
    if not brokers:
        raise GatewayError("no broker to ask about accounts", permanent=True)
    known: list[RegisteredIban] = []
    for broker in brokers:
        with BackOfficeClient(broker=broker) as client:
            known += client.ibans()
    return _record(entity_id, _used(entity_id), known)


def _used(entity_id: int) -> Uses:
    """Every account that a new position may name, and who uses it."""
    uses: Uses = {}
    creditor = CreditorEntity.objects.select_related("entity").filter(entity_id=entity_id).first()
    if creditor is None:
        return uses
    own = creditor.entity.fiscal_code
    for iban, label in ((creditor.iban, "conto dell'ente"), (creditor.postal_iban, "conto postale dell'ente")):
        if iban:
            uses.setdefault((iban, own), []).append(label)
    today = clock.today()
    for kind in DebtKind.objects.filter(entity_id=entity_id).exclude(iban="").order_by("code"):
        if kind.valid_until is None or kind.valid_until >= today:
            uses.setdefault((kind.iban, kind.beneficiary_fiscal_code or own), []).append(kind.code)
    return uses


def _record(entity_id: int, uses: Uses, known: Iterable[RegisteredIban]) -> int:
    now = clock.now()
    found: dict[tuple[str, str], RegisteredIban] = {}
    for row in known:
        # The same account through two brokers: the better news counts.
        held = found.get((row.iban, row.entity))
        if held is None or _rank(row, now) > _rank(held, now):
            found[row.iban, row.entity] = row
    wrong = 0
    with transaction.atomic():
        for (iban, beneficiary), labels in uses.items():
            registered = found.get((iban, beneficiary))
            state = _state(registered, now)
            wrong += state is not State.REGISTERED
            IbanCheck.objects.update_or_create(
                entity_id=entity_id,
                iban=iban,
                beneficiary_fiscal_code=beneficiary,
                defaults={
                    "used_by": ", ".join(labels)[:300],
                    "state": state,
                    "valid_from": registered.valid_from if registered is not None else None,
                    "checked_at": now,
                },
            )
        IbanCheck.objects.filter(entity_id=entity_id, checked_at__lt=now).delete()
    return wrong


def _state(row: RegisteredIban | None, now: datetime) -> IbanCheck.State:
    if row is None:
        return State.MISSING
    if not row.enabled:
        return State.DISABLED
    return State.NOT_YET if row.valid_from > now else State.REGISTERED


def _rank(row: RegisteredIban, now: datetime) -> int:
    order = (State.MISSING, State.DISABLED, State.NOT_YET, State.REGISTERED)
    return order.index(_state(row, now))
