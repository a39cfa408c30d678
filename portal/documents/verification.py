"""Public verification: what a document is worth now. Whoever made the act registers how to tell."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from portal.documents.models import Document


@dataclass(frozen=True, slots=True)
class VerificationStatus:
    """`tone` is ok, warn or bad; `facts` are (label, value) pairs that may be shown to anybody."""

    code: str
    label: str
    tone: str
    facts: list[tuple[str, str]] = field(default_factory=list)


class StatusProvider(Protocol):
    """How the acts of a kind say what they are worth."""

    def statuses(self, documents: Sequence[Document], *, on: date) -> dict[int, VerificationStatus]:
        """By primary key, without facts: asked for whole lists."""

    def facts(self, document: Document) -> list[tuple[str, str]]:
        """What may be shown to anybody who holds the act."""


AUTHENTIC = VerificationStatus("authentic", "Documento autentico", "ok")
_providers: dict[str, StatusProvider] = {}


def register_status(kind: str, provider: StatusProvider) -> None:
    """Say how the status of documents of a kind is told. Called in AppConfig.ready."""
    _providers[kind] = provider


def statuses_of(documents: Sequence[Document], *, on: date) -> list[VerificationStatus]:
    """The status of each on a day, without facts. A kind that registered nothing is simply authentic."""
    found: dict[int, VerificationStatus] = {}
    for kind in {document.kind for document in documents} & set(_providers):
        found |= _providers[kind].statuses([one for one in documents if one.kind == kind], on=on)
    return [found.get(document.pk, AUTHENTIC) for document in documents]


def status_of(document: Document, *, on: date) -> VerificationStatus:
    """The status on a day, with its facts."""
    [status] = statuses_of([document], on=on)
    provider = _providers.get(document.kind)
    return replace(status, facts=provider.facts(document)) if provider else status
