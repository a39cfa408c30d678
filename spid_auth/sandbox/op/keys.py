"""The signing key of the test provider, made the first time it is asked for, and the tokens it signs."""

import fcntl
import hmac
import json
from base64 import urlsafe_b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings


def signing_key() -> rsa.RSAPrivateKey:
    """The key whose public half stands at `jwks`."""
    folder = Path(settings.DATA_DIR) / "keys" / "sandbox-op"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = folder / "key.pem"
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            place.touch(mode=0o600)
            place.write_bytes(_pem(rsa.generate_private_key(65537, 2048)))
        pem = place.read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


@cache
def strangers_key() -> rsa.RSAPrivateKey:
    """A key that nobody published."""
    return rsa.generate_private_key(65537, 2048)


def key_set() -> dict[str, Any]:
    """The JWKS document."""
    public = signing_key().public_key()
    described = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(public))
    described.pop("key_ops", None)
    return {"keys": [described | {"kid": kid(), "use": "sig", "alg": "RS256"}]}


def kid() -> str:
    """The name of the key."""
    numbers = signing_key().public_key().public_numbers()
    return sha256(str(numbers.n).encode()).hexdigest()[:16]


def signed(claims: dict[str, Any], *, by_stranger: bool = False, name: str = "") -> str:
    """A token signed with RS256, by our key or by a stranger's under our name."""
    key = strangers_key() if by_stranger else signing_key()
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": name or kid()})


def unsigned(claims: dict[str, Any]) -> str:
    """A token with the algorithm `none`."""
    return jwt.encode(claims, "", algorithm="none", headers={"kid": kid()})


def signed_with_public_key(claims: dict[str, Any]) -> str:
    """A token whose HS256 secret is the public key: good for who lets the token choose the algorithm."""
    pem = (
        signing_key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    parts = [json.dumps({"alg": "HS256", "typ": "JWT", "kid": kid()}).encode(), json.dumps(claims).encode()]
    head = b".".join(_packed(part) for part in parts)
    return (head + b"." + _packed(hmac.new(pem, head, sha256).digest())).decode()


def _packed(content: bytes) -> bytes:
    return urlsafe_b64encode(content).rstrip(b"=")


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
