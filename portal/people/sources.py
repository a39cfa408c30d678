"""Whose are the things that other rooms keep by source ("case:..."): the room of the sources registers how to tell."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet

from portal.people.acting import Acting

# The sources that whoever acts may see, as a query of one text column.
OwnSources = Callable[[Acting], QuerySet[Any]]
_rooms: list[OwnSources] = []


def register_sources(own: OwnSources) -> None:
    """Called in AppConfig.ready of a room whose rows are sources of messages, documents and charges."""
    if own not in _rooms:
        _rooms.append(own)


def from_own_sources(acting: Acting) -> Q:
    """Rows that came from what whoever acts may see."""
    found = Q(pk__in=[])
    for own in _rooms:
        found |= Q(source__in=own(acting))
    return found


def within_scope(acting: Acting) -> Q:
    """For rows of a company: all of them, or only those from the services that the mandate reaches."""
    return Q() if acting.scope is None else from_own_sources(acting)
