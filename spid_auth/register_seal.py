"""The register of logins is sealed at rest: each message compressed, then encrypted with the key of the day.

Fernet (AES-128-CBC with HMAC-SHA256, from `cryptography`). SPID_REGISTER_KEYS holds the keys, the newest first: new
messages are sealed with the first, older ones are opened with whichever sealed them. A lost key is a lost register.
"""

import zlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from spid_auth.models import SamlMessage


class CannotOpen(ValueError):
    """The key that sealed a message is not there, or the message is not what was sealed."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted message and the name of its key."""

    content: bytes
    key: str


def seal(body: bytes) -> Sealed:
    """Compress and encrypt with the newest key."""
    name, fernet = _keys()[0]
    return Sealed(fernet.encrypt(zlib.compress(body)), name)


def opened(message: SamlMessage) -> bytes:
    """The message as it was exchanged. Raises CannotOpen."""
    content = bytes(message.body)
    if not message.key:
        return content
    for name, fernet in _keys():
        if name == message.key:
            try:
                body = zlib.decompress(fernet.decrypt(content))
            except (InvalidToken, zlib.error) as error:
                raise CannotOpen(str(message.pk)) from error
            if sha256(body).hexdigest() != message.sha256:
                raise CannotOpen(str(message.pk))
            return body
    raise CannotOpen(f"{message.pk}: {message.key}")


def key_names() -> list[str]:
    """The names of the keys at hand, the newest first."""
    return [name for name, _fernet in _keys()]


def _keys() -> list[tuple[str, Fernet]]:
    """(name, key), the newest first. Without keys of their own, demo and tests derive one from SECRET_KEY."""
    secrets = list(settings.SPID_REGISTER_KEYS) or [f"register:{settings.SECRET_KEY}"]
    return [(sha256(f"name:{one}".encode()).hexdigest()[:16], _fernet(one)) for one in secrets]


def _fernet(secret: str) -> Fernet:
    """Any secret of enough entropy makes a key."""
    return Fernet(urlsafe_b64encode(sha256(secret.encode()).digest()))
