"""paDemandPaymentNotice: a debt made on the spot for somebody who stands at a counter.

The station reads the request; whoever offers spontaneous payments registers here and makes the position.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from payments.formats import xml
from payments.node.faults import FaultCode, StationFault
from payments.node.messages import DemandRequest
from portal.kernel.errors import DomainError
from portal.kernel.money import cents_from_decimal

# What fits in a form filled at a counter, with room to spare.
MAX_BYTES = 16 * 1024
SCHEMA_FILE = Path(__file__).parent / "schemas" / "spontaneous.xsd"
_NS = "{urn:portale-dei-servizi:spontaneous-payment:1}"


@dataclass(frozen=True, slots=True)
class DemandData:
    """What the counter says: `cents` or `quantity`, never both. `subject` is who the catalogue says is served."""

    subject: str
    kind: str
    debtor_kind: str
    debtor_fiscal_code: str
    debtor_name: str
    debtor_email: str
    reason: str
    cents: int | None
    quantity: int | None


class UnknownService(Exception):
    """Nobody offers that service for that body."""


class DemandHandler(Protocol):
    """Makes the position of a spontaneous payment and returns its notice number."""

    def __call__(self, entity_id: int, service: str, data: DemandData) -> str:
        """Raises UnknownService, or DomainError when the data cannot become a debt."""


_handlers: list[DemandHandler] = []


def register_demand(handler: DemandHandler) -> None:
    """Called once, in AppConfig.ready of the room that offers spontaneous payments."""
    _handlers[:] = [handler]


def demanded(request: DemandRequest, *, entity_id: int) -> str:
    """The number of the notice made for a request. Raises StationFault (USE for the data, SEMANTIC for the rest)."""
    data = read_data(request)
    try:
        if not _handlers:
            raise UnknownService
        return _handlers[0](entity_id, request.service, data)
    except UnknownService as error:
        raise StationFault(FaultCode.SEMANTIC, "unknown service", entity_id=entity_id) from error
    except DomainError as error:
        raise StationFault(FaultCode.SEMANTIC, error.code, entity_id=entity_id) from error


def read_data(request: DemandRequest) -> DemandData:
    """The document inside the request, checked. Raises StationFault (USE)."""
    if len(request.data) > MAX_BYTES:
        raise StationFault(FaultCode.USE, "datiSpecificiServizioRequest is too large")
    try:
        root = xml.parse(request.data)
    except xml.HostileXml as error:
        raise StationFault(FaultCode.USE, f"datiSpecificiServizioRequest: {error}") from error
    rules = xml.schema(SCHEMA_FILE)
    if not rules.validate(root):
        # Without the words of the validator: they repeat what the counter typed, a person's name included.
        raise StationFault(FaultCode.USE, f"datiSpecificiServizioRequest: line {rules.error_log[0].line} is not valid")

    def text(path: str) -> str:
        return " ".join((root.findtext(path) or "").split())

    cents, quantity = text(f"{_NS}amount"), text(f"{_NS}quantity")
    return DemandData(
        subject=request.subject,
        kind=text(f"{_NS}kind"),
        debtor_kind=text(f"{_NS}debtor/{_NS}type"),
        debtor_fiscal_code=text(f"{_NS}debtor/{_NS}taxCode"),
        debtor_name=text(f"{_NS}debtor/{_NS}fullName"),
        debtor_email=text(f"{_NS}debtor/{_NS}email"),
        reason=text(f"{_NS}reason"),
        cents=cents_from_decimal(Decimal(cents)) if cents else None,
        quantity=int(quantity) if quantity else None,
    )
