"""Spontaneous payments: what may be asked, how much it makes, and the words that go on the notice. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256

from portal.kernel.errors import DomainError
from portal.kernel.money import euro

# What a charge holds (a 32-bit number of cents).
MOST_CENTS = 2_147_483_647
MOST_PIECES = 9999
DESCRIPTION = 140
LONGEST_ANSWER = 40

_WHOLE = r"(?:\d{1,3}(?:\.\d{3})+|\d{1,9})"
_ITALIAN = re.compile(rf"({_WHOLE})(?:,(\d{{1,2}}))?", re.ASCII)
_DOTTED = re.compile(r"(\d{1,9})\.(\d{1,2})", re.ASCII)

# A pattern is a row of parts, each with its own count: nothing nested, nothing endless.
_PART = re.compile(
    r"(?:\[(?:[A-Za-z0-9](?:-[A-Za-z0-9])?|[/ ._-])+\]|\\d|[A-Za-z0-9/ _-]|\\\.)(?:\{(\d{1,2})(?:,(\d{1,2}))?\}|\?)?"
)
_MOST_PARTS, _MOST_VARIABLE = 12, 3


class AmountRule(StrEnum):
    """How much: as who pays says, a set sum, or a unit price for each piece."""

    FREE = "free"
    FIXED = "fixed"
    UNIT = "unit"


class Payers(StrEnum):
    """Who may pay."""

    ANYBODY = "FG"
    PERSONS = "F"
    COMPANIES = "G"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody says of the amount: cents for a free one, a number of pieces for a unit price."""

    cents: int | None = None
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What the office allows."""

    rule: AmountRule
    min_cents: int
    max_cents: int
    max_quantity: int
    unit_cents: int | None


def cents_of(asked: Asked, limits: Limits) -> int:
    """The cents to pay. Raises DomainError (amount, amount_low, amount_high, quantity, price_missing)."""
    if limits.rule is AmountRule.FREE:
        return _free(asked, limits)
    if limits.unit_cents is None:
        raise DomainError("price_missing", "L'ente non ha ancora fissato l'importo di questo pagamento.")
    if limits.rule is AmountRule.FIXED:
        return _fixed(asked, limits.unit_cents)
    if asked.quantity is None or not 1 <= asked.quantity <= limits.max_quantity:
        raise DomainError("quantity", "Scrivi una quantità da 1 a %(most)s.", most=limits.max_quantity)
    return _within(asked.quantity * limits.unit_cents)


def _free(asked: Asked, limits: Limits) -> int:
    if asked.cents is None:
        raise DomainError("amount", "Scrivi quanto vuoi pagare.")
    if asked.cents < max(1, limits.min_cents):
        raise DomainError("amount_low", "L'importo minimo è %(sum)s.", sum=euro(max(1, limits.min_cents)))
    if asked.cents > limits.max_cents:
        raise DomainError("amount_high", "L'importo massimo è %(sum)s.", sum=euro(limits.max_cents))
    return _within(asked.cents)


def _fixed(asked: Asked, cents: int) -> int:
    if asked.cents not in (None, cents) or asked.quantity not in (None, 1):
        raise DomainError("amount", "L'importo di questo pagamento è %(sum)s.", sum=euro(cents))
    return cents


def _within(cents: int) -> int:
    if not 1 <= cents <= MOST_CENTS:
        raise DomainError("amount_high", "L'importo massimo è %(sum)s.", sum=euro(MOST_CENTS))
    return cents


def parse_euro(text: str) -> int:
    """Cents of an amount as an Italian types it: `12`, `12,5`, `1.234,56`; also `12.50`. Raises DomainError.

    A dot before three figures divides thousands (1.234 is one thousand): the person reads the sum again before paying.
    """
    plain = text.replace("€", "").replace("\N{NO-BREAK SPACE}", " ").strip()
    found = _ITALIAN.fullmatch(plain) or _DOTTED.fullmatch(plain)
    if found is None:
        raise DomainError("amount", "Scrivi l'importo in euro, con la virgola prima dei centesimi: per esempio 12,50.")
    whole, decimals = found[1].replace(".", ""), (found[2] or "").ljust(2, "0")
    return int(whole) * 100 + int(decimals)


def clean_words(text: str) -> str:
    """Text on one line, as it can be printed and sent: spaces made one. Raises DomainError for what is no letter,
    figure or sign of the Latin alphabets (the fonts of the notice and the node know no others)."""
    plain = " ".join(text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())
    if any(not each.isprintable() or (ord(each) > 0x24F and each not in "€–“”") for each in plain):
        raise DomainError("letters", "Usa lettere dell'alfabeto latino, cifre e segni di punteggiatura.")
    return plain


def check_pattern(pattern: str) -> None:
    """Raises DomainError for a pattern that is not a plain row of letters, figures and classes with their count."""
    parts, at, variable = 0, 0, 0
    while at < len(pattern):
        found = _PART.match(pattern, at)
        if found is None:
            break
        low, high = found[1], found[2]
        variable += bool(high and high != low) or found[0].endswith("?")
        parts, at = parts + 1, found.end()
    if at < len(pattern) or parts > _MOST_PARTS or variable > _MOST_VARIABLE or not _compiles(pattern):
        raise DomainError("pattern", "Il formato è una fila di lettere, cifre e classi come [A-Z]{2}\\d{3}[A-Z]{2}.")


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def answer_fits(answer: str, pattern: str) -> bool:
    """Whether an answer has the format the office wants; an empty format takes anything."""
    return not pattern or re.fullmatch(pattern, answer, re.ASCII) is not None


def description_of(name: str, *, reason: str, answers: Iterable[tuple[str, str]]) -> str:
    """What the notice says the money is for, in at most 140 characters: name, references, reason."""
    references = ", ".join(f"{label} {answer}" for label, answer in answers if answer)
    text = " - ".join(part for part in (name, references, reason) if part)
    return text if len(text) <= DESCRIPTION else f"{text[: DESCRIPTION - 1].rstrip()}…"


def last_day(*, issued_on: date, open_days: int) -> date:
    """The last day people are told to pay on."""
    return issued_on + timedelta(days=open_days)


def fingerprint(*parts: object) -> str:
    """SHA-256 (hex) of a request, to know the same one again without keeping what it said."""
    return sha256("\x1f".join("" if part is None else str(part) for part in parts).encode()).hexdigest()
