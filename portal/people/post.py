"""How the room tells people something: whoever carries messages registers itself, this room knows nobody above it."""

from collections.abc import Iterable
from typing import Any, Protocol

from portal.entities.models import Entity
from portal.people.models import Person


class Post(Protocol):
    """Carries a message to a person, in the caller's transaction."""

    def __call__(
        self, *, person: Person, entity: Entity, template: str, source: str, context: dict[str, Any]
    ) -> object: ...


_posts: list[Post] = []


def register_post(post: Post) -> None:
    """Called once, in AppConfig.ready of the room that carries messages."""
    _posts[:] = [post]


def tell(
    people: Iterable[Person], *, entity: Entity | None, template: str, source: str, context: dict[str, Any]
) -> None:
    """Tell each person once, in the name of a body; nothing when the installation has no body yet."""
    if entity is None:
        return
    for person in {each.pk: each for each in people}.values():
        for post in _posts:
            post(person=person, entity=entity, template=f"portal/people/{template}", source=source, context=context)
