"""Our own station: pagoPA asks us, so nothing leaves. With ACA a copy of each notice does, for when we are down."""

from collections.abc import Callable, Iterator
from datetime import date
from http import HTTPStatus

from payments.gateways.gpd import AcaClient
from payments.gateways.http import Refused
from payments.providers import aca
from payments.providers.base import Capability, FetchedReceipt, OpenNotice
from payments.providers.bodies import Body
from payments.providers.data import PositionData

# A notice that is not in the archive, or changes no more because it was paid, needs no cancelling.
GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY})


class NodeProvider:
    """Nothing to do outward."""

    capabilities: frozenset[Capability] = frozenset({Capability.HOLD})

    def publish(self, position: PositionData) -> None:
        """The station answers from the tables."""

    def update(self, position: PositionData) -> None:
        """As above."""

    def hold(self, position: PositionData) -> None:
        """As above."""

    def invalidate(self, position: PositionData) -> None:
        """As above."""

    def fetch_receipts(
        self, *, entity: str, since: date, waiting: Callable[[], list[OpenNotice]], known: Callable[[str], bool]
    ) -> Iterator[FetchedReceipt]:
        """The node brings them."""
        yield from ()


class AcaProvider(NodeProvider):
    """The copy in the central archive, notice by notice. Its payments come to the station like all others."""

    def __init__(self, broker: str) -> None:
        self._broker = broker

    def publish(self, position: PositionData) -> None:
        """Write every notice that can be paid, cancel the others; writing again updates."""
        self._send(aca.withdrawals(position, closed_only=True), already=GONE)
        self._send(aca.bodies_of(position))

    def update(self, position: PositionData) -> None:
        """The same call."""
        self.publish(position)

    def hold(self, position: PositionData) -> None:
        """Still there, but not to be collected in our place."""
        self._send([body | {"payStandIn": False} for body in aca.bodies_of(position)])

    def invalidate(self, position: PositionData) -> None:
        """Cancel every notice."""
        self._send(aca.withdrawals(position), already=GONE)

    def _send(self, bodies: list[Body], *, already: frozenset[HTTPStatus] = frozenset()) -> None:
        with AcaClient(broker=self._broker) as client:
            for body in bodies:
                try:
                    client.send(body)
                except Refused as error:
                    if error.status not in already:
                        raise
