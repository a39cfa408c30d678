"""The page of a service: its items in the order of the national model, and its structured data. Pure."""

from collections.abc import Iterator
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from portal.catalogue.cards import ServiceCard

# (anchor, title as the model writes it, attribute of the card, data-element hook)
ITEMS = (
    ("a-chi", _("A chi è rivolto"), "audience", "service-addressed"),
    ("come-fare", _("Come fare"), "how_to", "service-how-to"),
    ("cosa-serve", _("Cosa serve"), "needed", "service-needed"),
    ("cosa-si-ottiene", _("Cosa si ottiene"), "obtained", "service-achieved"),
    ("tempi", _("Tempi e scadenze"), "times", "service-calendar-text"),
    ("costi", _("Quanto costa"), "costs", "service-cost"),
    ("accedi", _("Accedi al servizio"), "", "service-online-access"),
    ("condizioni", _("Condizioni di servizio"), "conditions", "service-file"),
    ("contatti", _("Contatti"), "contacts", "service-area"),
)
# Items that read as a list; the others are paragraphs.
LISTS = frozenset({"audience", "needed", "times"})


class Body(Protocol):
    """What the structured data say about the public body."""

    name: str
    address: str


def page_items(card: ServiceCard) -> list[dict[str, Any]]:
    """Items with something to say; "Accedi al servizio" is always there."""
    return list(_items(card))


def _items(card: ServiceCard) -> Iterator[dict[str, Any]]:
    for anchor, title, attribute, hook in ITEMS:
        texts = getattr(card, attribute) if attribute else ()
        if texts or not attribute:
            yield {
                "anchor": anchor,
                "title": title,
                "texts": texts,
                "hook": hook,
                "is_list": attribute in LISTS and len(texts) > 1,
                "is_access": not attribute,
                "is_contacts": attribute == "contacts",
            }


def structured_data(card: ServiceCard, *, entity: Body | None, url: str) -> dict[str, Any]:
    """GovernmentService of schema.org, with the names the national checker reads."""
    name = entity.name if entity else ""
    street, code, town = split_address(entity.address if entity else "")
    return {
        "@context": "https://schema.org",
        "@type": "GovernmentService",
        "name": card.title,
        "description": card.summary,
        "serviceType": card.category,
        "serviceOperator": {"@type": "GovernmentOrganization", "name": name},
        "areaServed": {"@type": "AdministrativeArea", "name": name},
        "audience": {"@type": "Audience", "audienceType": " ".join(card.audience)},
        "availableChannel": {
            "@type": "ServiceChannel",
            "serviceUrl": url,
            "serviceLocation": {
                "@type": "Place",
                "name": name,
                "address": {
                    "@type": "PostalAddress",
                    "streetAddress": street,
                    "postalCode": code,
                    "addressLocality": town,
                },
            },
        },
    }


def split_address(address: str) -> tuple[str, str, str]:
    """Street, postal code and town of "Piazza Vittorio Emanuele II 14, 56125 Pisa"; what is missing stays empty."""
    street, _comma, rest = address.rpartition(",")
    words = rest.split(maxsplit=1)
    if len(words) == 2 and words[0].isdigit() and len(words[0]) == 5:
        return street.strip(), words[0], words[1].strip()
    return address.strip(), "", ""
