"""Positions of a made-up year in the database: by COPY, some thousands at a time, without printing or events."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from datetime import date
from hashlib import sha256
from itertools import islice
from typing import Any
from uuid import uuid4

from django.db import models, transaction

from payments.domain.states import State
from payments.models import DatedAmount, Instalment, PaymentOption, Position, Transfer
from payments.reconciliation.synthesis.days import at
from payments.reconciliation.synthesis.loading_bodies import Place
from payments.services.bulk import DATED, INSTALMENT, OPTION, TRANSFER
from portal.billing.domain.states import State as ChargeState
from portal.billing.models import Charge, ChargeLine
from portal.billing.services import CHARGE_COLUMNS, LINE_COLUMNS
from portal.entities.copying import copy_rows, reserve_ids

Row = dict[str, Any]
BATCH = 5000
HANDLER = "payments.nobody_waits"
SOURCE = "synthesis"
REASON = "Annullata nell'anno di prova"
RULE = "anno di prova"
POSITION = (
    "id", "entity_id", "creditor_id", "charge_id", "link_id", "debt_kind_id", "state", "description", "debtor_kind",
    "debtor_fiscal_code", "debtor_name", "created_at", "cancelled_at", "cancellation",
)  # fmt: skip
STAMPED = (*TRANSFER, "stamp_hash", "stamp_province")
COLUMNS: dict[type[models.Model], tuple[str, ...]] = {
    Charge: CHARGE_COLUMNS, ChargeLine: LINE_COLUMNS, Position: POSITION, PaymentOption: OPTION,
    Instalment: INSTALMENT, Transfer: STAMPED, DatedAmount: DATED,
}  # fmt: skip


def batches(rows: Iterable[Row], size: int = BATCH) -> Iterator[list[Row]]:
    """Rows, some at a time."""
    source = iter(rows)
    while batch := list(islice(source, size)):
        yield batch


def load_positions(place: Place, rows: Iterable[Row]) -> int:
    """Write the positions that are not there yet; how many. Each batch is a transaction."""
    written = 0
    for batch in batches(rows):
        with transaction.atomic():
            navs = [_first_notice(row)["nav"] for row in batch]
            known = set(Instalment.objects.filter(nav__in=navs).values_list("nav", flat=True))
            fresh = [row for row, nav in zip(batch, navs, strict=True) if nav not in known]
            _Writer(place).write(fresh)
            written += len(fresh)
    return written


def _first_notice(row: Row) -> Row:
    found: Row = row["options"][0]["notices"][0]
    return found


class _Writer:
    """Rows of the tables of a batch, put together in memory and copied at the end."""

    def __init__(self, place: Place) -> None:
        self.place, self.entity_id = place, place.entity.pk
        self.rows: dict[type[models.Model], list[tuple[Any, ...]]] = {model: [] for model in COLUMNS}

    def write(self, rows: list[Row]) -> None:
        options = [option for row in rows for option in row["options"]]
        self.option_ids = iter(reserve_ids(PaymentOption, len(options)))
        self.instalment_ids = iter(reserve_ids(Instalment, sum(len(option["notices"]) for option in options)))
        keys = zip(reserve_ids(Charge, len(rows)), reserve_ids(Position, len(rows)), rows, strict=True)
        for charge, position, row in keys:
            self._take(charge, position, row)
        for model, columns in COLUMNS.items():
            if self.rows[model]:
                copy_rows(model, columns, self.rows[model])

    def _take(self, charge: int, position: int, row: Row) -> None:
        first, place, debtor = _first_notice(row), self.place, row["debtor"]
        # What is asked for is the dearest way: the notice that is never refused.
        main = row["options"][-1]["notices"][0] if len(row["options"][-1]["notices"]) == 1 else first
        cents = sum(transfer["cents"] for transfer in main["transfers"])
        created, cancelled = at(date.fromisoformat(row["created_on"]), 9), None
        if row["cancelled_on"]:
            cancelled = at(date.fromisoformat(row["cancelled_on"]), 10)
        kind = main["transfers"][0]["kind"]
        self.rows[Charge].append(
            (
                charge, self.entity_id, uuid4(), f"{SOURCE}:{first['nav']}", HANDLER, debtor["kind"],
                debtor["fiscal_code"], debtor["name"], "", row["description"], cents, main["due_on"],
                (ChargeState.CANCELLED if cancelled else ChargeState.REQUESTED).value, main["nav"], created,
            )
        )  # fmt: skip
        self.rows[ChargeLine].append((self.entity_id, charge, 1, SOURCE, row["description"], cents, kind))
        self.rows[Position].append(
            (
                position, self.entity_id, place.creditor.pk, charge, place.links[int(first["nav"][1:3])].pk,
                place.kinds[kind].pk, (State.CANCELLED if cancelled else State.PUBLISHED).value, row["description"],
                debtor["kind"], debtor["fiscal_code"], debtor["name"], created, cancelled, REASON if cancelled else "",
            )
        )  # fmt: skip
        for option in row["options"]:
            self._option(position, option)

    def _option(self, position: int, option: Row) -> None:
        key, notices = next(self.option_ids), option["notices"]
        kind = PaymentOption.Kind.SINGLE if len(notices) == 1 else PaymentOption.Kind.PLAN
        self.rows[PaymentOption].append(
            (key, self.entity_id, position, kind.value, "", None, option["refused_after_due"])
        )
        for number, notice in enumerate(notices, start=1):
            self._instalment(key, number, notice)

    def _instalment(self, option: int, number: int, notice: Row) -> None:
        key, transfers = next(self.instalment_ids), notice["transfers"]
        self.rows[Instalment].append(
            (
                key, self.entity_id, self.place.creditor.pk, option, number, notice["nav"], notice["nav"][1:],
                sum(transfer["cents"] for transfer in transfers), notice["due_on"],
            )
        )  # fmt: skip
        for seq, transfer in enumerate(transfers, start=1):
            self._transfer(key, seq, transfer, notice["nav"])
        for day, cents in notice["dated"]:
            self.rows[DatedAmount].append((self.entity_id, key, day, cents, RULE))

    def _transfer(self, instalment: int, seq: int, transfer: Row, nav: str) -> None:
        kind, entity = self.place.kinds[transfer["kind"]], self.place.entity
        own = transfer["beneficiary"] == entity.fiscal_code
        stamp = "" if transfer["iban"] else b64encode(sha256(nav.encode()).digest()).decode()
        self.rows[Transfer].append(
            (
                self.entity_id, instalment, seq, transfer["beneficiary"],
                entity.name if own else transfer["beneficiary"], transfer["cents"], transfer["iban"], "",
                kind.taxonomy_code, kind.description, kind.pk, stamp, "PI" if stamp else "",
            )
        )  # fmt: skip
