"""What a service key may do: each package says what its own addresses ask for, when it starts."""

from collections.abc import Mapping

from django_stubs_ext import StrOrPromise

_SCOPES: dict[str, StrOrPromise] = {}


def register(code: str, label: StrOrPromise) -> None:
    """Add a permission that keys can have; `label` says in Italian what it lets a system do."""
    _SCOPES[code] = label


def scopes() -> Mapping[str, StrOrPromise]:
    """Every permission, by its code, with its label."""
    return dict(sorted(_SCOPES.items()))
