"""What the provider publishes of itself: addresses and keys, kept in cache for a while.

Source: OpenID Connect Discovery 1.0, sections 3 and 4.3; JWKS is RFC 7517.
"""

import json
from hashlib import sha256
from typing import Any

from django.core.cache import cache

from portal.kernel.errors import GatewayError
from spid_auth.oidc import conf, gateway, jose

WELL_KNOWN = "/.well-known/openid-configuration"
KEPT_SECONDS = 3600
MOST_KEYS = 50
ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")
OPTIONAL_ADDRESSES = ("userinfo_endpoint", "end_session_endpoint")


def document(issuer: str) -> dict[str, Any]:
    """The provider's own description, checked to be of this issuer. Raises GatewayError."""
    return _kept(f"{issuer}{WELL_KNOWN}", lambda found: _is_document(found, issuer))


def key_of(token: str, described: dict[str, Any]) -> dict[str, Any] | None:
    """The published key that a token names. An unknown name makes us look again, once. Raises GatewayError."""
    try:
        header = jose.header(token)
    except jose.NotReadable:
        return None
    if header.get("alg") not in jose.ALGORITHMS:
        return None
    address = described["jwks_uri"]
    found = jose.key_for(header, _kept(address, _is_key_set)["keys"])
    if found is None:
        cache.delete(_name(address))
        found = jose.key_for(header, _kept(address, _is_key_set)["keys"])
    return found


def _kept(address: str, is_good: Any) -> dict[str, Any]:
    """A JSON document from the cache, or from the provider. What is not good is not kept. Raises GatewayError."""
    kept = cache.get(_name(address))
    if kept is not None:
        return dict(json.loads(kept))
    reply = gateway.get(address)
    try:
        found = jose.read_object(reply.body)
    except jose.NotReadable as error:
        raise GatewayError("the provider's document is not readable", permanent=False) from error
    if reply.status != 200 or not is_good(found):
        raise GatewayError(f"the provider's document is not good (HTTP {reply.status})", permanent=False)
    cache.set(_name(address), json.dumps(found), timeout=KEPT_SECONDS)
    return found


def _name(address: str) -> str:
    return f"oidc:{sha256(address.encode()).hexdigest()}"


def _is_document(found: dict[str, Any], issuer: str) -> bool:
    """Of this issuer, and with addresses that we may call."""
    addresses = [found.get(name) for name in ADDRESSES]
    addresses += [found[name] for name in OPTIONAL_ADDRESSES if found.get(name) is not None]
    good = all(isinstance(one, str) and one.isprintable() and conf.may_be_called(one) for one in addresses)
    methods = found.get("token_endpoint_auth_methods_supported", [])
    return found.get("issuer") == issuer and good and isinstance(methods, list)


def _is_key_set(found: dict[str, Any]) -> bool:
    keys = found.get("keys")
    return isinstance(keys, list) and 0 < len(keys) <= MOST_KEYS
