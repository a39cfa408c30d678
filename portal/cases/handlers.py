"""How a service plugs into the case: what it shows, what it costs, what it issues."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from portal.audit.actor import Actor
from portal.billing.socket import ChargeLineDraft
from portal.cases.models import Case
from portal.documents.models import Document


@dataclass(frozen=True, slots=True)
class Block:
    """A titled group of (label, value) rows; `table` has a header row and body rows for lists (axles, legs)."""

    title: str
    rows: Sequence[tuple[str, str]] = ()
    header: Sequence[str] = ()
    table: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the office's case page drawn by the service: a template of its own and its context."""

    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)


class CaseHandler(Protocol):
    """Registered by the service in AppConfig.ready. Every call happens inside the case's scope."""

    def describe(self, case: Case) -> list[Block]:
        """What the applicant asked, as text: for the citizen's page, the office and the receipt."""

    def office_panels(self, case: Case) -> list[Panel]:
        """Checks and previews for the officer."""

    def prescriptions(self, case: Case) -> list[tuple[str, str, bool]]:
        """The library offered at approval: (key, text, proposed or mandatory)."""

    def charges(self, case: Case) -> list[ChargeLineDraft]:
        """What is due to grant the case; empty when nothing is. Raises DomainError when it cannot be told."""

    def issue(self, case: Case, actor: Actor) -> Document:
        """Make the act. Runs inside the transaction that closes the case."""


_handlers: dict[str, CaseHandler] = {}


def register_handler(service: str, handler: CaseHandler) -> None:
    """Say who drives the cases of a service."""
    _handlers[service] = handler


def handler_of(case: Case) -> CaseHandler:
    """The handler of a case's service. Raises KeyError when its package is not installed."""
    return _handlers[case.service]
