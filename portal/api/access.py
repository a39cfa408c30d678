"""Who calls: a system with the key of a body, which works in the scope of that body alone."""

from contextlib import ExitStack
from typing import Any

from django.utils.translation import gettext as _
from django_scopes import scope
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.views import APIView

from portal.api.models import ServiceKey
from portal.api.problems import handler
from portal.api.services import KeyRefused, key_recognise
from portal.audit.actor import Actor
from portal.site.limits import client_address, household, is_too_much

# Calls of one key, and wrong keys from one address, in a minute.
CALLS = 120
WRONG_KEYS = 20
MINUTE = 60
_LONGEST_KEY = 200


class BearerKey(BaseAuthentication):
    """`Authorization: Bearer <key>`. There is no other way in: neither sessions nor certificates."""

    def authenticate(self, request: Request) -> tuple[None, ServiceKey] | None:
        """The key of the caller. Raises AuthenticationFailed, Throttled."""
        kind, _space, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind.lower() != "bearer" or not text.strip():
            return None
        try:
            if len(text) > _LONGEST_KEY:
                raise KeyRefused("key_unknown", _("La chiave non è riconosciuta."))
            return None, key_recognise(text.strip())
        except KeyRefused as error:
            if is_too_much("api-wrong-key", who=household(client_address(request)), most=WRONG_KEYS, seconds=MINUTE):
                raise exceptions.Throttled(wait=MINUTE) from error
            raise exceptions.AuthenticationFailed(error.message) from error

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class ServiceView(APIView):
    """A service for the systems of others: `needs` is what their key must allow."""

    authentication_classes = (BearerKey,)
    permission_classes = ()
    throttle_classes = ()
    parser_classes: tuple[type[BaseParser], ...] = ()
    needs = ""

    def get_exception_handler(self) -> Any:
        return handler

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """In the scope of the body of the key, which is known only once the request has been looked at."""
        with ExitStack() as self._scope:
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """A key, not too many calls with it, and one that allows this."""
        super().initial(request, *args, **kwargs)
        key = request.auth
        if not isinstance(key, ServiceKey):
            raise exceptions.NotAuthenticated
        if is_too_much("api", who=str(key.pk), most=CALLS, seconds=MINUTE):
            raise exceptions.Throttled(wait=MINUTE)
        if self.needs not in key.scopes:
            raise exceptions.PermissionDenied(_("La chiave non permette questa operazione."))
        self._scope.enter_context(scope(entity=key.entity))

    @property
    def key(self) -> ServiceKey:
        """The key of the caller, once it was recognised."""
        key: ServiceKey = self.request.auth
        return key

    @property
    def actor(self) -> Actor:
        """Who did it, for the audit trail."""
        return Actor(label=f"chiave di servizio {self.key.pk}: {self.key.label}")
