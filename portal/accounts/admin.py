"""What the staff's accounts show to who runs the system. A lost phone is solved here, without ever seeing a secret."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest

# Rights come from roles, not from groups; allauth keeps no address of ours.
admin.site.unregister([EmailAddress, Group, Authenticator])


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin[Any]):
    """Second factors in use. Removing one lets its owner back in with the password, to set up a new app."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    fields = list_display
    search_fields = ("user__username", "user__last_name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
