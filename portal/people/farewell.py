"""What goes on after a citizen leaves: whoever let them in may have a session of its own to end.

The local session always ends first, and nothing that happens outside can keep it open.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

# Looks at the session that is about to end and says what to do once it has ended, None when there is nothing.
GoOn = Callable[[HttpRequest], HttpResponseBase]
Farewell = Callable[[HttpRequest], GoOn | None]

_farewells: list[Farewell] = []


def register_farewell(farewell: Farewell) -> None:
    """Called in AppConfig.ready of the packages that open sessions."""
    if farewell not in _farewells:
        _farewells.append(farewell)


def after_leaving(request: HttpRequest) -> GoOn | None:
    """What the first package concerned wants to do after the logout."""
    found = (farewell(request) for farewell in _farewells)
    return next((go_on for go_on in found if go_on is not None), None)
