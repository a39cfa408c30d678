"""A position as the providers are told of it: plain values, taken from the tables once. Amounts are whole cents."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from portal import clock
from portal.kernel.errors import DomainError

MAX_METADATA = 10  # GPD's limit; the node itself takes fifteen
MAX_TRANSFERS = 5


class NotExpressible(DomainError):
    """The position cannot be written for this provider: somebody must change it, trying again is useless."""


@dataclass(frozen=True, slots=True)
class DebtorData:
    """Who owes it. Only kind, tax code and name are compulsory."""

    kind: str
    fiscal_code: str
    name: str
    street: str = ""
    civic: str = ""
    postal_code: str = ""
    city: str = ""
    province: str = ""
    country: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class StampData:
    """A digital stamp: hash of the document (base64) and province of residence."""

    document_hash: str
    province: str


@dataclass(frozen=True, slots=True)
class TransferData:
    """One transfer; it has an account or a stamp, never both."""

    seq: int
    entity: str
    company: str
    cents: int
    category: str
    remittance: str
    iban: str = ""
    postal_iban: str = ""
    stamp: StampData | None = None


@dataclass(frozen=True, slots=True)
class InstalmentData:
    """One notice number. `due_on` is the last day without consequences, or the last payable one.

    `closed`: it was paid, or another way to pay was chosen.
    """

    nav: str
    iuv: str
    cents: int
    due_on: date
    description: str
    transfers: tuple[TransferData, ...]
    metadata: tuple[tuple[str, str], ...] = ()
    closed: bool = False


@dataclass(frozen=True, slots=True)
class OptionData:
    """A way to pay. `valid_from` is there only when it is still to come."""

    description: str
    is_plan: bool
    valid_from: date | None
    switch_to_expired: bool
    instalments: tuple[InstalmentData, ...]
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class PositionData:
    """The whole position. `iupd` names it at the provider, for ever."""

    iupd: str
    entity: str
    company: str
    office: str
    debtor: DebtorData
    options: tuple[OptionData, ...]
    debt_kind: str = ""
    created_on: date | None = None

    @property
    def in_force(self) -> "PositionData":
        """Without the ways to pay that the body has withdrawn: whoever replaces the whole position forgets them."""
        return replace(self, options=tuple(option for option in self.options if not option.withdrawn))

    @property
    def has_stamp(self) -> bool:
        """Whether a digital stamp is bought with it."""
        return any(row.stamp for option in self.options for part in option.instalments for row in part.transfers)

    @property
    def instalments(self) -> tuple[InstalmentData, ...]:
        """Every notice number of the position."""
        return tuple(part for option in self.options for part in option.instalments)


def start_of_day(day: date) -> str:
    """Midnight in Rome, as the platform writes instants (UTC)."""
    return _instant(datetime.combine(day, time(), clock.ROME))


def end_of_day(day: date) -> str:
    """The last second of a day in Rome, in UTC: read as a date, it is still the same day."""
    return _instant(datetime.combine(day, time(23, 59, 59), clock.ROME))


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def checked(position: PositionData) -> PositionData:
    """The same position. Raises NotExpressible for what no provider would take."""
    if not position.options or not all(option.instalments for option in position.options):
        raise NotExpressible("position_empty", "La posizione non ha rate da pagare.")
    for part in position.instalments:
        if not 1 <= len(part.transfers) <= MAX_TRANSFERS:
            raise NotExpressible("transfers", "Una rata ha da uno a cinque versamenti.")
        if sum(row.cents for row in part.transfers) != part.cents:
            raise NotExpressible("transfers_sum", "I versamenti di una rata non danno il suo importo.")
        if any(bool(row.iban) == bool(row.stamp) for row in part.transfers):
            raise NotExpressible("transfer_account", "Un versamento ha un IBAN oppure una marca da bollo digitale.")
        if len(part.metadata) > MAX_METADATA:
            raise NotExpressible("metadata", "Una rata ha al massimo dieci informazioni aggiuntive.")
    return position
