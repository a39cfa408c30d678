"""Receipts of a made-up year in the database, judged as the station would have; then what they settle."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.resources import files
from typing import Any

from django.db import connection, transaction

from payments.domain.judgement import Due, Paid, Share, judge
from payments.domain.states import State, cents_on
from payments.models import Instalment, Receipt, ReceiptCase, ReceiptTransfer
from payments.models.receipts import CaseState
from payments.reconciliation.synthesis.days import ROME
from payments.reconciliation.synthesis.loading_bodies import Place
from payments.reconciliation.synthesis.loading_positions import batches
from portal import clock
from portal.entities.copying import copy_rows, reserve_ids

Row = dict[str, Any]
RECEIPT = (
    "id", "entity_id", "operation", "nav", "iuv", "receipt_id", "issuer_fiscal_code", "outcome", "amount_cents",
    "fee_cents", "psp_id", "psp_name", "channel", "payment_method", "paid_at", "applied_on", "metadata", "received_at",
    "raw",
)  # fmt: skip
PART = (
    "entity_id", "receipt_id", "seq", "beneficiary_fiscal_code", "amount_cents", "iban", "is_stamp", "category",
    "remittance",
)  # fmt: skip
CASE = ("entity_id", "receipt_id", "state", "instalment_id", "settles", "anomalies", "judged_at")
OPERATION, METHOD, FEE = "paSendRTV2", "creditCard", "NOTIFICATION_FEE"
_SETTLE = files(__package__).joinpath("settled.sql").read_text(encoding="utf-8").split(";\n")


@dataclass(slots=True)
class Standing:
    """A position while its receipts are judged, in the order of the payments."""

    row: Row
    paid: dict[str, datetime] = field(default_factory=dict)


def standings(rows: Iterable[Row]) -> dict[str, Standing]:
    """The positions by each of their notice numbers."""
    found = {}
    for row in rows:
        standing = Standing(row)
        for option in row["options"]:
            for notice in option["notices"]:
                found[notice["nav"]] = standing
    return found


def load_receipts(place: Place, rows: Iterable[Row], positions: Callable[[], Iterable[Row]]) -> int:
    """Write the receipts that are not there yet and settle what they pay; how many. Each batch is a transaction.

    The positions, which take much memory, are read only when a receipt is new.
    """
    known: dict[str, Standing] = {}
    written = 0
    for batch in batches(rows):
        with transaction.atomic():
            there = set(Receipt.objects.filter(nav__in=[row["nav"] for row in batch]).values_list("nav", "receipt_id"))
            fresh = [row for row in batch if (row["nav"], row["receipt_id"]) not in there]
            if fresh:
                known = known or standings(positions())
                _write(place, fresh, known)
            written += len(fresh)
    if written:
        with transaction.atomic(), connection.cursor() as cursor:
            for step in _SETTLE:
                cursor.execute(step, {"entity": place.entity.pk})
    return written


def _write(place: Place, rows: list[Row], known: dict[str, Standing]) -> None:
    entity_id = place.entity.pk
    navs = [row["nav"] for row in rows if row["nav"] in known]
    instalments = dict(Instalment.objects.filter(nav__in=navs).values_list("nav", "pk"))
    receipts, parts, cases = [], [], []
    for key, row in zip(reserve_ids(Receipt, len(rows)), rows, strict=True):
        receipts.append(_receipt(key, entity_id, row))
        for part in row["transfers"]:
            parts.append(
                (
                    entity_id, key, part["seq"], part["beneficiary"], part["cents"], part["iban"], not part["iban"],
                    "9/SINT01TS/", "anno di prova",
                )
            )  # fmt: skip
        cases.append(_case(key, place, row, known.get(row["nav"]), instalments))
    copy_rows(Receipt, RECEIPT, receipts)
    copy_rows(ReceiptTransfer, PART, parts)
    copy_rows(ReceiptCase, CASE, cases)


def _cents(row: Row) -> int:
    return sum(part["cents"] for part in row["transfers"])


def _paid_at(row: Row) -> datetime:
    return datetime.fromisoformat(row["paid_at"])


def _receipt(key: int, entity_id: int, row: Row) -> tuple[Any, ...]:
    paid_at, psp = _paid_at(row), row["psp"]
    metadata = f'{{"{FEE}": "{row["notification_fee"]}"}}' if row["notification_fee"] else "{}"
    return (
        key, entity_id, OPERATION, row["nav"], row["iuv"], row["receipt_id"], row["issuer"], "OK", _cents(row), 0,
        psp["id"], psp["name"], f"{psp['id']}_01", METHOD, paid_at, paid_at.astimezone(ROME).date(), metadata, paid_at,
        f'<receipt id="{row["receipt_id"]}"/>'.encode(),
    )  # fmt: skip


def _case(key: int, place: Place, row: Row, standing: Standing | None, instalments: dict[str, int]) -> tuple[Any, ...]:
    """What the station makes of the receipt, on the day of the payment."""
    day = _paid_at(row).astimezone(ROME).date()
    fiscal_code = place.entity.fiscal_code
    own = row["issuer"] == fiscal_code
    shares = tuple(Share(part["seq"], part["beneficiary"], part["cents"]) for part in row["transfers"])
    fee = row["notification_fee"]
    paid = Paid(outcome_ok=True, own_issuer=own, iuv=row["iuv"], cents=_cents(row), on=day, shares=shares)
    due = _due(standing, row["nav"], day, fee) if own and standing else None
    verdict = judge(paid, due)
    if verdict.settles and standing:
        standing.paid[row["nav"]] = _paid_at(row)
    anomalies = "[" + ", ".join(f'"{anomaly.value}"' for anomaly in verdict.anomalies) + "]"
    state = CaseState.TO_REVIEW if verdict.anomalies else CaseState.MATCHED
    instalment = instalments.get(row["nav"]) if own else None
    return (place.entity.pk, key, state.value, instalment, verdict.settles, anomalies, clock.now())


def _due(standing: Standing, nav: str, day: date, fee: int) -> Due:
    row = standing.row
    option = next(each for each in row["options"] if any(notice["nav"] == nav for notice in each["notices"]))
    notice = next(each for each in option["notices"] if each["nav"] == nav)
    printed = sum(transfer["cents"] for transfer in notice["transfers"])
    dated = [(date.fromisoformat(since), cents) for since, cents in notice["dated"]]
    cents = cents_on(day, printed=printed, dated=dated) + fee
    own_navs = {each["nav"] for each in option["notices"]}
    cancelled = row["cancelled_on"] is not None and date.fromisoformat(row["cancelled_on"]) < day
    return Due(
        state=State.CANCELLED if cancelled else State.PUBLISHED,
        iuv=nav[1:],
        cents=cents,
        paid=nav in standing.paid,
        sibling_used=any(other not in own_navs for other in standing.paid),
        due_on=date.fromisoformat(notice["due_on"]) if notice["due_on"] else None,
        refused_after_due=option["refused_after_due"],
        shares=tuple(
            Share(seq, each["beneficiary"], each["cents"] + (cents - printed if seq == 1 else 0))
            for seq, each in enumerate(notice["transfers"], start=1)
        ),
    )
