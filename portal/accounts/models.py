"""The user model: a citizen or a member of staff, never both."""

import uuid
from enum import StrEnum
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.kernel.choices import labels


class Kind(StrEnum):
    CITIZEN = "citizen"
    STAFF = "staff"


KIND_LABELS = {Kind.CITIZEN: _("cittadino"), Kind.STAFF: _("personale dell'ente")}


def opaque_username() -> str:
    """Usernames of citizens say nothing about them."""
    return uuid.uuid4().hex


class AccountManager(UserManager["User"]):
    """`createsuperuser` makes one of the staff."""

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **extra: Any
    ) -> "User":
        return super().create_superuser(username, email, password, **{"kind": Kind.STAFF, **extra})


class User(AbstractUser):
    """Citizens have no password: they come through SPID, CIE or eIDAS. Staff log in locally with MFA."""

    username = models.CharField(_("nome utente"), max_length=150, unique=True, default=opaque_username)
    kind = models.CharField(_("tipo"), max_length=8, choices=labels(Kind, KIND_LABELS), default=Kind.CITIZEN)

    objects: ClassVar[AccountManager] = AccountManager()

    class Meta:
        verbose_name = _("utente")
        verbose_name_plural = _("utenti")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=Kind.STAFF) | Q(is_staff=False, is_superuser=False), name="citizen_is_not_staff"
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.CITIZEN) | Q(password__startswith="!"),  # noqa: S106 - the mark of no password
                name="citizen_has_no_password",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username
