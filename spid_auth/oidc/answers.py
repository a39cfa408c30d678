"""The answer of the provider as it is kept, and what it says of a person, or the reason it is refused.

What is kept holds all that the judgement needs, also later: tokens of access only by their SHA-256, the key that the
provider published that day.
"""

import json
import re
from datetime import datetime
from hashlib import sha256
from typing import Any

from spid_auth.conf import skew
from spid_auth.domain import claims
from spid_auth.models import AuthnTransaction
from spid_auth.oidc import conf, jose, rules
from spid_auth.oidc.mapping import attributes
from spid_auth.saml.response import Assertion, Refused

# Tokens that open doors: the register keeps their digest.
BEARERS = ("access_token", "refresh_token")
# What the errors of an authorization endpoint are for us (RFC 6749, 4.1.2.1; OpenID Connect Core 1.0, 3.1.2.6).
ERRORS = {
    "access_denied": "nr22",
    "unmet_authentication_requirements": "nr20",
    "server_error": "provider-down",
    "temporarily_unavailable": "provider-down",
}


_ERROR_NAME = re.compile(r"[a-z_]{1,40}")


def error_name(said: object) -> str:
    """The name of an error as the standards write them; a question mark in place of anything else."""
    return said if isinstance(said, str) and _ERROR_NAME.fullmatch(said) else "?"


def kept_document(token: dict[str, Any], userinfo: bytes | None, key: dict[str, Any] | None) -> bytes:
    """The tokens, the claims as they came, and the key: one document for the register."""
    shown = {name: value for name, value in token.items() if name not in BEARERS}
    digests = {f"{name}_sha256": sha256(str(token[name]).encode()).hexdigest() for name in BEARERS if name in token}
    said = None if userinfo is None else userinfo.decode("utf-8", "replace")
    return json.dumps({"token": shown | digests, "userinfo": said, "key": key}).encode()


def refused_document(step: str, status: int, body: bytes) -> bytes:
    """What came in place of the tokens, or of the claims."""
    return json.dumps({"step": step, "status": status, "body": body.decode("utf-8", "replace")}).encode()


def judge(document: bytes, *, expected: rules.Expected, agreement: conf.Agreement, level: int) -> Assertion:
    """What a good answer states, in the words of SPID.

    Raises Refused: `response` with the rules broken, `nr20` when the level granted is lower than the one asked for.
    """
    kept = jose.read_object(document)
    token = kept["token"].get("id_token")
    if not isinstance(token, str):
        raise Refused("response", ("id-token",))
    try:
        said = jose.verified(token, kept["key"])
    except (jose.NotReadable, jose.BadSignature) as error:
        raise Refused("response", ("signature", str(error))) from None
    reasons = rules.broken(said, expected)
    if reasons:
        raise Refused("response", reasons)
    more = _userinfo(kept["userinfo"], said)
    granted = _level(said, agreement)
    if granted < level:
        raise Refused("nr20", ("level",))
    issued_at = rules.instant(said["iat"])
    assert issued_at is not None  # a rule has seen it
    digest = sha256(token.encode()).hexdigest()
    return Assertion(
        response_id=digest,
        response_issued_at=issued_at,
        assertion_id=digest,
        issuer=agreement.issuer,
        subject=said["sub"],
        subject_qualifier="",
        level=granted,
        # What is signed counts more than what comes with it.
        attributes=attributes(more | said, agreement.claim_map),
        session_index=said["sid"] if rules.is_subject(said.get("sid")) else "",
    )


def expected(started: AuthnTransaction, *, document: bytes, now: datetime, agreement: conf.Agreement) -> rules.Expected:
    """What a good answer to a request agrees with, at the moment it arrived."""
    return rules.Expected(
        issuer=started.idp.issuer,
        client_id=started.sp_entity_id,
        nonce=started.request_id,
        request_instant=started.issued_at,
        now=now,
        skew=skew(),
        forced=bool(agreement.prompt) and started.level > 1,
        access_token_sha256=jose.read_object(document)["token"].get("access_token_sha256", ""),
    )


def read_claims(assertion: Assertion, agreement: conf.Agreement) -> claims.Claims:
    """The person. Raises Refused with the page to show."""
    try:
        return claims.read(assertion.attributes, fiscal_code_required=agreement.fiscal_code_required)
    except claims.NoFiscalCode:
        raise Refused("no-fiscal-code") from None
    except claims.LegalPersonOnly:
        raise Refused("legal-person") from None
    except claims.UnusableClaims:
        raise Refused("attributes") from None


def _level(said: rules.Claims, agreement: conf.Agreement) -> int:
    """The level that `acr` stands for; 0 when the agreement does not name it."""
    acr = said.get("acr")
    return agreement.acr_levels.get(acr, 0) if isinstance(acr, str) else 0


def _userinfo(kept: object, said: rules.Claims) -> dict[str, Any]:
    """The claims of the userinfo endpoint, which must be of the same person as the ID token. Raises Refused."""
    if kept is None:
        return {}
    try:
        found = jose.read_object(str(kept))
    except jose.NotReadable:
        raise Refused("response", ("userinfo",)) from None
    if found.get("sub") != said["sub"]:
        raise Refused("response", ("userinfo-sub",))
    return found
