"""The texts inside the two codes of a notice: the pagoPA QR and the postal DataMatrix.

Sources: "Avviso di pagamento analogico", QR code; Poste Italiane, bollettino postale PA (TD 896). The offsets of
the DataMatrix are those that the public readers of the notice use.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

MAX_CENTS = 99_999_999_999
MAX_POSTAL_CENTS = 9_999_999_999
DATAMATRIX_LENGTH = 256

# name: (first character, length). Fixed fields carry their text in DATAMATRIX_FIXED.
DATAMATRIX_FIELDS: Final[dict[str, tuple[int, int]]] = {
    "phase": (0, 13),
    "nav_length": (13, 2),
    "nav": (15, 18),
    "account_length": (33, 2),
    "account": (35, 12),
    "amount_length": (47, 2),
    "amount": (49, 10),
    "document_length": (59, 1),
    "document": (60, 3),
    "marker": (63, 1),
    "version": (64, 2),
    "entity": (66, 11),
    "debtor": (77, 16),
    "name": (93, 40),
    "subject": (133, 110),
    "filler": (243, 12),
    "end": (255, 1),
}
DATAMATRIX_FIXED: Final[dict[str, str]] = {
    "phase": "codfase=NBPA;",
    "nav_length": "18",
    "account_length": "12",
    "amount_length": "10",
    "document_length": "3",
    "document": "896",
    "marker": "1",
    "version": "P1",
    "filler": " " * 12,
    "end": "A",
}

# Letters that have no decomposition but a usual spelling, and typographic signs.
_SPELLED = str.maketrans(
    {"ß": "SS", "æ": "AE", "Æ": "AE", "œ": "OE", "Œ": "OE", "ø": "O", "Ø": "O", "đ": "D", "Đ": "D", "ł": "L", "Ł": "L"}
    | {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "€": "EUR", "º": "O", "ª": "A", "°": "O"}
)
_NOT_PRINTABLE = re.compile(r"[^A-Z0-9 .,:;'\"/()+\-&%?!_=*#@]")
_QR = re.compile(r"PAGOPA\|002\|([0-9]{18})\|([0-9]{11})\|([0-9]{2,11})", re.ASCII)


class PayloadError(ValueError):
    """A value that does not fit its field."""


@dataclass(frozen=True, slots=True)
class QrPayload:
    """What the QR of a notice says."""

    nav: str
    entity: str
    cents: int


def qr_payload(*, nav: str, entity: str, cents: int) -> str:
    """`PAGOPA|002|nav|fiscal code|cents`, the amount with at least two digits. Raises PayloadError."""
    _digits("nav", nav, 18)
    _digits("entity", entity, 11)
    if not 0 < cents <= MAX_CENTS:
        raise PayloadError("L'importo non entra nel codice QR.")
    return f"PAGOPA|002|{nav}|{entity}|{cents:02d}"


def read_qr(text: str) -> QrPayload:
    """Read the QR of any notice, zero padded amounts included. Raises PayloadError."""
    match = _QR.fullmatch(text.strip())
    if match is None:
        raise PayloadError("Il testo non è quello di un codice QR pagoPA.")
    nav, entity, cents = match.groups()
    return QrPayload(nav, entity, int(cents))


def postal_text(text: str) -> str:
    """Upper case ASCII for postal machines: accents fall, unknown signs become spaces."""
    flat = unicodedata.normalize("NFKD", text.translate(_SPELLED))
    ascii_only = "".join(ch for ch in flat if not unicodedata.combining(ch)).upper()
    return _NOT_PRINTABLE.sub(" ", ascii_only)


def datamatrix_payload(*, nav: str, account: str, cents: int, entity: str, debtor: str, name: str, subject: str) -> str:
    """The 256 characters of the postal DataMatrix. `account` is the postal account number. Raises PayloadError."""
    _digits("nav", nav, 18)
    _digits("entity", entity, 11)
    if not (account.isascii() and account.isdigit() and len(account) <= 12):
        raise PayloadError("Il conto corrente postale ha al più 12 cifre.")
    if not 0 < cents <= MAX_POSTAL_CENTS:
        raise PayloadError("L'importo non entra nel bollettino postale.")
    values = DATAMATRIX_FIXED | {
        "nav": nav,
        "account": account.zfill(12),
        "amount": f"{cents:010d}",
        "entity": entity,
        "debtor": _padded(debtor, 16),
        "name": _padded(name, 40),
        "subject": _padded(subject, 110),
    }
    return "".join(values[field] for field in DATAMATRIX_FIELDS)


def read_datamatrix(text: str) -> dict[str, str]:
    """Cut a DataMatrix text along the offsets table; the fixed fields must be right. Raises PayloadError."""
    if len(text) != DATAMATRIX_LENGTH:
        raise PayloadError("Il codice postale ha 256 caratteri.")
    values = {field: text[start : start + length] for field, (start, length) in DATAMATRIX_FIELDS.items()}
    wrong = [field for field, fixed in DATAMATRIX_FIXED.items() if values[field] != fixed]
    if wrong:
        raise PayloadError(f"Campi fissi diversi dal previsto: {', '.join(wrong)}.")
    return values


def _padded(text: str, length: int) -> str:
    return postal_text(text)[:length].ljust(length)


def _digits(field: str, text: str, length: int) -> None:
    if not (text.isascii() and text.isdigit() and len(text) == length):
        raise PayloadError(f"{field}: servono {length} cifre.")
