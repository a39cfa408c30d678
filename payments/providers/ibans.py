"""Are our accounts registered at pagoPA? A payment to one that is not is refused, or goes to the wrong account.

Each account is registered for the body it belongs to. The accounts of another beneficiary are looked up when its list
can be read: through a broker of ours that serves it too, or through its own brokers when it is a body of this
installation. Otherwise nothing is known of them, and nothing is said against them.
"""

import logging
from collections.abc import Container, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django_scopes import scopes_disabled

from payments.gateways.ibans import BackOfficeClient, RegisteredIban
from payments.models import CreditorEntity, DebtKind, IbanCheck, StationLink
from portal import clock
from portal.kernel.errors import GatewayError

State = IbanCheck.State
logger = logging.getLogger(__name__)
Uses = dict[tuple[str, str], list[str]]  # account and whose it is: what uses it


def check_ibans(*, entity_id: int) -> int:
    """Compare the accounts of a body with the back office; how many are not in order. Raises GatewayError.

    With a back office that does not answer the last check stays, with its date. Needs the scope of the body.
    """
    brokers = _brokers(Q(entity_id=entity_id))
    if not brokers:
        raise GatewayError("no broker to ask about accounts", permanent=True)
    known = [row for broker in brokers for row in _registered(broker)]
    creditor = CreditorEntity.objects.select_related("entity").get(entity_id=entity_id)
    uses, unread = _used(creditor), set()
    others = {beneficiary for _iban, beneficiary in uses} - {creditor.entity.fiscal_code}
    for beneficiary in sorted(others - {row.entity for row in known}):
        rows = _of_another(beneficiary, asked=brokers)
        if rows is None:
            unread.add(beneficiary)
        else:
            known += rows
    return _record(entity_id, uses, known, unread=unread)


def _brokers(body: Q) -> list[str]:
    """Whom to ask about a body. The Region's accounts are registered by the Region."""
    links = StationLink.objects.filter(body, active=True).exclude(provider=StationLink.Provider.IRIS)
    return sorted(set(links.values_list("station__broker__fiscal_code", flat=True)))


def _registered(broker: str) -> list[RegisteredIban]:
    with BackOfficeClient(broker=broker) as client:
        return list(client.ibans())


def _of_another(beneficiary: str, *, asked: Iterable[str]) -> list[RegisteredIban] | None:
    """The accounts of another body of this installation; None when its list cannot be read."""
    with scopes_disabled():  # which brokers a body has is no secret of it
        brokers = _brokers(Q(creditor__entity__fiscal_code=beneficiary))
    if not brokers:
        return None
    try:
        return [row for broker in brokers if broker not in asked for row in _registered(broker)]
    except GatewayError as error:
        logger.warning("accounts of %s not read: %s", beneficiary, error)
        return None


def _used(creditor: CreditorEntity) -> Uses:
    """Every account that a new position may name, and who uses it."""
    uses: Uses = {}
    own = creditor.entity.fiscal_code
    for iban, label in ((creditor.iban, "conto dell'ente"), (creditor.postal_iban, "conto postale dell'ente")):
        if iban:
            uses.setdefault((iban, own), []).append(label)
    today = clock.today()
    for kind in DebtKind.objects.filter(entity_id=creditor.entity_id).exclude(iban="").order_by("code"):
        if kind.valid_until is None or kind.valid_until >= today:
            uses.setdefault((kind.iban, kind.beneficiary_fiscal_code or own), []).append(kind.code)
    return uses


def _record(entity_id: int, uses: Uses, known: Iterable[RegisteredIban], *, unread: Container[str]) -> int:
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
            state = State.FOREIGN if beneficiary in unread else _state(registered, now)
            wrong += state not in (State.REGISTERED, State.FOREIGN)
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
