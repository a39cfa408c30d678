"""Debts of a body for the tests of its books: the rows alone, without the papers."""

from datetime import date
from itertools import count
from typing import Any

from payments.models import (
    Broker,
    CreditorEntity,
    DebtKind,
    Instalment,
    PaymentOption,
    Position,
    Station,
    StationLink,
    Transfer,
)
from portal import clock
from portal.billing.models import Charge
from portal.entities.models import Entity

SEGREGATION = 1
_numbers = count(1)


def creditor(entity: Entity) -> CreditorEntity:
    """The body as pagoPA knows it, with one link to a station."""
    found = CreditorEntity.objects.filter(entity=entity).first()
    if found is not None:
        return found
    row = CreditorEntity.objects.create(entity=entity, cbill_code="AB123", iban="IT60X0542811101000000123456")
    broker = Broker.objects.create(entity=entity, name="Intermediario", fiscal_code=entity.fiscal_code)
    station = Station.objects.create(entity=entity, broker=broker, code="80000000010_01")
    StationLink.objects.create(entity=entity, creditor=row, station=station, segregation_code=SEGREGATION)
    return row


def debt(entity: Entity, *, cents: int = 4800, **changes: Any) -> Instalment:
    """A debt and the notice that asks for it; `changes` are of its option."""
    number, owner = next(_numbers), creditor(entity)
    charge = Charge.objects.create(
        entity=entity, source=f"prova:{number}", handler="", payer_kind="F", payer_fiscal_code="RSSMRA60D20F205R",
        payer_name="Mario Rossi", description="Prova", amount_cents=cents, created_at=clock.now(),
    )  # fmt: skip
    position = Position.objects.create(
        entity=entity, creditor=owner, charge=charge, state="published", description="Prova", debtor_kind="F",
        debtor_name="Mario Rossi", created_at=clock.now(),
    )  # fmt: skip
    return numbered(position, cents=cents, **changes)


def numbered(
    position: Position, *, cents: int = 4800, option: PaymentOption | None = None, **changes: Any
) -> Instalment:
    """A number more for a debt: another way to pay it, or another instalment of a way."""
    entity_id = position.entity_id
    way = option or PaymentOption.objects.create(
        entity_id=entity_id, position=position, **({"kind": "single"} | changes)
    )
    iuv = f"{SEGREGATION:02d}{next(_numbers):015d}"
    row = Instalment.objects.create(
        entity_id=entity_id, creditor=position.creditor, option=way, nav=f"3{iuv}", iuv=iuv,
        number=way.instalments.count() + 1, amount_cents=cents,
    )  # fmt: skip
    Transfer.objects.create(
        entity_id=entity_id, instalment=row, seq=1, beneficiary_fiscal_code=position.entity.fiscal_code,
        beneficiary_name="Ente", amount_cents=cents, iban=position.creditor.iban, category="0101101IM",
        remittance="prova", debt_kind=_kind(position.entity),
    )  # fmt: skip
    return row


def _kind(entity: Entity) -> DebtKind:
    values = {"description": "Prova", "taxonomy_code": "0101101IM", "source": "prova"}
    return DebtKind.objects.get_or_create(entity=entity, code="PROVA", valid_from=date(2026, 1, 1), defaults=values)[0]
