"""Migrations render again only what a change touches.

After each operation Django renders again every model that has any relation with the changed one, and the relations
of those. Here every table points to the body it belongs to, so that each of the hundreds of operations rendered all
the others: most of the time in which an empty database becomes a portal. It is enough to render the changed model
and those that hold on to it: foreign keys to it, tables between, subclasses, and whoever holds on to these.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ProjectState
from django.db.migrations.utils import resolve_relation

Key = tuple[str, str]  # label of the application, name of the model in small letters


@contextmanager
def near_reloads() -> Iterator[None]:
    """Inside, a state of the migrations reloads a model together with its holders alone."""
    state: Any = ProjectState  # the method is Django's own and no stub names it
    plain = state._find_reload_model
    state._find_reload_model = _near
    try:
        yield
    finally:
        state._find_reload_model = plain


def _near(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> set[Key]:
    """In place of ProjectState._find_reload_model: the models to render again after a change to one."""
    # Whoever runs Python over the models, as a migration of data does, first has all of them rendered anew.
    state.is_delayed = True
    holders = _holders(state)
    found: set[Key] = set()
    waiting = [(app_label, model_name)]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += holders[key]
    return found


def _holders(state: ProjectState) -> dict[Key, set[Key]]:
    """For each model, those whose class holds on to its class."""
    held: dict[Key, set[Key]] = defaultdict(set)
    for key, model in state.models.items():
        for base in model.bases:
            if isinstance(base, str):
                held[resolve_relation(base, *key)].add(key)
        for field in model.fields.values():
            if field.remote_field:
                for other in (field.remote_field.model, getattr(field.remote_field, "through", None)):
                    if other:
                        held[resolve_relation(other, *key)].add(key)
    return held
