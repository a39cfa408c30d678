"""The truth of a made-up year: what has to be found, and how much money each document speaks of. Pure."""

from collections import Counter
from typing import Any

from payments.reconciliation.synthesis.recipe import Recipe
from payments.reconciliation.synthesis.world import Body, Flow, Line, Movement, Payment, Planted, Year

Row = dict[str, Any]
FORMAT = 1


def truth_of(recipe: Recipe, year: Year) -> Row:
    """The content of truth.json: see docs/reconciliation-data.md."""
    rows = [_row(planted) for planted in year.planted]
    rows.sort(key=lambda row: (row["entity"], row["code"], row["subject"], sorted(map(str, row["key"].values()))))
    return {
        "format": FORMAT,
        "seed": recipe.seed,
        "first": recipe.first.isoformat(),
        "last": recipe.last.isoformat(),
        "codes": dict(sorted(Counter(row["code"] for row in rows).items())),
        "money": {body.fiscal_code: _money(body, year) for body in recipe.bodies},
        "problems": rows,
    }


def _row(planted: Planted) -> Row:
    subject, body, key = _subject(planted)
    return {
        "code": planted.code,
        "subject": subject,
        "entity": body.fiscal_code,
        "key": key,
        "cents": _cents(planted) if planted.cents is None else planted.cents,
    }


def _subject(planted: Planted) -> tuple[str, Body, Row]:
    on = planted.on
    if isinstance(on, Payment):
        # A payment is found on its line; on its receipt as long as no flow reports it.
        if on.lines and planted.code != "receipt_without_flow":
            return "line", on.body, line_key(on.lines[0])
        return "receipt", on.body, {"nav": on.nav, "receipt_id": on.receipt_id}
    if isinstance(on, Line):
        return "line", on.payment.body, line_key(on)
    if isinstance(on, Flow):
        return "flow", on.body, flow_key(on)
    if isinstance(on, Movement):
        return "movement", on.body, movement_key(on)
    treasurer = {"treasurer": on.body.treasurer_code}
    if planted.code == "journal_incomplete":
        return "journal", on.body, treasurer | {"journal": on.name, "day": on.day.isoformat()}
    return "journal", on.body, treasurer | {"journal": on.identifier(1), "page": 1}


def _cents(planted: Planted) -> int:
    """What the document itself says."""
    on = planted.on
    if isinstance(on, Payment):
        return sum(line.cents for line in on.lines) if on.lines else on.own_cents
    if isinstance(on, Flow):
        return on.declared_cents
    assert isinstance(on, Line | Movement)
    return on.cents


def line_key(line: Line) -> Row:
    """What makes a line itself, within a body."""
    assert line.flow is not None
    payment = line.payment
    return flow_key(line.flow) | {
        "seq": line.seq,
        "iuv": payment.iuv,
        "iur": payment.receipt_id,
        "transfer": line.transfer,
    }


def flow_key(flow: Flow) -> Row:
    """What makes a flow itself, within a body."""
    return {"psp": flow.psp.code, "iuf": flow.iuf.upper(), "revision": flow.revision}


def movement_key(movement: Movement) -> Row:
    """What makes a row of a journal itself, within a body; numbers without padding."""
    return {
        "treasurer": movement.body.treasurer_code,
        "account": movement.account.code,
        "year": movement.day.year,
        "type": movement.kind,
        "number": str(movement.number),
        "progressive": "0",
        "operation": movement.operation,
        "movement": _movement_number(movement),
    }


def _movement_number(movement: Movement) -> str:
    """In layout 1.4, which has no numbers, what happens to a document after it is done has its day and place."""
    if movement.body.layout != "1.4":
        return str(movement.movement_number)
    return "0" if movement.operation == "ESEGUITO" else f"{movement.day:%Y%m%d}01"


def _money(body: Body, year: Year) -> Row:
    """Sums in cents, as the documents that arrived tell them."""
    payments = [payment for payment in year.payments if payment.body is body]
    flows = [flow for flow in year.flows if flow.body is body and flow.current]
    lines = [line for flow in flows for line in flow.lines]
    receipts = sum(payment.own_cents for payment in payments if payment.has_receipt)
    credited = sum(movement.cents for flow in flows for movement in flow.credits)
    return {
        "receipts": receipts,
        "waiting": sum(p.own_cents for p in payments if p.has_receipt and not p.lines and not p.alone),
        "singly_credited": sum(p.own_cents for p in payments if p.alone),
        "lines": sum(line.cents for line in lines),
        "lines_without_receipt": sum(line.cents for line in lines if not line.payment.has_receipt),
        "differences": sum(line.payment.line_delta for line in lines if line.payment.has_receipt and line.outcome != 3),
        "revoked": sum(line.cents for line in lines if line.outcome == 3),
        "declared": sum(flow.declared_cents for flow in flows),
        "credited": credited,
        "open": sum(flow.declared_cents for flow in flows) - credited,
    }
