"""Sets the scope of each request: staff see the bodies they work for, nobody else has a scope."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django_scopes import scope

from portal.entities.models import Entity
from portal.entities.selectors import entities_of, entity_of_host, roles_of


class EntityMiddleware:
    """`request.entity` is the face of the host; `request.staff_roles` and the scope come from the user's roles.

    A citizen has no scope: their selectors filter by person and say `scopes_disabled()` openly.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host = request.META.get("HTTP_HOST", "")
        request.entity = SimpleLazyObject(lambda: entity_of_host(host))  # type: ignore[attr-defined]
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated or not user.is_staff:
            request.staff_roles = []  # type: ignore[attr-defined]
            return self.get_response(request)
        roles = roles_of(user.pk)
        request.staff_roles = roles  # type: ignore[attr-defined]
        # Who runs the system keeps the registers of every body; without a role they have no case and no books.
        visible = list(Entity.objects.all()) if user.is_superuser else entities_of(roles)
        with scope(entity=visible):
            return self.get_response(request)
