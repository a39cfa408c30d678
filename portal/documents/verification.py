"""Public verification: what a document is worth now. Whoever made the act registers how to tell."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from portal.documents.models import Document


@dataclass(frozen=True, slots=True)
class VerificationStatus:
    """`tone` is ok, warn or bad; `facts` are (label, value) pairs that may be shown to anybody."""

    code: str
    label: str
    tone: str
    facts: list[tuple[str, str]] = field(default_factory=list)


StatusOf = Callable[[Document, date], VerificationStatus]
_providers: dict[str, StatusOf] = {}


def register_status(kind: str, provider: StatusOf) -> None:
    """Say how the status of documents of a kind is told. Called in AppConfig.ready."""
    _providers[kind] = provider


def status_of(document: Document, *, on: date) -> VerificationStatus:
    """The status now. A kind that registered nothing is simply authentic: the document exists as we made it."""
    provider = _providers.get(document.kind)
    if provider is None:
        return VerificationStatus("authentic", "Documento autentico", "ok")
    return provider(document, on)
