"""IRIS, the payment node of Regione Toscana. Mark M: see iris_xml.py before using it in production.

IRIS issues through the regional station: it takes our positions and, asked, says which were paid, with the receipt.
"""

import uuid
from collections.abc import Callable, Iterator
from datetime import date

from payments.gateways.http import Unreadable
from payments.gateways.iris import IrisClient
from payments.providers import iris_xml
from payments.providers.base import Capability, Conflict, FetchedReceipt, OpenNotice
from payments.providers.data import PositionData
from payments.providers.iris_xml import Operation, Outcome, Sender, UnreadableAnswer
from portal import clock

DEBTS = "SPCComunicazionePosizioniDebitorieOTF-v3"
STATES = "SPCVerificaStatoPagamento-v3"
ASKED_AT_ONCE = 100
# Codes of our own contract, which the fake speaks too.
ALREADY_THERE, NOT_THERE, ALREADY_PAID = "DUPLICATA", "INESISTENTE", "PAGATA"


class IrisProvider:
    """One body's system at IRIS. A position that must wait is taken away: there is no suspension."""

    capabilities = frozenset({Capability.RECEIPTS})

    def __init__(self, *, broker: str, system: str) -> None:
        self._broker, self._system = broker, system

    def publish(self, position: PositionData) -> None:
        """Insert it; when it is already there, replace it."""
        self._align(position, Operation.INSERT, instead={ALREADY_THERE: Operation.REPLACE})

    def update(self, position: PositionData) -> None:
        """Replace it, or insert it."""
        self._align(position, Operation.REPLACE, instead={NOT_THERE: Operation.INSERT})

    def hold(self, position: PositionData) -> None:
        """Take it away; the next publish brings it back."""
        self.invalidate(position)

    def invalidate(self, position: PositionData) -> None:
        """Take it away. Raises Conflict when it was paid."""
        self._align(position, Operation.DELETE, instead={NOT_THERE: None})

    def fetch_receipts(
        self, *, entity: str, since: date, waiting: Callable[[], list[OpenNotice]], known: Callable[[str], bool]
    ) -> Iterator[FetchedReceipt]:
        """Ask about every open notice, and take the receipts of those paid."""
        with IrisClient(broker=self._broker) as client:
            for some in _batches([row for row in waiting() if not known(row.iuv)]):
                question = iris_xml.status_request([(row.iuv, row.debt_kind) for row in some], self._sender(entity))
                try:
                    states = iris_xml.read_states(client.send(STATES, question))
                except UnreadableAnswer as error:
                    raise Unreadable("IRIS", str(error)) from error
                yield from (FetchedReceipt(row.iuv, row.receipt) for row in states if row.receipt)

    def _align(self, position: PositionData, operation: Operation, *, instead: dict[str, Operation | None]) -> None:
        with IrisClient(broker=self._broker) as client:
            outcome = self._sent(client, position, operation)
            if not outcome.done and outcome.code in instead:
                other = instead[outcome.code]
                if other is None:
                    return
                outcome = self._sent(client, position, other)
        if outcome.done or (outcome.code == ALREADY_PAID and operation is not Operation.DELETE):
            return
        raise Conflict(f"IRIS: {outcome.code or 'refused'}", outcome.description)

    def _sent(self, client: IrisClient, position: PositionData, operation: Operation) -> Outcome:
        message = iris_xml.alignment(position.in_force, operation, self._sender(position.entity))
        try:
            return iris_xml.read_outcome(client.send(DEBTS, message))
        except UnreadableAnswer as error:
            raise Unreadable("IRIS", str(error)) from error

    def _sender(self, entity: str) -> Sender:
        return Sender(entity, self._system, uuid.uuid4().hex, clock.now().astimezone(clock.ROME))


def _batches(rows: list[OpenNotice]) -> Iterator[tuple[OpenNotice, ...]]:
    for start in range(0, len(rows), ASKED_AT_ONCE):
        yield tuple(rows[start : start + ASKED_AT_ONCE])
