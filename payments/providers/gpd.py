"""PagoPA's archive of debt positions: it answers the node in our place, and keeps the receipts for us."""

from collections.abc import Callable, Iterator
from datetime import date
from http import HTTPStatus

from payments.gateways.gpd import GpdClient, ReceiptsClient
from payments.gateways.http import Refused
from payments.providers import conf, gpd_v1, gpd_v3
from payments.providers.base import Capability, Conflict, FetchedReceipt, OpenNotice
from payments.providers.bodies import Body
from payments.providers.data import PositionData

PAID = frozenset({"PARTIALLY_PAID", "PAID", "REPORTED"})
GONE = frozenset({"INVALID"})


class GpdProvider:
    """GPD, v1 or v3, through a broker and for one segregation code."""

    capabilities = frozenset({Capability.HOLD, Capability.FILES, Capability.RECEIPTS})

    def __init__(self, *, broker: str, segregation_code: int, version: str = "") -> None:
        self._broker, self._segregation_code = broker, segregation_code
        self._version = version or conf.gpd_version()

    def publish(self, position: PositionData) -> None:
        """Create it; when it is already there (a lost answer, a change of ours) write over it."""
        body = self._body(position)
        with self._client() as client:
            try:
                client.create(position.entity, body)
            except Refused as error:
                if error.status != HTTPStatus.CONFLICT:
                    raise
                self._replace(client, position.entity, body)

    def update(self, position: PositionData) -> None:
        """Write over it, or create it."""
        body = self._body(position)
        with self._client() as client:
            try:
                client.replace(position.entity, body)
            except Refused as error:
                if error.status == HTTPStatus.NOT_FOUND:
                    client.create(position.entity, body)
                elif error.status != HTTPStatus.CONFLICT or not self._paid(client, position):
                    raise

    def hold(self, position: PositionData) -> None:
        """Back to a draft, which nobody can pay. What is not there is not payable either."""
        with self._client() as client:
            try:
                client.replace(position.entity, self._body(position), publish=False)
            except Refused as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise

    def invalidate(self, position: PositionData) -> None:
        """Take it back: v1 invalidates, v3 deletes. Raises Conflict when it was paid."""
        with self._client() as client:
            act = client.invalidate if self._version == "v1" else client.delete
            try:
                act(position.entity, position.iupd)
            except Refused as error:
                if error.status == HTTPStatus.NOT_FOUND:
                    return
                if error.status != HTTPStatus.CONFLICT:
                    raise
                self._end_of_conflict(client, position, error)

    def fetch_receipts(
        self, *, entity: str, since: date, waiting: Callable[[], list[OpenNotice]], known: Callable[[str], bool]
    ) -> Iterator[FetchedReceipt]:
        """The receipts we do not have yet, from a day on. One that is refused stops no other: it is raised at the end,
        so that the day is asked for again. Raises GatewayError.
        """
        code = self._segregation_code
        refused: Refused | None = None
        with ReceiptsClient(broker=self._broker) as client:
            for iuv in client.paid_since(entity, since=since, segregation_code=code):
                if known(iuv):
                    continue
                try:
                    document = client.document(entity, iuv, segregation_code=code)
                except Refused as error:
                    refused = refused or error
                    continue
                yield FetchedReceipt(iuv, document)
        if refused is not None:
            raise refused

    def _client(self) -> GpdClient:
        return GpdClient(broker=self._broker, version=self._version)

    def _body(self, position: PositionData) -> Body:
        there = position.in_force
        return gpd_v1.body(there) if self._version == "v1" else gpd_v3.body(there)

    def _replace(self, client: GpdClient, entity: str, body: Body) -> None:
        try:
            client.replace(entity, body)
        except Refused as error:
            if error.status == HTTPStatus.NOT_FOUND:
                raise Conflict("GPD: the number belongs to another position", error.reason) from error
            if error.status != HTTPStatus.CONFLICT or client.status(entity, body["iupd"]) not in PAID:
                raise

    def _paid(self, client: GpdClient, position: PositionData) -> bool:
        return client.status(position.entity, position.iupd) in PAID

    def _end_of_conflict(self, client: GpdClient, position: PositionData, error: Refused) -> None:
        state = client.status(position.entity, position.iupd)
        if state in PAID:
            raise Conflict("GPD: the position was paid", error.reason) from error
        if self._version == "v1" and state not in GONE:
            client.delete(position.entity, position.iupd)  # a draft is deleted: only a published one is invalidated
