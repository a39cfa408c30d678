"""The guard of the tenants: a query that forgot its body fails, instead of showing another body's rows."""

from typing import TypeVar

from django.db import models
from django_scopes import get_scope
from django_scopes.manager import DisabledQuerySet

M = TypeVar("M", bound=models.Model)


class EntityManager(models.Manager[M]):
    """What django-scopes' ScopedManager does for one dimension, as a class that type checkers can follow.

    Unlike the original, a scope on no body (`scope(entity=None)`) counts as no scope at all.
    """

    def get_queryset(self) -> models.QuerySet[M]:
        current = get_scope()
        if not current.get("_enabled", True):
            return super().get_queryset()
        entity = current.get("entity")
        if entity is None:
            return DisabledQuerySet(self.model, using=self._db, missing_scopes={"entity"})  # type: ignore[no-any-return]
        several = isinstance(entity, list | tuple)
        return super().get_queryset().filter(**{"entity__in" if several else "entity": entity})

    def all(self) -> models.QuerySet[M]:
        # Without this, `.all()` of the related managers would skip the guard.
        rows = super().all()
        return rows.all() if isinstance(rows, DisabledQuerySet) else rows
