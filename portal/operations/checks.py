"""System checks of the installation: what would go wrong later is said at the start."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from portal.operations import native


@register("portal_operations")
def no_counterparts_in_production(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A counterpart that says "paid" or "it is them" must never stand beside real data."""
    if settings.PRODUCTION and (settings.SANDBOXES or settings.SANDBOX_BASE_URL or settings.DEMO_SEEDS):
        hint = "Togli SANDBOX_BASE_URL, SANDBOXES e DEMO_SEEDS."
        return [
            Error("Le controparti di prova non sono ammesse in produzione.", hint=hint, id="portal_operations.E001")
        ]
    return []


@register("portal_operations")
def fonts_are_subset_by_harfbuzz(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Without libharfbuzz-subset a document takes three times as long."""
    if native.harfbuzz_subset_loads():
        return []
    hint = "apt-get install libharfbuzz-subset0"
    return [Warning("Manca libharfbuzz-subset: i PDF si fanno, ma lentamente.", hint=hint, id="portal_operations.W001")]


@register("portal_operations")
def xml_libraries_agree(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """lxml and xmlsec must embed the same libxml2, or no signature can be checked."""
    problem = native.xml_problem()
    if not problem:
        return []
    hint = "Installa le versioni di uv.lock: make setup."
    return [Error(f"lxml e xmlsec non vanno d'accordo: {problem}", hint=hint, id="portal_operations.E002")]


@register("portal_operations")
def rate_limits_in_production(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Without the brakes on the doors anybody may try codes and logins without end."""
    if settings.PRODUCTION and not settings.RATE_LIMITS:
        hint = "Togli RATE_LIMITS dall'ambiente."
        return [Error("In produzione i limiti di frequenza non si spengono.", hint=hint, id="portal_operations.E003")]
    return []
