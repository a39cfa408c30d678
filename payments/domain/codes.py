"""Notice numbers and IUVs: how they are built, checked and written.

A notice number (numero avviso, NAV) has 18 digits. The first is the auxiliary digit, which says how the rest is
laid out; new numbers carry 3 only. Source: SACI 3.2.1, "Generazione dell'identificativo univoco di versamento".
"""

import re
from dataclasses import dataclass

NAV_LENGTH = 18
CHECK_MODULUS = 93
MAX_SEQUENCE = 10**13 - 1
# Segregation codes a generation point may receive (SACI 3.2.1); the higher ones belong to national services.
SEGREGATION_CODES = range(46)
# The number with which the node asks whether the station is alive: it is never issued.
PROBE_NAV = "0" * NAV_LENGTH

_NAV = re.compile(r"[0-3][0-9]{17}", re.ASCII)
_SEPARATORS = re.compile(r"[\s.\-]+")


class CodeError(ValueError):
    """A number that is not a notice number; `code` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class NoticeNumber:
    """The parts of a notice number. `sequence` is the free part, `prefix` what stands before it."""

    nav: str
    aux: int
    prefix: str
    sequence: str
    check: str | None

    @property
    def iuv(self) -> str:
        """The payment's identifier in SOAP, receipts and flows (creditorReferenceId)."""
        return self.nav[3:] if self.aux == 0 else self.nav[1:]

    @property
    def check_is_right(self) -> bool:
        """False for many numbers in circulation: judge only what we issued or what someone typed."""
        return self.check is None or self.check == check_digits(self.nav[:16])


def check_digits(first16: str) -> str:
    """The two check digits: remainder modulo 93 of the first 16 digits, zero padded."""
    return f"{int(first16) % CHECK_MODULUS:02d}"


def issue(*, segregation_code: int, sequence: int) -> NoticeNumber:
    """The number with auxiliary digit 3 for a place in an entity's sequence. Raises CodeError."""
    if segregation_code not in SEGREGATION_CODES:
        raise CodeError("segregation", "Il codice di segregazione va da 00 a 45.")
    if not 0 <= sequence <= MAX_SEQUENCE:
        raise CodeError("sequence", "La sequenza degli avvisi è esaurita.")
    first16 = f"3{segregation_code:02d}{sequence:013d}"
    return parse(first16 + check_digits(first16))


def parse(nav: str) -> NoticeNumber:
    """Take a notice number of any auxiliary digit apart; the check digits are not judged. Raises CodeError."""
    if not _NAV.fullmatch(nav):
        raise CodeError("shape", "Il codice avviso ha 18 cifre e comincia con 0, 1, 2 o 3.")
    aux = int(nav[0])
    start = {0: 3, 1: 1, 2: 1, 3: 3}[aux]
    end = NAV_LENGTH if aux == 1 else 16
    return NoticeNumber(nav, aux, nav[1:start], nav[start:end], None if aux == 1 else nav[16:])


def parse_typed(text: str) -> NoticeNumber:
    """A number typed by a person: spaces and dots are welcome, a wrong check digit is not. Raises CodeError."""
    number = parse(_SEPARATORS.sub("", text))
    if number.nav == PROBE_NAV:
        raise CodeError("shape", "Il codice avviso non può essere di soli zeri.")
    if not number.check_is_right:
        raise CodeError("check", "Il codice avviso contiene un errore di battitura: ricontrolla le cifre.")
    return number


def grouped(nav: str) -> str:
    """The number in groups of four, as notices print it: 3010 0000 0000 0042 85."""
    return " ".join(nav[i : i + 4] for i in range(0, len(nav), 4))
