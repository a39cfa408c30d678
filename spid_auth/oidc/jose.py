"""JSON and signed tokens as they come from outside, read without trust.

RS256 and ES256 only: `none` and the symmetric algorithms, with which our own secret or a public key would make a
signature, do not exist here (RFC 8725).
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

ALGORITHMS = {"RS256": "RSA", "ES256": "EC"}
SHORTEST_RSA_KEY = 2048
LONGEST_TOKEN = 64 * 1024

Object = dict[str, Any]


class NotReadable(ValueError):
    """Not a JSON object, or not a token made of three parts."""


class BadSignature(ValueError):
    """No signature, of another algorithm, or not by this key."""


def read_object(body: bytes | str) -> Object:
    """A JSON object. Raises NotReadable."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotReadable(type(error).__name__) from error
    if not isinstance(value, dict):
        raise NotReadable("not an object")
    return value


def header(token: str) -> Object:
    """The header of a token, not to be believed before the signature is verified. Raises NotReadable."""
    if len(token) > LONGEST_TOKEN or token.count(".") != 2 or not token.isascii():
        raise NotReadable("not a token")
    return read_object(_decoded(token.partition(".")[0]))


def key_for(token_header: Mapping[str, Any], keys: Sequence[object]) -> Object | None:
    """The published key a token says it is signed with; without a name, the only one that can be it."""
    algorithm, name = token_header.get("alg"), token_header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        return None
    suitable = [
        key
        for key in keys
        if isinstance(key, dict)
        and key.get("kty") == ALGORITHMS[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (name is None or key.get("kid") == name)
    ]
    return suitable[0] if len(suitable) == 1 else None


def verified(token: str, key: Mapping[str, Any] | None) -> Object:
    """What a token says, when this key signed it. Raises NotReadable, BadSignature."""
    read = header(token)
    algorithm = read.get("alg")
    # An extension marked critical must be understood, and we understand none (RFC 7515, 4.1.11).
    if "crit" in read or key is None or not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise BadSignature("algorithm or key")
    try:
        public = jwt.PyJWK(dict(key), algorithm)
        if not _is_strong(public.key):
            raise BadSignature("weak key")
        parts = jwt.PyJWS(algorithms=[algorithm]).decode_complete(token, key=public.key, algorithms=[algorithm])
    except (jwt.PyJWTError, UnsupportedAlgorithm, ValueError, TypeError, KeyError) as error:
        raise BadSignature(type(error).__name__) from error
    return read_object(parts["payload"])


def _is_strong(key: object) -> bool:
    if isinstance(key, RSAPublicKey):
        return key.key_size >= SHORTEST_RSA_KEY
    return isinstance(key, EllipticCurvePublicKey) and key.curve.name == "secp256r1"


def _decoded(part: str) -> bytes:
    try:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise NotReadable("not base64") from error
