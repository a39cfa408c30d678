"""Filters of the notice's templates."""

from collections.abc import Sequence
from typing import Any

from django import template

register = template.Library()


@register.filter
def at(things: Sequence[Any], index: int | None) -> Any:
    """The thing at a position, None for no position."""
    return None if index is None else things[index]
