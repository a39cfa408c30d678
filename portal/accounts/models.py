"""The user model: a citizen or a member of staff, never both."""

import uuid
from enum import StrEnum
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.domain.lockout import Count
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
    second_factor_required = models.BooleanField(
        _("secondo passaggio obbligatorio"),
        default=False,
        db_default=False,
        help_text=_("Vale per questa persona, anche quando l'ente non lo chiede a tutti."),
    )

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


class LoginLock(models.Model):
    """Wrong passwords and codes of one name, and the lock that follows. Names nobody has are counted in the same way.

    It stands in the database and not in the cache: without Redis the cache forgets, and this must not.
    """

    name_digest = models.CharField(_("impronta"), max_length=64, unique=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("utente"),
        null=True,
        related_name="login_lock",
    )
    attempts = ArrayField(models.DateTimeField(), default=list, verbose_name=_("tentativi recenti"))
    locks = models.PositiveSmallIntegerField(_("blocchi di seguito"), default=0)
    locked_until = models.DateTimeField(_("bloccato fino a"), null=True)
    seen_at = models.DateTimeField(_("ultimo tentativo"))

    class Meta:
        verbose_name = _("blocco dell'accesso")
        verbose_name_plural = _("blocchi dell'accesso")
        ordering = ["-seen_at"]

    def __str__(self) -> str:
        return str(self.user) if self.user else str(_("nome sconosciuto"))

    @property
    def count(self) -> Count:
        """The rule's view of the row."""
        return Count(tuple(self.attempts), self.locks, self.locked_until)

    @count.setter
    def count(self, value: Count) -> None:
        self.attempts, self.locks, self.locked_until = list(value.attempts), value.locks, value.locked_until
