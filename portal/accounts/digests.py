"""Names and addresses typed by strangers are not kept: they may be a password in the wrong field."""

from django.utils.crypto import salted_hmac


def digest_of_name(name: str) -> str:
    """Under which key the attempts on a name are counted."""
    return _digest("portal.accounts.lock", name)


def digest_of_address(email: str) -> str:
    """How an e-mail address is named in the queue."""
    return _digest("portal.accounts.reset", email)


def _digest(salt: str, text: str) -> str:
    return salted_hmac(salt, text.strip().lower(), algorithm="sha256").hexdigest()
