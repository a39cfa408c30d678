"""What the remittance text of a credit (causale) says about its origin. Pure.

Grammars: SACI 1.3 (`/PUR/LGPE-RIVERSAMENTO/URI/<IUF>`, `/RFS/`, `/RFB/`), 1.4 (`... Cumulativo pagamenti del
<aaaammgg>/URI/<IUF>`) and 2.0 onwards (`/TXT/<n>/URI/<IUF>`), plus what banks do to them on the way.
A wrong reference would credit the wrong payments, so whatever stays in doubt is PARTIAL and carries no reference.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    FLOW = "flow"
    SINGLE = "single"
    PARTIAL = "partial"
    OTHER = "other"


class Confidence(StrEnum):
    EXACT = "exact"
    HEALED = "healed"
    NONE = "none"


class Rule(StrEnum):
    URI_DATED = "uri_dated"
    URI_DATE_SPACED = "uri_date_spaced"
    URI_SEPARATORS = "uri_separators"
    URI_HEXADECIMAL = "uri_hexadecimal"
    URI_CUT = "uri_cut"
    SINGLE_RF = "single_rf"
    SINGLE_IUV = "single_iuv"
    NO_REFERENCE = "no_reference"


@dataclass(frozen=True, slots=True)
class Remittance:
    """The reading of one text. `prefix` is what was legible of a reference that cannot be trusted."""

    kind: Kind
    reference: str | None
    confidence: Confidence
    rule: Rule
    prefix: str = ""


IUF_MAX = 35
_SPACES = re.compile(r"\s+")
_TAG = re.compile(r"RIVERSAMENTO(?P<gap>.{0,60}?)(?P<before>[/ ])URI(?P<after> ?[/ ] ?)", re.IGNORECASE)
_CANONICAL_GAP = re.compile(r"(?:/TXT/[0-9]| [^/]{1,40})?", re.IGNORECASE)
_DATE = r"(?P<date>\d ?\d ?\d ?\d ?- ?\d ?\d ?- ?\d ?\d)"
_DATED = re.compile(_DATE + r"(?P<gap> ?)(?P<tail>[A-Za-z0-9][A-Za-z0-9_-]*)(?P<rest>.*)", re.ASCII)
_HEX = re.compile(r"(?P<token>[0-9a-f]{32})(?![A-Za-z0-9_-])", re.IGNORECASE)
_LEGIBLE = re.compile(r"[A-Za-z0-9_-]*")
# Fields of a structured text that may follow an identifier.
_FIELD = re.compile(r" ?/(?:TXT|URI|PUR|ROC|RF[SB]|ZZ[0-9]|ID[0-9]|RI[0-9]|YYY|BON)(?![A-Za-z0-9])", re.IGNORECASE)
_NEXT = re.compile(r"(?P<between>[^A-Za-z0-9]+)(?P<word>[A-Za-z0-9_]+(?:-[A-Za-z0-9])?)")
_SINGLE = re.compile(r"/RF(?P<tag>[SB])/(?P<reference>[A-Za-z0-9]{15,25})(?=/|\s|$)(?P<cut> [0-9])?", re.IGNORECASE)
_NOTHING = Remittance(Kind.OTHER, None, Confidence.NONE, Rule.NO_REFERENCE)


def read_remittance(text: str) -> Remittance:
    """The reference of a remittance text, or none: never a guess, never an error."""
    clean = _SPACES.sub(" ", text).strip()
    tags = list(_TAG.finditer(clean))
    for tag in tags:
        found = _flow_reference(clean[tag.end() :], canonical=_is_canonical(tag))
        if found is not None:
            return found
    return _single_reference(clean) or (_cut(clean[tags[0].end() :]) if tags else _NOTHING)


def _is_canonical(tag: re.Match[str]) -> bool:
    return tag["before"] == tag["after"] == "/" and _CANONICAL_GAP.fullmatch(tag["gap"]) is not None


def _flow_reference(text: str, *, canonical: bool) -> Remittance | None:
    dated = _DATED.match(text)
    if dated is None:
        token = _HEX.match(text)
        return _flow(token["token"], Rule.URI_HEXADECIMAL, healed=not canonical) if token else None
    day = dated["date"].replace(" ", "")
    spaced = bool(dated["gap"]) or day != dated["date"]
    tail = dated["tail"]
    if tail.endswith("-") and dated["rest"].startswith(" "):
        tail = tail.rstrip("-")
    if not _is_trustworthy(day, tail, dated["rest"], gap=bool(dated["gap"])):
        return None
    if spaced:
        return _flow(day + tail, Rule.URI_DATE_SPACED, healed=True)
    return _flow(day + tail, Rule.URI_DATED if canonical else Rule.URI_SEPARATORS, healed=not canonical)


def _is_trustworthy(day: str, tail: str, rest: str, *, gap: bool) -> bool:
    """Whether day + tail is the whole flow identifier, as far as the text can tell."""
    if not tail or tail[-1] in "-_" or len(day) + len(tail) > IUF_MAX or not _is_date(day):
        return False
    if gap and not any(c.isdigit() for c in tail):
        return False  # "2025-01-03 ACCREDITO ...": an ordinary word, the identifier was cut after its date
    return not _goes_on(tail, rest)


def _goes_on(tail: str, rest: str) -> bool:
    """Whether what follows may be more of the identifier: banks put other signs, or spaces, for its "_" and "-"."""
    following = _NEXT.match(rest)
    if following is None or _FIELD.match(rest):
        return False
    between, word = following["between"], following["word"]
    if " " not in between or between[-1] in "-_" or "-" in word or any(c.isdigit() for c in word):
        return True
    return not any(c.isdigit() for c in tail.rpartition("-")[2])  # "PSP1-A BCD": no telling a word from a number


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _flow(reference: str, rule: Rule, *, healed: bool) -> Remittance:
    return Remittance(Kind.FLOW, reference, Confidence.HEALED if healed else Confidence.EXACT, rule)


def _single_reference(text: str) -> Remittance | None:
    found = _SINGLE.search(text)
    if found is None:
        return None
    if found["cut"]:
        return _cut("")
    rule = Rule.SINGLE_RF if found["tag"].upper() == "S" else Rule.SINGLE_IUV
    return Remittance(Kind.SINGLE, found["reference"], Confidence.EXACT, rule)


def _cut(text: str) -> Remittance:
    legible = _LEGIBLE.match(text)
    prefix = legible[0][:IUF_MAX] if legible else ""
    return Remittance(Kind.PARTIAL, None, Confidence.NONE, Rule.URI_CUT, prefix)
