"""What the made-up year consists of. Amounts in cents. Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a body: where transfers arrive, and how its treasurer calls it (conto evidenza)."""

    code: str
    description: str
    iban: str


@dataclass(frozen=True, slots=True)
class Body:
    """A public body, its segregation code and its treasurer. `layout` is that of its treasury journals."""

    fiscal_code: str
    code: str
    name: str
    segregation: int
    treasurer_code: str
    accounts: tuple[Account, ...]
    layout: str

    @property
    def ipa_code(self) -> str:
        """How the index of public bodies might call it."""
        return f"p_{self.code.lower()}"


@dataclass(frozen=True, slots=True)
class Psp:
    """Who takes the payments. `hexadecimal` ones name their flows with 32 hexadecimal digits."""

    code: str
    name: str
    weight: float
    json: bool
    hexadecimal: bool


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a notice: of a kind of debt, for a beneficiary. A digital stamp has no account."""

    kind: str
    cents: int
    beneficiary: str
    iban: str

    @property
    def is_stamp(self) -> bool:
        """Whether it buys a digital stamp, which no flow carries."""
        return not self.iban


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice number and what it asks for; `dated` are (day, cents) that take the place of the amount."""

    nav: str
    shares: tuple[Share, ...]
    due_on: date | None
    dated: tuple[tuple[date, int], ...] = ()

    @property
    def iuv(self) -> str:
        """The identifier used by receipts and flows."""
        return self.nav[1:]

    @property
    def cents(self) -> int:
        """The printed amount."""
        return sum(share.cents for share in self.shares)

    def cents_on(self, day: date) -> int:
        """What is due on a day."""
        begun = [each for each in self.dated if each[0] <= day]
        return max(begun)[1] if begun else self.cents


@dataclass(frozen=True, slots=True)
class Option:
    """A way to pay: one notice, or the instalments of a plan."""

    notices: tuple[Notice, ...]
    refused_after_due: bool = False


@dataclass(slots=True)
class Debt:
    """A position of a body."""

    number: int
    body: Body
    family: str
    description: str
    debtor_code: str
    debtor_name: str
    created_on: date
    options: tuple[Option, ...]
    cancelled_on: date | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A transfer of a payment, as the receipt reports it."""

    seq: int
    beneficiary: str
    iban: str
    cents: int

    @property
    def is_stamp(self) -> bool:
        """Whether it bought a digital stamp."""
        return not self.iban


@dataclass(slots=True, eq=False)
class Payment:
    """Money that somebody handed to a PSP. What the documents say of it may be less than what happened."""

    body: Body
    debt: Debt | None
    nav: str
    psp: Psp
    receipt_id: str
    paid_at: datetime
    parts: tuple[Part, ...]
    issuer: str
    fee: int = 0
    outcome: int = 0
    has_receipt: bool = True
    reported: bool = True
    alone: bool = False
    line_delta: int = 0
    revoked: bool = False
    spoilt: bool = False
    lines: list["Line"] = field(default_factory=list)

    @property
    def iuv(self) -> str:
        """The identifier used by receipts and flows."""
        return self.nav[1:]

    @property
    def cents(self) -> int:
        """What the payer handed over, without the PSP's commission."""
        return sum(part.cents for part in self.parts)

    @property
    def own(self) -> tuple[Part, ...]:
        """What reaches the accounts of the body."""
        return tuple(part for part in self.parts if part.beneficiary == self.body.fiscal_code and not part.is_stamp)

    @property
    def own_cents(self) -> int:
        """How much reaches the accounts of the body."""
        return sum(part.cents for part in self.own)

    @property
    def day(self) -> date:
        """The day of the payment in Italy."""
        return self.paid_at.date()


@dataclass(slots=True, eq=False)
class Line:
    """One row of a flow."""

    payment: Payment
    transfer: int
    cents: int
    outcome: int
    iban: str
    flow: "Flow | None" = None
    seq: int = 0


@dataclass(slots=True, eq=False)
class Flow:
    """A flow as published; `current` says whether no later revision replaces it."""

    body: Body
    psp: Psp
    iban: str
    iuf: str
    day: date
    progressive: int
    regulation_id: str
    lines: list[Line]
    json: bool
    revision: int = 1
    current: bool = True
    declared_count: int = 0
    declared_cents: int = 0
    published_on: date = date.min
    special: str = ""
    credits: list["Movement"] = field(default_factory=list)

    @property
    def computed_cents(self) -> int:
        """What its lines add up to."""
        return sum(line.cents for line in self.lines)


@dataclass(slots=True, eq=False)
class Movement:
    """A row of a treasury journal. `payment` is set for the credit of a single payment, `unknown` names no flow."""

    body: Body
    account: Account
    day: date
    cents: int
    text: str
    reference: str
    end_to_end: str
    customer: str
    direction: str = "ENTRATA"
    kind: str = "SOSPESO ENTRATA"
    operation: str = "ESEGUITO"
    flow: Flow | None = None
    payment: Payment | None = None
    origin: "Movement | None" = None
    quotes: tuple["Movement", ...] = ()
    code: str = ""
    special: bool = False
    number: int = 0
    movement_number: int = 0


@dataclass(slots=True, eq=False)
class Journal:
    """The treasury journal of a day, with balances by account: (opening, in, out, closing).

    It is sent in two pages when `first_page` says how many movements the first of them has; one page may be lost.
    """

    body: Body
    day: date
    number: int
    movements: list[Movement]
    balances: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)
    lost: bool = False
    first_page: int = 0
    lost_page: int = 0

    @property
    def name(self) -> str:
        """The treasurer's name of the journal, without its pages."""
        return f"GDC-{self.day:%Y%m%d}{self.body.treasurer_code}{self.number:06d}"

    def identifier(self, page: int) -> str:
        """The treasurer's name of a page."""
        return f"{self.name}#{page:03d}#{self.pages:03d}"

    @property
    def pages(self) -> int:
        """In how many pages it is sent."""
        return 2 if self.first_page else 1

    def rows(self, page: int) -> list[Movement]:
        """The movements of a page."""
        return self.movements[self.first_page :] if page == self.pages else self.movements[: self.first_page]

    @property
    def arrived(self) -> list[int]:
        """The pages that arrive."""
        return [] if self.lost else [page for page in range(1, self.pages + 1) if page != self.lost_page]

    @property
    def seen(self) -> list[Movement]:
        """The movements that arrive."""
        return [movement for page in self.arrived for movement in self.rows(page)]


@dataclass(frozen=True, slots=True)
class Outside:
    """What the office does by hand: a fine of a foreign plate, and the credit that it records as its payment."""

    body: Body
    debt: Debt
    nav: str
    plate: str
    movement: Movement

    @property
    def act(self) -> str:
        """The number of the act: like that of no other year."""
        return self.nav[1:]


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault put into the year on purpose, or what follows from one: a code and the document it is found on.

    Cents are said where the document does not say them: what is missing, what differs.
    """

    code: str
    on: Payment | Line | Flow | Movement | Journal
    cents: int | None


@dataclass(slots=True)
class Year:
    """Everything that was made up."""

    bodies: tuple[Body, ...]
    debts: list[Debt] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    journals: list[Journal] = field(default_factory=list)
    outside: list[Outside] = field(default_factory=list)
    planted: list[Planted] = field(default_factory=list)

    def plant(self, code: str, on: Payment | Line | Flow | Movement | Journal, cents: int | None = None) -> None:
        """Remember what has to be found."""
        self.planted.append(Planted(code, on, cents))
