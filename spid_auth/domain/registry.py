"""The registry of identity providers beside what we have: the differences, and what each is worth. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum


class Trust(StrEnum):
    """What the signature of a registry says."""

    PINNED = "pinned"
    UNKNOWN = "unknown"
    UNSIGNED = "unsigned"
    BROKEN = "broken"


class Difference(StrEnum):
    NEW = "new"
    KEYS = "keys"
    UPDATED = "updated"
    MISSING = "missing"
    MANUAL = "manual"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Described:
    """An identity provider as a registry describes it. Certificates are PEM; a list of names has none."""

    entity_id: str
    name: str
    sso_post: str = ""
    sso_redirect: str = ""
    slo_post: str = ""
    slo_redirect: str = ""
    certificates: frozenset[str] = frozenset()

    @property
    def complete(self) -> bool:
        """Whether one can log in with it."""
        return bool(self.certificates and (self.sso_post or self.sso_redirect))


@dataclass(frozen=True, slots=True)
class Known:
    """A provider as registered with us; `manual` ones are nobody's but ours."""

    described: Described
    manual: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One provider, and in which fields the registry differs from what we have."""

    kind: Difference
    entity_id: str
    name: str
    fields: tuple[str, ...] = ()


def differences(known: Iterable[Known], listed: Iterable[Described]) -> tuple[Change, ...]:
    """One change for each provider of either side, in order of entityID. A provider is never to be deleted."""
    ours = {one.described.entity_id: one for one in known}
    theirs = {one.entity_id: one for one in listed}
    return tuple(_change(entity_id, ours.get(entity_id), theirs.get(entity_id)) for entity_id in sorted(ours | theirs))


def _change(entity_id: str, ours: Known | None, theirs: Described | None) -> Change:
    if ours is None:
        assert theirs
        return Change(Difference.NEW, entity_id, theirs.name)
    name = ours.described.name
    if ours.manual:
        return Change(Difference.MANUAL, entity_id, name)
    if theirs is None:
        return Change(Difference.MISSING, entity_id, name)
    changed = _changed_fields(ours.described, theirs)
    if "certificates" in changed:
        return Change(Difference.KEYS, entity_id, name, changed)
    return Change(Difference.UPDATED if changed else Difference.SAME, entity_id, name, changed)


def _changed_fields(ours: Described, theirs: Described) -> tuple[str, ...]:
    """A list of names says nothing of addresses and keys: only the name is compared then."""
    compared = [field.name for field in fields(Described)] if theirs.complete else ["name"]
    return tuple(name for name in compared if getattr(ours, name) != getattr(theirs, name))
