"""What a notice says: every field that the page shows, checked against the limits of the specification."""

from dataclasses import dataclass
from datetime import date

from payments.domain.codes import grouped
from payments.domain.payloads import datamatrix_payload, qr_payload
from payments.notices.captions import captions
from portal.kernel.money import euro_plain

# Longest texts, in characters (3.5.1, "Segnaposto").
SUBJECT, ENTITY, DEPARTMENT, INFO, NAME, HOLDER = 90, 100, 50, 100, 70, 50


@dataclass(frozen=True, slots=True)
class Postal:
    """The postal part."""

    account: str
    holder: str
    authorisation: str


@dataclass(frozen=True, slots=True)
class NoticeContent:
    """The fields of a notice with a single instalment. Amount in cents."""

    nav: str
    cents: int
    due_on: date | None
    subject: str
    entity_name: str
    entity_code: str
    department: str
    info: str
    cbill: str
    pays_on_site: bool
    debtor_name: str
    debtor_code: str
    postal: Postal | None

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

    @property
    def qr_text(self) -> str:
        """What the QR says."""
        return qr_payload(nav=self.nav, entity=self.entity_code, cents=self.cents)

    @property
    def datamatrix_text(self) -> str:
        """What the postal code says; empty without the postal part."""
        if self.postal is None:
            return ""
        return datamatrix_payload(
            nav=self.nav,
            account=self.postal.account,
            cents=self.cents,
            entity=self.entity_code,
            debtor=self.debtor_code,
            name=self.debtor_name,
            subject=self.subject,
        )

    @property
    def heading(self) -> str:
        """How much, and when if there is a when."""
        return captions()["notice"]["how_much_and_when" if self.due_on else "how_much"]

    @property
    def online_text(self) -> str:
        """Where to pay on line, with the body's site if it takes payments."""
        texts = captions()["notice"]
        if not self.pays_on_site:
            return texts["online_without_site"]
        return texts["online_with_site"].format(entity=self.entity_name)


def sentence_case(text: str, limit: int = SUBJECT) -> str:
    """The subject is never all capitals, and fits; a longer one ends with an ellipsis."""
    text = " ".join(text.split())
    if text.isupper():
        text = text.capitalize()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
