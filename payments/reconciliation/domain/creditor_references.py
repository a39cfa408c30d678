"""The ISO 11649 reference that we print on the acts of foreign plates, read in the text of a transfer. Pure."""

import re

from payments.fines.domain.references import MOST, is_creditor_reference

# Banks keep the groups of four, or write them together; RFS and RFB of pagoPA are something else.
_BEGINNING = re.compile(r"(?<![0-9A-Z])RF ?[0-9]{2}", re.ASCII)
_OTHER = re.compile(r"[^0-9A-Z ]", re.ASCII)
_LONGEST = 4 + MOST
_SHORTEST = 5
_WORDS = 3


def references_in(text: str) -> tuple[str, ...]:
    """What may be a reference in a text, the longest first: its end is not marked, so its check digits decide where it
    may be. Which of them is ours, the acts say.
    """
    upper = text.upper()
    found: list[str] = []
    for match in _BEGINNING.finditer(upper):
        tail = _OTHER.split(upper[match.start() : match.start() + 2 * _LONGEST])[0].replace(" ", "")[:_LONGEST]
        found += [tail[:end] for end in range(len(tail), _SHORTEST - 1, -1) if is_creditor_reference(tail[:end])]
    return tuple(dict.fromkeys(found))


def plates_in(text: str) -> tuple[str, ...]:
    """What may be a plate in a text: words and neighbouring words together, of at least five letters and digits."""
    words = re.split(r"[^0-9A-Z]+", text.upper())
    joined = ("".join(words[start : start + size]) for size in range(1, _WORDS + 1) for start in range(len(words)))
    return tuple(dict.fromkeys(word for word in joined if 5 <= len(word) <= 12 and not word.isalpha()))
