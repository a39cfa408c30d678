"""When two persons turn out to be one: each room moves its own rows from the old one to the true one."""

from collections.abc import Callable

from portal.people.models import Person

Mover = Callable[[Person, Person], None]
_movers: list[Mover] = []


def register_mover(move: Mover) -> None:
    """`move(old, new)` runs in the transaction of the decision. Called in AppConfig.ready.

    Evidence is not moved: it is found through `Person.same_as`.
    """
    if move not in _movers:
        _movers.append(move)


def move_everything(old: Person, new: Person) -> None:
    """Every room moves what it keeps."""
    for move in _movers:
        move(old, new)
