"""The folder of a year: which files it has and what their rows look like. See docs/reconciliation-data.md. Pure.

Only the standard library and the rows: a folder written by another program is read in the same way.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from payments.reconciliation.synthesis.debts import KINDS
from payments.reconciliation.synthesis.recipe import Recipe
from payments.reconciliation.synthesis.truth import movement_key, truth_of
from payments.reconciliation.synthesis.world import Body, Debt, Journal, Notice, Outside, Payment, Year
from payments.reconciliation.synthesis.writing_flows import flow_document, flow_name
from payments.reconciliation.synthesis.writing_journals import journal_document, journal_name

Row = dict[str, Any]
BODIES, TRUTH, POSITIONS, RECEIPTS, OUTSIDE, EVIDENCE = (
    "bodies.json",
    "truth.json",
    "positions.jsonl",
    "receipts.jsonl",
    "outside.jsonl",
    "evidence",
)


def write_year(recipe: Recipe, year: Year, folder: Path) -> None:
    """Write everything. The same recipe gives the same bytes."""
    _write(folder / BODIES, {"bodies": [_body(body) for body in year.bodies], "kinds": KINDS})
    for body in year.bodies:
        place = folder / body.fiscal_code
        (place / EVIDENCE).mkdir(parents=True)
        _write_rows(place / POSITIONS, (_debt(debt) for debt in year.debts if debt.body is body))
        paid = [payment for payment in year.payments if payment.body is body and payment.has_receipt]
        paid.sort(key=lambda payment: (payment.paid_at, payment.receipt_id))
        _write_rows(place / RECEIPTS, (_receipt(payment) for payment in paid))
        _write_rows(place / OUTSIDE, (_outside(each) for each in year.outside if each.body is body))
    for flow in year.flows:
        place = folder / flow.body.fiscal_code / EVIDENCE
        (place / flow_name(flow)).write_bytes(flow_document(flow))
    for journal in year.journals:
        _write_journal(folder, journal)
    _write(folder / TRUTH, truth_of(recipe, year))


def _write_journal(folder: Path, journal: Journal) -> None:
    place = folder / journal.body.fiscal_code / EVIDENCE
    for page in journal.arrived:
        (place / journal_name(journal, page)).write_bytes(journal_document(journal, page))


def read(path: Path) -> Any:
    """A JSON file. Raises ValueError when it is not JSON."""
    return json.loads(path.read_text(encoding="utf-8"))


def rows(path: Path) -> Iterator[Row]:
    """The rows of a file with one JSON object a line; none when the file is not there."""
    if path.exists():
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                if line.strip():
                    yield json.loads(line)


def evidence(folder: Path, fiscal_code: str) -> list[Path]:
    """The documents of a body, by name; they may be in folders of their own."""
    place = folder / fiscal_code / EVIDENCE
    return sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else []


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _write_rows(path: Path, found: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8") as out:
        for row in found:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def _body(body: Body) -> Row:
    return {
        "fiscal_code": body.fiscal_code,
        "code": body.code,
        "ipa_code": body.ipa_code,
        "name": body.name,
        "segregation_codes": [body.segregation],
        "accounts": [
            {"code": account.code, "description": account.description, "iban": account.iban}
            for account in body.accounts
        ],
    }


def _debt(debt: Debt) -> Row:
    return {
        "description": debt.description,
        "debtor": {"kind": "F", "fiscal_code": debt.debtor_code, "name": debt.debtor_name},
        "created_on": debt.created_on.isoformat(),
        "cancelled_on": debt.cancelled_on.isoformat() if debt.cancelled_on else None,
        "options": [
            {
                "refused_after_due": option.refused_after_due,
                "notices": [_notice(notice) for notice in option.notices],
            }
            for option in debt.options
        ],
    }


def _notice(notice: Notice) -> Row:
    return {
        "nav": notice.nav,
        "due_on": notice.due_on.isoformat() if notice.due_on else None,
        "dated": [[day.isoformat(), cents] for day, cents in notice.dated],
        "transfers": [
            {"kind": share.kind, "cents": share.cents, "beneficiary": share.beneficiary, "iban": share.iban}
            for share in notice.shares
        ],
    }


def _receipt(payment: Payment) -> Row:
    return {
        "nav": payment.nav,
        "iuv": payment.iuv,
        "receipt_id": payment.receipt_id,
        "issuer": payment.issuer,
        "paid_at": payment.paid_at.isoformat(),
        "psp": {"id": payment.psp.code, "name": payment.psp.name},
        "notification_fee": payment.fee,
        "transfers": [
            {"seq": part.seq, "beneficiary": part.beneficiary, "iban": part.iban, "cents": part.cents}
            for part in payment.parts
        ],
    }


def _outside(outside: Outside) -> Row:
    return {
        "nav": outside.nav,
        "act": {
            "number": outside.act,
            "year": outside.debt.created_on.year,
            "violated_on": outside.debt.created_on.isoformat(),
            "plate": outside.plate,
            "country": "DE",
        },
        "cents": outside.movement.cents,
        "movement": movement_key(outside.movement),
    }
