"""What the staff's accounts show to who runs the system. A lost phone is solved here, without ever seeing a secret."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.accounts import services
from portal.accounts.domain import lockout
from portal.accounts.models import Kind, LoginLock, User
from portal.accounts.selectors import FACTORS, locks_for
from portal.audit.registers import ReadOnlyAdmin, RegisterAdmin, actor_of
from portal.entities.models import Role
from portal.kernel.errors import DomainError

# The one right that no role carries: it is given to a person by name.
GIVEN_BY_NAME = "open_register"

# Rights come from roles, not from groups; allauth keeps no address of ours.
admin.site.unregister([EmailAddress, Group, Authenticator])


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin[Any]):
    """Second factors in use. Removing one lets its owner back in with the password, to set up a new one."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    fields = list_display
    search_fields = ("user__username", "user__last_name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Recorded, and its owner is told."""
        services.factor_remove(factor=obj, actor=actor_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        # Recovery codes last: they leave with the last factor.
        for factor in sorted(queryset, key=lambda each: each.type == Authenticator.Type.RECOVERY_CODES):
            if Authenticator.objects.filter(pk=factor.pk).exists():
                services.factor_remove(factor=factor, actor=actor_of(request))


@admin.register(User)
class StaffUserAdmin(RegisterAdmin[User], UserAdmin[User]):
    """Accounts of the staff. Citizens are not here: they have no password and no account to manage."""

    list_display = ("username", "last_name", "first_name", "is_active", "is_superuser", "second_factor", "last_login")
    list_filter = ("is_active", "is_superuser", "second_factor_required")
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Chi è"), {"fields": ("first_name", "last_name", "email")}),
        (
            _("Accesso"),
            {
                "fields": (
                    "is_active",
                    "is_superuser",
                    "second_factor_required",
                    "user_permissions",
                    "last_login",
                    "date_joined",
                )
            },
        ),
    )
    add_fieldsets = ((None, {"fields": ("username", "first_name", "last_name", "email", "password1", "password2")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
        return super().get_queryset(request).filter(kind=Kind.STAFF).annotate(has_second_factor=Exists(factors))

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Of all the permissions Django makes, only the one that is given by name."""
        if db_field.name == "user_permissions":
            kwargs["queryset"] = Permission.objects.filter(codename=GIVEN_BY_NAME).select_related("content_type")
            kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.display(description=_("secondo passaggio"), boolean=True, ordering="has_second_factor")
    def second_factor(self, user: User) -> bool:
        """Whether an app or a passkey is set up."""
        return bool(getattr(user, "has_second_factor", False))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Whoever is made here belongs to the staff."""
        obj.kind, obj.is_staff = Kind.STAFF, True
        super().save_model(request, obj, form, change)

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """A password set by who runs the system is recorded, and its owner is told."""
        before = self._password_of(id)
        response = super().user_change_password(request, id, form_url)
        if before is not None and self._password_of(id) != before:
            user = User.objects.get(pk=id)
            services.password_changed(user=user, how="set", actor=actor_of(request))
        return response

    def _password_of(self, id: str) -> str | None:
        return User.objects.filter(pk=id, kind=Kind.STAFF).values_list("password", flat=True).first()


class StillLocked(admin.SimpleListFilter):
    """Locked now, or all the names that were tried."""

    title = _("stato")
    parameter_name = "stato"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("bloccati", _("bloccati adesso"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LoginLock]) -> QuerySet[LoginLock]:
        """Those whose lock has not run out."""
        return queryset.filter(locked_until__gt=clock.now()) if self.value() == "bloccati" else queryset


@admin.register(LoginLock)
class LoginLockAdmin(ReadOnlyAdmin[LoginLock]):
    """Who cannot come in after too many wrong attempts. An administrator of their body opens the door again."""

    list_display = ("who", "is_closed", "locked_until", "locks", "seen_at")
    list_filter = (StillLocked,)
    list_select_related = ("user",)
    search_fields = ("user__username", "user__last_name")
    fields = ("who", "is_closed", "locked_until", "locks", "seen_at")
    actions = ("unlock",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        roles = getattr(request, "staff_roles", [])
        return bool(getattr(request.user, "is_superuser", False)) or any(
            held.role == Role.ADMINISTRATOR for held in roles
        )

    def has_view_permission(self, request: HttpRequest, obj: LoginLock | None = None) -> bool:
        return self.has_module_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LoginLock]:
        seen = locks_for(request.user, getattr(request, "staff_roles", []))  # type: ignore[arg-type]
        return super().get_queryset(request).filter(pk__in=seen.values("pk"))

    @admin.display(description=_("utente"), ordering="user__username")
    def who(self, lock: LoginLock) -> str:
        """The name, when somebody has it."""
        return str(lock)

    @admin.display(description=_("bloccato"), boolean=True)
    def is_closed(self, lock: LoginLock) -> bool:
        """Whether the next attempt would be refused."""
        return lockout.closed_until(lock.count, clock.now()) is not None

    @admin.action(description=_("Togli il blocco"))
    def unlock(self, request: HttpRequest, queryset: QuerySet[LoginLock]) -> None:
        """Open the door before time, for those that are closed."""
        for lock in queryset:
            try:
                services.lock_release(lock_id=lock.pk, actor=actor_of(request))
            except DomainError as error:
                messages.warning(request, f"{lock}: {error.message}")
            else:
                messages.success(request, gettext("%(who)s può entrare di nuovo.") % {"who": lock})
