"""What a notice says: every field that the page shows, checked against the limits of the specification."""

from dataclasses import dataclass
from datetime import date

from payments.domain.codes import grouped
from payments.domain.payloads import MAX_POSTAL_CENTS, datamatrix_payload, qr_payload
from payments.notices.errors import NoticeError
from portal.kernel.money import euro_plain

# Longest texts, in characters (3.5.1, "Segnaposto").
SUBJECT, ENTITY, DEPARTMENT, INFO, NAME, ADDRESS, HOLDER = 90, 100, 50, 100, 70, 140, 50


@dataclass(frozen=True, slots=True)
class Postal:
    """The postal part."""

    account: str
    holder: str
    authorisation: str


@dataclass(frozen=True, slots=True)
class Slip:
    """One number on the sheet. Amount in cents; `ordinal` is 0 for an amount paid at once, else which instalment."""

    nav: str
    cents: int
    due_on: date | None
    ordinal: int = 0

    @property
    def number(self) -> str:
        """The notice number in groups of four."""
        return grouped(self.nav)

    @property
    def amount(self) -> str:
        """`1.020,99`."""
        return euro_plain(self.cents)

    @property
    def due(self) -> str:
        """`31/12/2026`, empty without a due date."""
        return f"{self.due_on:%d/%m/%Y}" if self.due_on else ""


@dataclass(frozen=True, slots=True)
class NoticeContent:
    """The fields of a notice: the numbers it offers and whose they are. Raises NoticeError.

    The numbers are either the two of a fine (`fine`: the discounted one, the reduced one), or the whole amount
    (`single`), the instalments, or both. `second_language` is empty or the code of a language with captions.
    """

    subject: str
    entity_name: str
    entity_code: str
    department: str
    info: str
    cbill: str
    pays_on_site: bool
    debtor_name: str
    debtor_code: str
    debtor_address: str = ""
    single: Slip | None = None
    instalments: tuple[Slip, ...] = ()
    fine: tuple[Slip, Slip] | None = None
    postal: Postal | None = None
    second_language: str = ""

    def __post_init__(self) -> None:
        if not self.slips:
            raise NoticeError("no_number", "L'avviso non ha nessun codice da pagare.")
        if self.fine and (self.single or self.instalments):
            raise NoticeError("mixed_numbers", "L'avviso di una sanzione ha i suoi due importi e nessun altro.")

    @property
    def slips(self) -> tuple[Slip, ...]:
        """Every number on the sheet, in reading order."""
        whole = (self.single,) if self.single else ()
        return self.fine or (*whole, *self.instalments)

    @property
    def first(self) -> Slip:
        """The first number: it names the document."""
        return self.slips[0]

    def has_postal(self, slip: Slip) -> bool:
        """Whether a number has its postal part: the body prints it and the amount fits."""
        return self.postal is not None and slip.cents <= MAX_POSTAL_CENTS

    def qr_text(self, slip: Slip) -> str:
        """What the QR of a number says."""
        return qr_payload(nav=slip.nav, entity=self.entity_code, cents=slip.cents)

    def datamatrix_text(self, slip: Slip) -> str:
        """What the postal code of a number says; empty without its postal part."""
        if self.postal is None or not self.has_postal(slip):
            return ""
        return datamatrix_payload(
            nav=slip.nav,
            account=self.postal.account,
            cents=slip.cents,
            entity=self.entity_code,
            debtor=self.debtor_code,
            name=self.debtor_name,
            subject=self.subject,
        )


def fitting(text: str, limit: int) -> str:
    """A text on one line, no longer than its field: a longer one ends with an ellipsis."""
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def sentence_case(text: str, limit: int = SUBJECT) -> str:
    """The subject is never all capitals, and fits."""
    return fitting(text.capitalize() if text.isupper() else text, limit)
