"""What every provider can be asked, whoever stands behind it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from payments.providers.data import PositionData
from portal.kernel.errors import GatewayError


class Capability(StrEnum):
    """What a provider does besides taking a position and giving it back."""

    HOLD = "hold"  # a published position can be made unpayable for a while
    FILES = "files"  # thousands of positions at a time
    RECEIPTS = "receipts"  # payments are taken in our place, and told


class Conflict(GatewayError):
    """The provider has the position in a state that our request does not fit: somebody must look at it."""

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message, permanent=True)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class FetchedReceipt:
    """A receipt as the provider keeps it."""

    iuv: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """A notice that the provider may have collected, for those who must be asked one by one."""

    iuv: str
    debt_kind: str


class PaymentProvider(Protocol):
    """Shows our positions to pagoPA. Every method may be repeated: the last state asked for wins.

    All raise GatewayError; NotExpressible when the position cannot be written for this provider.
    """

    capabilities: frozenset[Capability]

    def publish(self, position: PositionData) -> None:
        """Make it payable, as it is now; one that is already there is written over."""

    def update(self, position: PositionData) -> None:
        """Write over a position that is already there; made again when it is not."""

    def hold(self, position: PositionData) -> None:
        """Keep it unpayable until the next publish."""

    def invalidate(self, position: PositionData) -> None:
        """Take it back. Raises Conflict when somebody has paid it."""

    def fetch_receipts(
        self, *, entity: str, since: date, waiting: Callable[[], list[OpenNotice]], known: Callable[[str], bool]
    ) -> Iterator[FetchedReceipt]:
        """Receipts of a body from a day on. `known` says which IUVs need not be fetched again."""
