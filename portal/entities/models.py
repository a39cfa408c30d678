"""Public bodies that share the installation (tenants), their offices and who works there."""

from enum import StrEnum

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.entities.managers import EntityManager
from portal.kernel.choices import labels


class Entity(models.Model):
    """A public body (ente). Texts and colours of its face are data, so that a new body needs no code."""

    code = models.CharField(_("sigla"), max_length=8, unique=True, validators=[RegexValidator(r"^[A-Z]{2,8}$")])
    ipa_code = models.CharField(_("codice IPA"), max_length=20, unique=True)
    fiscal_code = models.CharField(
        _("codice fiscale"), max_length=11, unique=True, validators=[RegexValidator(r"^\d{11}$")]
    )
    name = models.CharField(_("denominazione"), max_length=100)
    hostname = models.CharField(_("nome dell'host"), max_length=100, blank=True, help_text=_("es. firenze.localhost"))
    is_default = models.BooleanField(_("ente predefinito"), default=False)
    address = models.CharField(_("indirizzo"), max_length=200, blank=True)
    phone = models.CharField(_("telefono"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    pec = models.EmailField(_("PEC"), blank=True)
    website = models.URLField(_("sito istituzionale"), blank=True)
    accessibility_url = models.URLField(_("dichiarazione di accessibilità (AgID)"), blank=True)

    class Meta:
        verbose_name = _("ente")
        verbose_name_plural = _("enti")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_entity"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def theme(self) -> str:
        """CSS class that carries the body's colours."""
        return f"theme-{self.code.lower()}"


class EntityModel(models.Model):
    """Base of every row that belongs to a body. Queries outside a scope raise ScopeError (django-scopes)."""

    entity = models.ForeignKey(Entity, models.PROTECT, verbose_name=_("ente"), related_name="+")

    objects = EntityManager()

    class Meta:
        abstract = True


class Office(EntityModel):
    """An organisational unit (ufficio, unità organizzativa responsabile)."""

    code = models.SlugField(_("codice"), max_length=40)
    name = models.CharField(_("denominazione"), max_length=100)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telefono"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("ufficio")
        verbose_name_plural = _("uffici")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["entity", "code"], name="office_code_once_an_entity")]

    def __str__(self) -> str:
        return self.name


class Role(StrEnum):
    OFFICER = "officer"
    HEAD = "head"
    ACCOUNTANT = "accountant"
    ADMINISTRATOR = "administrator"


ROLE_LABELS = {
    Role.OFFICER: _("istruttore"),
    Role.HEAD: _("responsabile"),
    Role.ACCOUNTANT: _("ragioneria"),
    Role.ADMINISTRATOR: _("amministratore dell'ente"),
}

# Who may work on cases of an office.
CASEWORKERS = frozenset({Role.OFFICER, Role.HEAD})


class StaffRole(EntityModel):
    """What a staff user may do, and where. Rights belong to the role, never to the user."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("utente"), related_name="staff_roles"
    )
    office = models.ForeignKey(
        Office,
        models.PROTECT,
        verbose_name=_("ufficio"),
        null=True,
        blank=True,
        related_name="roles",
        help_text=_("vuoto: tutto l'ente"),
    )
    role = models.CharField(_("ruolo"), max_length=20, choices=labels(Role, ROLE_LABELS))

    class Meta:
        verbose_name = _("incarico")
        verbose_name_plural = _("incarichi")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "entity", "office", "role"], nulls_distinct=False, name="staff_role_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.office or self.entity}"
