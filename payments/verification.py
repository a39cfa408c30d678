"""What a printed notice is worth now: nothing of who owes or how much. An old paper must not be paid."""

from collections.abc import Sequence
from datetime import date

from django_scopes import scope

from payments.domain.states import SETTLED, State
from payments.models import Position
from portal.documents.models import Document
from portal.documents.verification import VerificationStatus

OVER = VerificationStatus("over", "Avviso non più valido", "bad")
PAID = VerificationStatus("paid", "Avviso già pagato", "warn")
SUSPENDED = VerificationStatus("suspended", "Avviso sospeso: per ora non pagarlo", "warn")


class NoticeStatus:
    """The standing of the positions behind printed notices. One that can be paid is simply authentic."""

    def statuses(self, documents: Sequence[Document], *, on: date) -> dict[int, VerificationStatus]:
        """One for each document that is not to be paid any more, in one query."""
        by_position: dict[int, list[Document]] = {}
        for document in documents:
            _kind, _colon, key = document.source.partition(":")
            by_position.setdefault(int(key), []).append(document)
        with scope(entity=list({document.entity for document in documents})):
            positions = Position.objects.select_related("notice").filter(pk__in=by_position)
            found = [(paper, _status(paper, position)) for position in positions for paper in by_position[position.pk]]
        return {paper.pk: status for paper, status in found if status is not None}

    def facts(self, document: Document) -> list[tuple[str, str]]:
        """The number, which is on the paper."""
        return [("Codice avviso", document.number)]


def _status(paper: Document, position: Position) -> VerificationStatus | None:
    notice = getattr(position, "notice", None)
    if position.state == State.CANCELLED:
        return OVER
    if position.state in SETTLED:
        return PAID
    if notice is None or notice.document_id != paper.pk:
        # The amount has changed since: another notice has been printed, or will be.
        return OVER
    return SUSPENDED if position.suspended_at is not None else None
