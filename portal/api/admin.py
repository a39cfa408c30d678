"""Keys of the systems of others: made and taken back by the administrators of a body."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from portal import clock
from portal.api.models import ServiceKey
from portal.api.scopes import scopes
from portal.api.services import key_create, key_revoke
from portal.audit.registers import ReadOnlyAdmin, actor_of
from portal.entities.models import Entity, Role
from portal.kernel.errors import DomainError

USUAL = timedelta(days=365)


def bodies_of(request: HttpRequest) -> list[int]:
    """The bodies whose administrator asks. Who runs the system gives nobody a key to the books of a body."""
    roles = getattr(request, "staff_roles", [])
    return sorted({held.entity_id for held in roles if held.role == Role.ADMINISTRATOR})


class KeyForm(forms.Form):
    """For which system a key is, what it may do and until when."""

    entity = forms.ModelChoiceField(label=_("Ente"), queryset=Entity.objects.none(), empty_label=None)
    label = forms.CharField(
        label=_("Sistema che la usa"), help_text=_("Per esempio: gestionale contabile."), max_length=80,
        error_messages={"required": _("Scrivi quale sistema userà la chiave.")},
    )  # fmt: skip
    allowed = forms.MultipleChoiceField(
        label=_("Che cosa può fare"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Scegli che cosa può fare la chiave.")},
    )  # fmt: skip
    expires_on = forms.DateField(
        label=_("Vale fino al"), help_text=_("Al massimo due anni."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip

    def __init__(self, *args: Any, entity_ids: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        entity, allowed = self.fields["entity"], self.fields["allowed"]
        if isinstance(entity, forms.ModelChoiceField) and isinstance(allowed, forms.MultipleChoiceField):
            entity.queryset = Entity.objects.filter(pk__in=entity_ids).order_by("name")
            allowed.choices = list(scopes().items())
        self.fields["expires_on"].initial = clock.today() + USUAL


@admin.register(ServiceKey)
class ServiceKeyAdmin(ReadOnlyAdmin[ServiceKey]):
    """Which systems have a key, until when, and when they last used it."""

    list_display = ("label", "entity", "hint", "expires_on", "state", "last_used_at")
    list_filter = ("entity",)
    list_select_related = ("entity",)
    search_fields = ("label",)
    fields = ("label", "entity", "allowed", "hint", "created_at", "created_by", "expires_on", "state", "last_used_at")
    change_list_template = "portal/api/key_list.html"
    change_form_template = "portal/api/key_page.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ServiceKey]:
        return super().get_queryset(request).filter(entity_id__in=bodies_of(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(bodies_of(request))

    def has_view_permission(self, request: HttpRequest, obj: ServiceKey | None = None) -> bool:
        return bool(bodies_of(request)) and (obj is None or obj.entity_id in bodies_of(request))

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("nuova/", guard(never_cache(self.new_view)), name="portal_api_servicekey_new"),
            path("<int:key_id>/revoca/", guard(self.revoke_view), name="portal_api_servicekey_revoke"),
            *super().get_urls(),
        ]

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for what a key needs; the answer shows its text, once."""
        bodies = bodies_of(request)
        if not bodies:
            raise PermissionDenied
        form = KeyForm(request.POST or None, entity_ids=bodies)
        text = ""
        if request.method == "POST" and form.is_valid():
            asked = form.cleaned_data
            try:
                _key, text = key_create(**asked, user_id=request.user.pk, actor=actor_of(request))
            except DomainError as error:
                form.add_error(None, error.message)
        frame = {**self.admin_site.each_context(request), "opts": self.model._meta, "title": gettext("Nuova chiave")}
        status = 422 if form.errors else 200
        return render(request, "portal/api/key_new.html", {**frame, "form": form, "text": text}, status=status)

    def revoke_view(self, request: HttpRequest, key_id: int) -> HttpResponse:
        """From now on the key opens nothing."""
        key = self.get_queryset(request).filter(pk=key_id).first()
        if key is None:
            raise Http404
        if request.method == "POST":
            key_revoke(key_id=key.pk, actor=actor_of(request))
            messages.success(request, gettext("La chiave è stata revocata."))
        return redirect("admin:portal_api_servicekey_change", key.pk)

    @admin.display(description=_("che cosa può fare"))
    def allowed(self, key: ServiceKey) -> str:
        known = scopes()
        return "; ".join(str(known.get(code, code)) for code in key.scopes)

    @admin.display(description=_("stato"))
    def state(self, key: ServiceKey) -> str:
        if key.revoked_at is not None:
            return str(_("revocata"))
        return str(_("scaduta") if key.is_expired(clock.today()) else _("valida"))
