"""Second factors: secrets encrypted at rest, passkeys tied to our own address, no way around the obligation."""

from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256
from urllib.parse import urlsplit

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.accounts.adapter import WRONG_CODE
from portal.accounts.models import User
from portal.accounts.selectors import FACTORS, must_have_second_factor
from portal.entities.selectors import roles_of

SEALED = "sealed:"


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    digests = (sha256(f"portal.accounts.mfa:{key}".encode()).digest() for key in keys)
    return MultiFernet([Fernet(urlsafe_b64encode(digest)) for digest in digests])


def _seal() -> MultiFernet:
    return _cipher((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


class StaffMFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """What allauth asks the house about second factors."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": WRONG_CODE,
        "cannot_delete_authenticator": _(
            "Il tuo ruolo chiede un secondo passaggio: prima di togliere questo, aggiungine un altro."
        ),
    }

    def encrypt(self, text: str) -> str:
        """Whoever reads a copy of the database finds no secret of an app."""
        return SEALED + _seal().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Secrets written before sealing are still read."""
        if not encrypted_text.startswith(SEALED):
            return encrypted_text
        return _seal().decrypt(encrypted_text.removeprefix(SEALED).encode()).decode()

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The last factor of who must have one stays, until there is another."""
        user = User.objects.get(pk=authenticator.user_id)
        others = Authenticator.objects.filter(user=user, type__in=FACTORS).exclude(pk=authenticator.pk)
        return others.exists() or not must_have_second_factor(user, roles_of(user.pk))

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey %(number)s") % {"number": number}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """A passkey belongs to the portal's public name; on another of our names (a body's own) to that one."""
        asked = urlsplit(f"//{context.request.get_host()}").hostname or ""
        public = urlsplit(settings.PORTAL_BASE_URL).hostname or asked
        ours = asked == public or asked.endswith(f".{public}")
        return {"id": public if ours else asked, "name": settings.MFA_TOTP_ISSUER}
