"""A journal in several pages is one document: when all of them are in, its totals are judged together."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import connection

from payments.reconciliation.formats.opi_journal import check_pages, read_journal
from payments.reconciliation.models import EvidenceFile
from payments.reconciliation.services.evidence import Kept
from payments.reconciliation.sql import statement

_PAGES = statement("journal_pages")


@dataclass(slots=True)
class _Pages:
    """Pages of one journal that are in, by number: the document of each."""

    expected: int
    evidence: dict[int, int] = field(default_factory=dict)


def note_totals(journals: Mapping[int, Kept]) -> None:
    """Of the journals that these pages complete, say whether the whole adds up: beside the last page that came."""
    latest = {kept.evidence_id: kept for kept in journals.values()}
    for pages in _complete(journals):
        last = max((key for key in pages.evidence.values() if key in latest), default=None)
        if last is not None:
            documents = [read_journal(content) for content in _contents(pages, latest)]
            latest[last].findings += check_pages(documents)


def _complete(journals: Mapping[int, Kept]) -> list[_Pages]:
    found: dict[tuple[object, ...], _Pages] = {}
    with connection.cursor() as cursor:
        cursor.execute(_PAGES, {"journals": list(journals)})
        for *document, expected, page, evidence in cursor:
            pages = found.setdefault(tuple(document), _Pages(expected))
            pages.evidence[page] = evidence
    return [pages for pages in found.values() if len(pages.evidence) == pages.expected]


def _contents(pages: _Pages, latest: Mapping[int, Kept]) -> list[bytes]:
    """The bytes of the pages, in order: those that came now are in memory."""
    wanted = [key for key in pages.evidence.values() if key not in latest]
    stored = {row.pk: bytes(row.content) for row in EvidenceFile.objects.filter(pk__in=wanted)}
    numbered = sorted(pages.evidence.items())
    return [latest[key].content if key in latest else stored[key] for _page, key in numbered]
