"""Service cards (schede servizio): the national model's items, loaded from TOML files of the packages."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Term:
    """The term of the procedure in calendar days, and the norm that sets it."""

    days: int
    source: str
    confirmed_by: str = ""


@dataclass(frozen=True, slots=True)
class ServiceCard:
    """A service as the citizen reads about it. Texts are paragraphs or lists of plain sentences."""

    slug: str
    title: str
    category: str
    summary: str
    audience: tuple[str, ...]
    how_to: tuple[str, ...]
    needed: tuple[str, ...]
    obtained: tuple[str, ...]
    times: tuple[str, ...]
    costs: tuple[str, ...]
    conditions: tuple[str, ...]
    contacts: tuple[str, ...]
    topics: tuple[str, ...]
    office_code: str
    term: Term | None = None
    start_url: str = ""
    # Level of assurance (1-3) of the digital identity that opens the service.
    level: int = 2
    active: bool = True
    inactive_reason: str = ""
    keywords: tuple[str, ...] = field(default=())


TUPLES = {"audience", "how_to", "needed", "obtained", "times", "costs", "conditions", "contacts", "topics", "keywords"}


def load_card(path: Path) -> ServiceCard:
    """Read a card. Raises TypeError on a missing or unknown key, so a wrong file fails at start."""
    values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    for key in TUPLES & values.keys():
        values[key] = tuple(values[key])
    if "term" in values:
        values["term"] = Term(**values["term"])
    return ServiceCard(**values)


_cards: dict[str, ServiceCard] = {}


def register(card: ServiceCard) -> None:
    """Put a card in the catalogue. Called in AppConfig.ready; the slug is for ever (cases carry it)."""
    if _cards.setdefault(card.slug, card) != card:
        raise ValueError(f"service {card.slug} is registered twice")


def all_cards() -> list[ServiceCard]:
    """Every card, by title."""
    return sorted(_cards.values(), key=lambda card: card.title)


def card(slug: str) -> ServiceCard:
    """One card. Raises KeyError."""
    return _cards[slug]


def title_of(slug: str) -> str:
    """The title of a service; its slug when the package that offers it is gone."""
    return _cards[slug].title if slug in _cards else slug


def categories() -> list[str]:
    """Categories that have at least one service."""
    return sorted({card.category for card in _cards.values()})


def find(*, text: str = "", category: str = "") -> list[ServiceCard]:
    """Cards whose words contain all the words of `text`, in a category if given."""
    words = text.casefold().split()
    return [
        card
        for card in all_cards()
        if (not category or card.category == category)
        and all(word in " ".join((card.title, card.summary, *card.keywords, *card.topics)).casefold() for word in words)
    ]
