"""Scenarios of receipts: the ordinary one, and everything that happens every day besides."""

from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django_scopes import scope

from payments.domain.codes import issue
from payments.sandbox import node, receipts
from payments.sandbox.node import Exchange
from payments.sandbox.scenarios.stage import HOME, NEIGHBOUR, PLAIN, Stage
from portal import clock
from portal.audit.actor import Actor
from portal.billing.services import cancel_charge
from portal.operations.sandbox.store import Value

TOGETHER = 12


def plain(stage: Stage) -> None:
    """Paid at a counter, with the receipt in both its forms."""
    for first, name in ((True, "ricevuta V1"), (False, "ricevuta V2")):
        (nav,) = stage.notice()
        payment = stage.payment(nav)
        stage.step(name, _sends(stage, payment, first=first), nav=nav, receipts=1, state="paid")
        stage.step(
            "chi verifica dopo", lambda nav=nav: stage.verify(nav), nav=nav, outcome="KO",  # type: ignore[misc]
            fault="PAA_PAGAMENTO_DUPLICATO",
        )  # fmt: skip


def retried(stage: Stage) -> None:
    """The node did not hear the answer, or could not read it: it sends the same receipt again, and is told OK."""
    (nav,) = stage.notice()
    payment = stage.payment(nav)
    stage.step("prima consegna", _sends(stage, payment), nav=nav, receipts=1, state="paid")
    for title in ("risposta illeggibile: di nuovo", "coda dei ritentativi: di nuovo"):
        stage.step(title, _sends(stage, payment), nav=nav, state="paid")


def impatient(stage: Stage) -> None:
    """The node hangs up before the answer, then tries again: the receipt is there once."""
    (nav,) = stage.notice()
    payment = stage.payment(nav)

    def both() -> Exchange:
        stage.send(payment, patience=0.001)
        return stage.send(payment)

    stage.step("attesa finita, poi di nuovo", both, nav=nav, receipts=1, state="paid")


def twice(stage: Stage) -> None:
    """Two counters at once: the second payment is kept and waits for its refund."""
    (nav,) = stage.notice()
    payment, second = stage.payment(nav), stage.payment(nav)
    stage.step("primo pagamento", _sends(stage, payment), nav=nav, receipts=1, state="paid")
    stage.step("secondo pagamento", _sends(stage, second), nav=nav, receipts=1, to_review=1, state="paid")


def together(stage: Stage) -> None:
    """Many receipts of one notice in the same instant: one settles it, the others wait for an accountant."""
    (nav,) = stage.notice()
    payments = [stage.payment(nav) for _ in range(TOGETHER)]

    def all_at_once() -> Exchange:
        with ThreadPoolExecutor(TOGETHER) as pool:
            exchanges = list(pool.map(stage.send, payments))
        return next((found for found in exchanges if not found.ok), exchanges[0])

    stage.step("tutte insieme", all_at_once, nav=nav, receipts=TOGETHER, to_review=TOGETHER - 1, state="paid")


def stand_in(stage: Stage) -> None:
    """Paid while the station was down: no verify before, an amount that is old by now, or a position taken back."""
    (nav,) = stage.notice()
    old = _changed(stage.payment(nav), amount_cents=4700, stand_in=True)
    stage.step("importo di prima", _sends(stage, old), nav=nav, receipts=1, to_review=1, state="published")
    (nav,) = stage.notice()
    payment = _changed(stage.payment(nav), stand_in=True)
    position = stage.position(nav)
    with scope(entity=position.entity_id):
        cancel_charge(charge_id=position.charge_id, actor=Actor.system("scenario"))
    stage.step("annullata nel frattempo", _sends(stage, payment), nav=nav, receipts=1, to_review=1, state="cancelled")


def never_issued(stage: Stage) -> None:
    """A receipt for a number that nobody issued: the money is real, so it is kept."""
    nav = issue(segregation_code=HOME.segregation_code, sequence=10**13 - 3).nav
    payment = receipts.unknown_payment(entity=HOME.fiscal_code, nav=nav, iban=HOME.iban)
    stage.step("ricevuta", _sends(stage, payment), nav=nav, receipts=1, to_review=1)


def not_ours(stage: Stage) -> None:
    """A receipt for another body, broker or station: kept apart, and said to be wrong."""
    (nav,) = stage.notice()
    payment = stage.payment(nav)
    for head, fault in (
        ({"entity": "00000000000"}, "PAA_ID_DOMINIO_ERRATO"),
        ({"broker": "00000000000"}, "PAA_ID_INTERMEDIARIO_ERRATO"),
        ({"station": f"{HOME.fiscal_code}_99"}, "PAA_STAZIONE_INT_ERRATA"),
    ):
        stage.step(
            f"{head}", _sends(stage, payment, **head), nav=nav, outcome="KO", fault=fault, quarantined=1,
            state="published",
        )  # fmt: skip


def other_amounts(stage: Stage) -> None:
    """Too little does not settle; too much does, and somebody looks."""
    for cents, state in ((4000, "published"), (5000, "paid")):
        (nav,) = stage.notice()
        payment = _changed(stage.payment(nav), amount_cents=cents)
        stage.step(f"{cents} centesimi", _sends(stage, payment), nav=nav, receipts=1, to_review=1, state=state)


def by_plan(stage: Stage) -> None:
    """Two instalments instead of one payment: the first closes the other way, the last settles."""
    soon = clock.today() + timedelta(days=30)
    single, first, last = stage.notice(plan=[(2000, soon), (2800, soon + timedelta(days=30))])
    stage.step("prima rata", _sends(stage, stage.payment(first)), nav=first, receipts=1, state="partly_paid")
    stage.step(
        "rata unica, ormai esclusa", lambda: stage.verify(single), nav=single, outcome="KO",
        fault="PAA_PAGAMENTO_SCONOSCIUTO",
    )  # fmt: skip
    stage.step("ultima rata", _sends(stage, stage.payment(last)), nav=last, receipts=1, state="paid")


def shared(stage: Stage) -> None:
    """Several beneficiaries: the node tells each of them, and the neighbour keeps its share as such."""
    share = stage.kind(
        "SCENARIO_VICINO",
        beneficiary_fiscal_code=NEIGHBOUR.fiscal_code,
        beneficiary_name="Ente vicino",
        iban=NEIGHBOUR.iban,
    )
    (nav,) = stage.notice(lines=[(PLAIN, 4000), (share, 800)])
    payment = stage.payment(nav)
    stage.step("all'ente dell'avviso", _sends(stage, payment), nav=nav, receipts=1, state="paid")
    neighbour = node.head_of(NEIGHBOUR.fiscal_code)
    stage.step(
        "all'ente vicino",
        _sends(stage, payment, entity=neighbour.entity, broker=neighbour.broker, station=neighbour.station),
        nav=nav,
        receipts=1,
        to_review=1,
    )


def stamped(stage: Stage) -> None:
    """A digital stamp comes back with the receipt and is kept; one of another document is seen at once."""
    kind = stage.kind("SCENARIO_BOLLO", digital_stamp=True)
    for title, spoiled, to_review in (("marca giusta", False, 0), ("marca di un altro documento", True, 1)):
        (nav,) = stage.notice(lines=[(PLAIN, 4800), (kind, 1600)], stamp="ab" * 32)
        payment = stage.payment(nav)
        if spoiled:
            payment["transfers"][1]["stamp"] = b64encode(b"\xcd" * 32).decode()
        stage.step(title, _sends(stage, payment), nav=nav, receipts=1, stamps=1, to_review=to_review, state="paid")


def _sends(stage: Stage, payment: Value, **options: Any) -> Callable[[], Exchange]:
    return lambda: stage.send(payment, **options)


def _changed(payment: Value, *, amount_cents: int | None = None, stand_in: bool = False) -> Value:
    """The payment with another amount, on its first transfer, or made while the station was down."""
    changed = dict(payment) | {"stand_in": stand_in}
    if amount_cents is not None:
        first, *others = payment["transfers"]
        rest = sum(row["amount_cents"] for row in others)
        changed |= {"amount_cents": amount_cents, "transfers": [first | {"amount_cents": amount_cents - rest}, *others]}
    return changed
