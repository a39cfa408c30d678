"""The answers the page offers: consent, the errors of the standard, and hostile ones that must be refused."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from portal import clock
from spid_auth.sandbox.op import agreement, keys
from spid_auth.sandbox.op.requests import TOKEN_LIFE, Grant, token_for
from spid_auth.sandbox.people import DemoPerson, person

CONSENT = "consent"
ERRORS = {
    "access_denied": "Nego il consenso",
    "unmet_authentication_requirements": "Livello non raggiunto",
    "server_error": "Guasto del gestore",
    "invalid_scope": "Richiesta non accettata",
}
# What the test people have in SPID, and what it is called here.
NAMES = {
    "fiscalNumber": "fiscal_code",
    "name": "given_name",
    "familyName": "family_name",
    "dateOfBirth": "birthdate",
    "email": "email",
    "spidCode": "spid_code",
    "companyName": "company_name",
    "companyFiscalNumber": "company_fiscal_code",
    "ivaCode": "company_vat_number",
}
Claims = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Misdeed:
    """A hostile answer: what it is called, and what it does to the claims or to the signature."""

    label: str
    claims: Callable[[Claims], Claims] = dict
    sign: Callable[[Claims], str] = keys.signed


def _older(claims: Claims) -> Claims:
    hour = 3600
    return claims | {"iat": claims["iat"] - hour, "exp": claims["exp"] - hour, "auth_time": claims["auth_time"] - hour}


HOSTILE: dict[str, Misdeed] = {
    "nonce": Misdeed("Di un'altra richiesta (nonce)", lambda c: c | {"nonce": "altra-richiesta"}),
    "audience": Misdeed("Destinata a un altro sito", lambda c: c | {"aud": "altro-portale"}),
    "issuer": Misdeed("Di un altro gestore", lambda c: c | {"iss": "https://altro.example"}),
    "expired": Misdeed("Scaduta", _older),
    "stale": Misdeed("Con un accesso di un'ora fa", lambda c: c | {"auth_time": c["auth_time"] - 3600}),
    "hash": Misdeed("Con un altro token di accesso", lambda c: c | {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}),
    "level": Misdeed("Di livello più basso del richiesto", lambda c: c | {"acr": agreement.ACR[1]}),
    "acr": Misdeed("Di un livello sconosciuto", lambda c: c | {"acr": "urn:altro:livello:9"}),
    "key": Misdeed("Firmata con un'altra chiave", sign=lambda c: keys.signed(c, by_stranger=True)),
    "kid": Misdeed("Con una chiave mai pubblicata", sign=lambda c: keys.signed(c, by_stranger=True, name="ignota")),
    "none": Misdeed("Non firmata (alg none)", sign=keys.unsigned),
    "hs256": Misdeed("Firmata con la chiave pubblica (HS256)", sign=keys.signed_with_public_key),
    # What the endpoints do by themselves.
    "userinfo": Misdeed("Con i dati di un'altra persona"),
    "state": Misdeed("Senza lo stato della richiesta"),
    "code": Misdeed("Con un codice già usato"),
    "garbage": Misdeed("Illeggibile"),
    "down": Misdeed("Nessuna: il gestore non risponde"),
}


def subject(somebody: DemoPerson) -> str:
    """The identifier of a person for this client."""
    return sha256(f"{agreement.CLIENT_ID}:{somebody.key}".encode()).hexdigest()[:32]


def claims_of(somebody: DemoPerson) -> dict[str, str]:
    """What is known of a person, under the names of this provider."""
    known = somebody.attributes()
    return {ours: known[theirs] for theirs, ours in NAMES.items() if theirs in known}


def tokens(grant: Grant) -> Claims:
    """The answer of the token endpoint."""
    now, somebody = clock.now(), person(grant.person)
    assert somebody is not None  # the page offers only people who exist
    access = token_for(grant)
    misdeed = HOSTILE.get(grant.choice, Misdeed(""))
    claims = misdeed.claims(_id_claims(grant, somebody, access, now))
    return {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFE,
        "id_token": misdeed.sign(claims),
    }


def userinfo(grant: Grant) -> Claims:
    """The answer of the userinfo endpoint."""
    somebody = person(grant.person)
    assert somebody is not None
    stranger = grant.choice == "userinfo"
    return {"sub": "un-altro" if stranger else subject(somebody)} | claims_of(somebody)


def _id_claims(grant: Grant, somebody: DemoPerson, access: str, now: datetime) -> Claims:
    half = sha256(access.encode()).digest()[:16]
    at = int(now.timestamp())
    return {
        "iss": agreement.issuer(),
        "sub": subject(somebody),
        "aud": agreement.CLIENT_ID,
        "iat": at,
        "exp": at + int(timedelta(minutes=5).total_seconds()),
        "auth_time": at,
        "nonce": grant.nonce,
        "acr": agreement.ACR[grant.granted_level],
        "at_hash": urlsafe_b64encode(half).rstrip(b"=").decode(),
        "sid": sha256(access.encode()).hexdigest()[:16],
    }
