"""What the counter does: take money for a notice, and the mistakes it can make on purpose."""

from collections.abc import Callable
from dataclasses import replace

from payments.demo import creditor
from payments.domain import codes
from payments.sandbox import node, receipts
from payments.sandbox.node import Exchange
from portal.operations.sandbox.store import Value


def pay(*, entity: str, nav: str, note: str = "") -> tuple[list[Exchange], Value | None]:
    """Activate, take the money, send the receipt. The payment is None when the station did not let it be paid."""
    head = node.head_of(entity, nav)
    exchange, activated = node.activate(head=head, entity=entity, nav=nav, note=note)
    if activated is None:
        return [exchange], None
    payment = receipts.payment_record(entity=entity, nav=nav, activated=activated, receipt_id=receipts.new_receipt_id())
    # The money is taken now, whatever the station answers to the receipt.
    receipts.remember(payment)
    return [exchange, deliver(payment)], payment


def deliver(payment: Value) -> Exchange:
    """Send the receipt, for the first time or again."""
    head = node.head_of(payment["entity"], payment["nav"])
    exchange = node.send_receipt(head=head, receipt=receipts.receipt_xml(payment))
    if exchange.ok:
        receipts.mark_delivered(payment["receipt_id"])
    return exchange


def pay_twice(payment: Value) -> Exchange:
    """A second payment of the same notice: another receipt, as two counters at once can make."""
    second = {key: value for key, value in payment.items() if key != "settled"}
    second |= {"receipt_id": receipts.new_receipt_id(), "delivered": False}
    receipts.remember(second)
    return deliver(second)


def unknown_notice(entity: str) -> Exchange:
    """A receipt for a number that nobody issued."""
    known = creditor(entity)
    segregation = known.segregation_code if known else 1
    number = codes.issue(segregation_code=segregation, sequence=codes.MAX_SEQUENCE)
    payment = receipts.unknown_payment(entity=entity, nav=number.nav, iban=known.iban if known else "IT")
    receipts.remember(payment)
    return deliver(payment)


def wrong_station(entity: str) -> Exchange:
    """The right body on a station that is not its own."""
    head = replace(node.head_of(entity), station="00000000000_99")
    return node.verify(head=head, entity=entity, nav=_some_number(entity))[0]


def wrong_entity(entity: str) -> Exchange:
    """A body that the portal does not serve."""
    return node.verify(head=node.head_of("00000000000"), entity="00000000000", nav=_some_number(entity))[0]


def malformed(entity: str) -> Exchange:
    """A message cut in the middle."""
    cut = f"<soapenv:Envelope><soapenv:Body><paf:paVerifyPaymentNoticeReq><idPA>{entity}</idPA"
    return node.send("paVerifyPaymentNotice", cut)[0]


def _some_number(entity: str) -> str:
    known = creditor(entity)
    return codes.issue(segregation_code=known.segregation_code if known else 1, sequence=1).nav


MISTAKES: dict[str, tuple[str, Callable[[str], Exchange]]] = {
    "avviso-sconosciuto": ("Ricevuta per un avviso sconosciuto", unknown_notice),
    "stazione": ("Stazione sbagliata", wrong_station),
    "ente": ("Ente sbagliato", wrong_entity),
    "malformato": ("Messaggio malformato", malformed),
}
