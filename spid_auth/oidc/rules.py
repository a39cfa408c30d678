"""What is asked of an ID token whose signature is good, one named rule a line. Pure.

Sources: OpenID Connect Core 1.0, 3.1.3.7 (ID token), 3.1.3.6 (at_hash), 5.3.2 (userinfo); RFC 9207 (iss of the answer).
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

Claims = Mapping[str, object]
# Longer than any date a token may speak of: larger numbers are not dates.
_LAST_SECOND = 4_000_000_000
LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, section 2


@dataclass(frozen=True, slots=True)
class Expected:
    """What a good token agrees with. `now` is the moment it arrived; `forced` says a new login was asked for."""

    issuer: str
    client_id: str
    nonce: str
    request_instant: datetime
    now: datetime
    skew: timedelta
    forced: bool
    # SHA-256 of the access token that came with it, in hexadecimal: enough for at_hash.
    access_token_sha256: str


class Rule(NamedTuple):
    """A name for the register, what it asks, and whether it holds."""

    name: str
    says: str
    holds: Callable[[Claims, Expected], bool]


def broken(claims: Claims, expected: Expected) -> tuple[str, ...]:
    """The names of the rules that do not hold."""
    return tuple(rule.name for rule in RULES if not rule.holds(claims, expected))


def instant(value: object) -> datetime | None:
    """A NumericDate, None when it is anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _LAST_SECOND:
        return None
    return datetime.fromtimestamp(value, UTC)


def is_subject(value: object) -> bool:
    """Whether it is an identifier that may be kept."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_SUBJECT and value.isprintable()


def _audience(claims: Claims, expected: Expected) -> bool:
    said = claims.get("aud")
    audiences = said if isinstance(said, list) else [said]
    return expected.client_id in audiences


def _authorized_party(claims: Claims, expected: Expected) -> bool:
    """Required when the token is for others as well; ours whenever it is said."""
    said, audience = claims.get("azp"), claims.get("aud")
    if said is None:
        return not (isinstance(audience, list) and len(audience) > 1)
    return said == expected.client_id


def _not_expired(claims: Claims, expected: Expected) -> bool:
    until = instant(claims.get("exp"))
    return until is not None and expected.now < until + expected.skew


def _issued_in_window(claims: Claims, expected: Expected) -> bool:
    at = instant(claims.get("iat"))
    start, end = expected.request_instant - expected.skew, expected.now + expected.skew
    return at is not None and start <= at <= end


def _already_valid(claims: Claims, expected: Expected) -> bool:
    if "nbf" not in claims:
        return True
    since = instant(claims["nbf"])
    return since is not None and since <= expected.now + expected.skew


def _authenticated_now(claims: Claims, expected: Expected) -> bool:
    """A provider that says when the person showed their credentials must say: after we asked for it."""
    if not expected.forced or "auth_time" not in claims:
        return True
    at = instant(claims["auth_time"])
    return at is not None and expected.request_instant - expected.skew <= at <= expected.now + expected.skew


def _access_token_hash(claims: Claims, expected: Expected) -> bool:
    """The left half of the SHA-256 of the access token: both algorithms we accept use SHA-256."""
    if "at_hash" not in claims:
        return True
    half = bytes.fromhex(expected.access_token_sha256)[:16]
    return claims["at_hash"] == urlsafe_b64encode(half).rstrip(b"=").decode()


RULES: tuple[Rule, ...] = (
    Rule("iss", "emesso dal gestore scelto", lambda c, e: c.get("iss") == e.issuer),
    Rule("aud", "destinato a noi", _audience),
    Rule("azp", "se è anche per altri, chi lo usa siamo noi", _authorized_party),
    Rule("sub", "dice chi", lambda c, e: is_subject(c.get("sub"))),
    Rule("nonce", "risponde alla nostra richiesta", lambda c, e: c.get("nonce") == e.nonce),
    Rule("exp", "non scaduto", _not_expired),
    Rule("iat", "emesso dopo la richiesta e non nel futuro", _issued_in_window),
    Rule("nbf", "già valido, se lo dice", _already_valid),
    Rule("auth-time", "credenziali mostrate dopo la richiesta, se lo dice", _authenticated_now),
    Rule("at-hash", "legato al token di accesso, se lo dice", _access_token_hash),
)
