"""Choices of a model field from an enum and its Italian labels."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


def labels(enum: type[StrEnum], names: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    """`choices` for a CharField; a member without a label is a programming error (KeyError)."""
    return [(member.value, names[member]) for member in enum]
