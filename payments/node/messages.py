"""Requests and answers of the station as frozen dataclasses: what the services see instead of XML."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Operation(StrEnum):
    VERIFY = "paVerifyPaymentNotice"
    GET = "paGetPayment"
    GET_V2 = "paGetPaymentV2"
    SEND = "paSendRT"
    SEND_V2 = "paSendRTV2"
    DEMAND = "paDemandPaymentNotice"


RECEIPTS = frozenset({Operation.SEND, Operation.SEND_V2})


@dataclass(frozen=True, slots=True)
class Head:
    """Who the node thinks we are."""

    entity: str
    broker: str
    station: str


@dataclass(frozen=True, slots=True)
class NoticeRequest:
    """Verify or activation of one notice."""

    operation: Operation
    head: Head
    entity: str
    nav: str
    transfer_type: str | None = None


@dataclass(frozen=True, slots=True)
class DemandRequest:
    """A person at a counter asks for a debt that does not exist yet. `data` is what the service wants to know."""

    operation: Operation
    head: Head
    service: str
    subject: str
    data: bytes

    @property
    def nav(self) -> str:
        """No number yet."""
        return ""


@dataclass(frozen=True, slots=True)
class ReceivedTransfer:
    """One transfer of a receipt; for a digital stamp `iban` is empty and `stamp` is the attachment as it came."""

    seq: int
    cents: int
    entity: str
    iban: str
    is_stamp: bool
    remittance: str
    category: str
    stamp: bytes = b""


@dataclass(frozen=True, slots=True)
class ReceivedReceipt:
    """A receipt, the fields we work with; the whole of it stays in the raw message."""

    receipt_id: str
    nav: str
    issuer: str
    outcome: str
    iuv: str
    cents: int
    fee_cents: int | None
    psp_id: str
    psp_name: str
    channel: str
    payment_method: str
    paid_at: datetime | None
    applied_on: date | None
    transferred_on: date | None
    stand_in: bool
    transfers: tuple[ReceivedTransfer, ...]
    payment_note: str = ""
    metadata: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiptRequest:
    """Delivery of a receipt."""

    operation: Operation
    head: Head
    receipt: ReceivedReceipt

    @property
    def nav(self) -> str:
        """The notice number the receipt names."""
        return self.receipt.nav


@dataclass(frozen=True, slots=True)
class VerifyAnswer:
    """A notice that can be paid now. `nav` is told only to who asked for a new one."""

    cents: int
    due_on: date | None
    description: str
    all_postal: bool
    entity: str
    company: str
    office: str
    nav: str = ""


@dataclass(frozen=True, slots=True)
class Debtor:
    """Who owes it; the tax code is ANONIMO when unknown. Parts of the address are empty when not known."""

    kind: str
    fiscal_code: str
    name: str
    email: str
    street: str = ""
    civic: str = ""
    postal_code: str = ""
    city: str = ""
    province: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class DueTransfer:
    """One transfer to be paid, to an account or for a digital stamp: then `stamp_hash` and `stamp_province` say which.

    `backing_iban` goes in the metadata when the bank account is used.
    """

    seq: int
    cents: int
    entity: str
    company: str
    iban: str
    remittance: str
    category: str
    backing_iban: str = ""
    stamp_hash: str = ""
    stamp_province: str = ""


@dataclass(frozen=True, slots=True)
class PaymentAnswer:
    """Everything the node needs to let somebody pay."""

    iuv: str
    cents: int
    due_on: date
    description: str
    company: str
    office: str
    debtor: Debtor
    transfers: tuple[DueTransfer, ...]
