"""A PSP of the sandbox for before the portal answers: it talks to the station's own code, not over HTTP.

The messages are those of the node of the sandbox: what they leave behind is what a true payment leaves.
"""

from datetime import datetime, timedelta

from django.db import transaction

from payments.node import answering, delivery, soap, writing
from payments.node.messages import NoticeRequest, Operation, ReceiptRequest
from payments.sandbox import node, receipts
from portal import clock
from portal.operations.sandbox.store import Value


def activate(*, body: str, nav: str) -> Value:
    """Ask the station for a notice; returns the payment to be made. Raises StationFault when it can't be paid."""
    operation, element = soap.open_envelope(
        node.activation(head=node.head_of(body, nav), entity=body, nav=nav).encode()
    )
    request = soap.read_request(operation, element)
    assert isinstance(request, NoticeRequest)
    _entity_id, found = answering.payment(request, on=clock.today())
    activated = node.activated_by(writing.payment_element(Operation.GET_V2, found))
    assert activated is not None
    return receipts.payment_record(entity=body, nav=nav, activated=activated, receipt_id=receipts.new_receipt_id())


def deliver(payment: Value) -> None:
    """Hand over the receipt of a payment; the PSP remembers it when the transaction ends well."""
    body = payment["entity"]
    raw = node.receipt_message(head=node.head_of(body, payment["nav"]), receipt=receipts.receipt_xml(payment)).encode()
    operation, element = soap.open_envelope(raw)
    request = soap.read_request(operation, element)
    assert isinstance(request, ReceiptRequest)
    delivery.receive(request, raw=raw)
    transaction.on_commit(lambda: receipts.remember(payment | {"delivered": True}))


def pay(*, body: str, nav: str) -> Value:
    """Pay a notice; returns the payment."""
    payment = activate(body=body, nav=nav)
    deliver(payment)
    return payment


def but_of(payment: Value, *, cents: int) -> Value:
    """The same payment with another amount, on its first transfer."""
    first, *others = payment["transfers"]
    change = cents - payment["amount_cents"]
    transfers = [first | {"amount_cents": first["amount_cents"] + change}, *others]
    return payment | {"amount_cents": cents, "transfers": transfers}


def another(payment: Value) -> Value:
    """A second payment of the same notice, right after the first."""
    return later(payment) | {"receipt_id": receipts.new_receipt_id()}


def later(payment: Value) -> Value:
    """The same payment a second later: of two, it is clear which came after."""
    moment = datetime.fromisoformat(payment["paid_at"]) + timedelta(seconds=1)
    return payment | {"paid_at": moment.isoformat(timespec="seconds")}
