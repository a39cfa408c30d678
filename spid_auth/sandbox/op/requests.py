"""The test provider reads a login request as a real one would, and remembers what it grants.

Codes and access tokens are kept under their digest, in the folder of the sandbox.
"""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass, replace
from hashlib import sha256

from django.http import QueryDict

from portal import clock
from portal.operations.sandbox.store import Store, Value
from spid_auth.oidc import conf
from spid_auth.sandbox.op import agreement

CODE_LIFE = 60
TOKEN_LIFE = 300
CODES, TOKENS = "op-codes", "op-tokens"


class RequestRefused(ValueError):
    """The request is not acceptable; the message says why, for the developer who reads the page."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What was asked, by whom it was granted, and how the page said to answer."""

    redirect_uri: str
    state: str
    nonce: str
    challenge: str
    level: int
    prompt: str = ""
    person: str = ""
    choice: str = ""
    granted_level: int = 0
    at: float = 0.0


def read(query: QueryDict) -> Grant:
    """The request in the address of the authorization endpoint. Raises RequestRefused."""
    values = query.get("acr_values", "").split()
    levels = [level for level, name in agreement.ACR.items() if name in values]
    faults = {
        "client_id non è registrato.": query.get("client_id") != agreement.CLIENT_ID,
        "redirect_uri non è quello registrato.": query.get("redirect_uri") != conf.return_url(),
        "response_type deve essere code.": query.get("response_type") != "code",
        "scope deve contenere openid, e solo ambiti conosciuti.": "openid" not in query.get("scope", "").split()
        or not set(query.get("scope", "").split()) <= set(agreement.SCOPES),
        "Manca state o nonce.": not query.get("state") or not query.get("nonce"),
        "Serve PKCE con S256.": query.get("code_challenge_method") != "S256" or not query.get("code_challenge"),
        "acr_values non dice un livello conosciuto.": not levels,
        "Un parametro è ripetuto.": any(len(query.getlist(name)) > 1 for name in query),
    }
    found = [says for says, wrong in faults.items() if wrong]
    if found:
        raise RequestRefused(" ".join(found))
    return Grant(
        redirect_uri=query.get("redirect_uri", ""),
        state=query.get("state", ""),
        nonce=query.get("nonce", ""),
        challenge=query.get("code_challenge", ""),
        level=min(levels),
        prompt=query.get("prompt", ""),
    )


def code_for(grant: Grant) -> str:
    """A code that is good once, for a minute."""
    code = secrets.token_urlsafe(32)
    Store().put(CODES, _digest(code), asdict(replace(grant, at=clock.now().timestamp())) | {"used": 0})
    return code


def spent_code(grant: Grant) -> str:
    """A code that was used already, as a thief would send it."""
    code = code_for(grant)
    redeem(code, redirect_uri=grant.redirect_uri, verifier="")
    return code


def redeem(code: str, *, redirect_uri: str, verifier: str) -> Grant | None:
    """What a code stands for, None when it is unknown, old, spent, or of another request. It is spent by this."""

    def spend(value: Value | None) -> Value:
        return (value or {"used": 1}) | {"used": (value or {"used": 1})["used"] + 1}

    if Store().get(CODES, _digest(code)) is None:
        return None
    kept = Store().update(CODES, _digest(code), spend)
    first = kept.pop("used") == 1
    grant = Grant(**kept)
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    fresh = clock.now().timestamp() - grant.at <= CODE_LIFE
    good = first and fresh and redirect_uri == grant.redirect_uri and challenge == grant.challenge
    return grant if good else None


def token_for(grant: Grant) -> str:
    """An access token for the claims of a grant."""
    token = secrets.token_urlsafe(32)
    Store().put(TOKENS, _digest(token), asdict(grant))
    return token


def grant_of(token: str) -> Grant | None:
    """The grant of an access token, None when it is unknown or old."""
    kept = Store().get(TOKENS, _digest(token))
    grant = Grant(**kept) if kept else None
    return grant if grant and clock.now().timestamp() - grant.at <= TOKEN_LIFE else None


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
