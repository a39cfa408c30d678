"""The creditor reference of a bank transfer (ISO 11649), made from the number of the act. Pure."""

import re
from typing import Final

MOST: Final = 21  # characters after RF and its two check digits

_NOT_ALLOWED = re.compile(r"[^0-9A-Z]")


def creditor_reference(act: str) -> str:
    """`RF` + two check digits + the act's letters and digits. Raises ValueError when nothing or too much is left."""
    body = _NOT_ALLOWED.sub("", act.upper())
    if not 1 <= len(body) <= MOST:
        raise ValueError(f"an ISO 11649 reference holds from 1 to {MOST} letters and digits")
    return f"RF{98 - _number(body + 'RF00') % 97:02d}{body}"


def is_creditor_reference(text: str) -> bool:
    """Whether the check digits are right; spaces are welcome."""
    text = text.replace(" ", "").upper()
    if not re.fullmatch(rf"RF[0-9]{{2}}[0-9A-Z]{{1,{MOST}}}", text):
        return False
    return _number(text[4:] + text[:4]) % 97 == 1


def in_groups(reference: str) -> str:
    """In groups of four, as people copy it."""
    return " ".join(reference[start : start + 4] for start in range(0, len(reference), 4))


def _number(text: str) -> int:
    """Letters become two digits each, A is 10 and Z is 35 (ISO 7064, mod 97-10)."""
    return int("".join(str(int(character, 36)) for character in text))
