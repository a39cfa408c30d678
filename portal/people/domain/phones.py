"""Telephone numbers as ITU-T E.164 writes them: a plus sign and at most fifteen digits. Pure."""

import re

from portal.kernel.errors import DomainError

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
SEPARATORS = str.maketrans("", "", " .-/()")
ITALY = "+39"


def normalise_phone(text: str) -> str:
    """The number in E.164; an Italian one may be written without prefix. Raises DomainError: phone_invalid."""
    number = text.strip().translate(SEPARATORS)
    if number.startswith("00"):
        number = "+" + number[2:]
    elif number[:1] in {"0", "3"}:
        number = ITALY + number
    if not E164.fullmatch(number):
        raise DomainError("phone_invalid", "Scrivi un numero di telefono completo, per esempio +39 333 1234567.")
    return number
