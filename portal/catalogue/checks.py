"""What `manage.py check --deploy` says of the catalogue."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

from portal.catalogue.cards import all_cards

DEMONSTRATIVE = {"", "dimostrativo"}


@register("portal_catalogue", deploy=True)
def terms_are_confirmed(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A term the office has not made its own must not decide real cases unnoticed."""
    if not settings.PRODUCTION:
        return []
    return [
        Warning(
            f"Il termine del servizio «{card.title}» non è confermato dall'ufficio.",
            hint="Verifica la norma e scrivi chi lo conferma in confirmed_by, nel file della scheda.",
            id="portal_catalogue.W001",
        )
        for card in all_cards()
        if card.term and card.term.confirmed_by in DEMONSTRATIVE
    ]
