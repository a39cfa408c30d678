"""What a worker does with a part of a campaign: its notices, written one after the other into what was asked.

Nothing is recorded here. Now and then the holder says how far it is (`beat`): when the part belongs to somebody else
by now, that call raises, and what was made is thrown away.
"""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from django.utils.text import slugify

from payments.campaign_selectors import index_row
from payments.domain.campaigns import INDEX_HEAD, Output, Skip, file_name, skip_reason
from payments.domain.states import State
from payments.models import CampaignItem, CampaignPart, Position
from payments.notices.content import NoticeContent
from payments.notices.filler.book import Book
from payments.notices.filler.fill import fill_notice
from payments.notices.layouts import layout_of
from payments.services.campaign_files import keep, part_folder
from payments.services.documents import notice_content, notice_document, numbers_of
from portal import clock
from portal.documents.models import Document, StoredFile
from portal.kernel.errors import DomainError

PDF, ZIP = "application/pdf", "application/zip"
Beat = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a part: each position with its outcome, and the file of the whole, not yet saved."""

    items: list[CampaignItem]
    file: StoredFile | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a notice went: its pages, the page of the volume where it begins, its document if it has one."""

    pages: int
    first: int = 0
    document: Document | None = None


class Writer:
    """Where the notices of a part go. Used in a `with`; then `kept` is the file of the whole."""

    def __init__(self, part: CampaignPart) -> None:
        self.part = part
        self.files = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.files.__exit__(kind, error, trace)

    def add(self, position: Position, content: NoticeContent) -> Place:
        """Print a notice. Raises DomainError when its texts do not fit."""
        raise NotImplementedError

    def kept(self) -> StoredFile | None:
        """The file of the whole part, put in the storage; None where each notice has its own."""
        return None


def print_part(part: CampaignPart, *, beat: Beat) -> Made:
    """Print the positions of a part that get a notice today. Raises what `beat` raises."""
    items = list(CampaignItem.objects.filter(part=part).order_by("seq"))
    numbers = _numbers([item.position_id for item in items])
    printed = skipped = 0
    with WRITERS[Output(part.campaign.output)](part) as writer:
        for item in items:
            _print_item(item, numbers[item.position_id], writer)
            printed += item.outcome == CampaignItem.Outcome.PRINTED
            skipped += item.outcome == CampaignItem.Outcome.SKIPPED
            beat(printed, skipped)
    return Made(items, writer.kept() if printed else None)


def _numbers(positions: list[int]) -> dict[int, list[Any]]:
    """The numbers of each position of a part with all a notice needs, in one query."""
    found: dict[int, list[Any]] = {}
    for row in numbers_of(positions).select_related("option__position__entity", "option__position__creditor__entity"):
        found.setdefault(row.option.position_id, []).append(row)
    return found


def _print_item(item: CampaignItem, numbers: list[Any], writer: Writer) -> None:
    position: Position = numbers[0].option.position
    item.nav = numbers[0].nav
    reason = skip_reason(
        state=State(position.state),
        suspended=position.suspended_at is not None,
        stamp=any(row.stamp for row in numbers),
    )
    if reason is None:
        try:
            content = notice_content(position, numbers)
            item.nav = content.first.nav
            place = writer.add(position, content)
            item.pages, item.first_page, item.document = place.pages, place.first, place.document
        except DomainError:
            # A text too long or a number that is not there: the office sees which, the others go on.
            reason = Skip.UNPRINTABLE
    item.outcome = CampaignItem.Outcome.PRINTED if reason is None else CampaignItem.Outcome.SKIPPED
    item.reason = reason or ""


class Documents(Writer):
    """Each notice a document of its position, made once: a part printed again finds those already made."""

    def add(self, position: Position, content: NoticeContent) -> Place:
        document = notice_document(position_id=position.pk, entity_id=position.entity_id, press=fill_notice)
        if document is None:
            raise DomainError("not_open", "La posizione non è più da pagare.")
        return Place(pages_of(content), document=document)


class Parcel(Writer):
    """The notices of a part side by side; the archive that people download gathers several parts."""

    def __init__(self, part: CampaignPart) -> None:
        super().__init__(part)
        self.path = part_folder(part) / "notices.zip"
        self.archive = self.files.enter_context(zipfile.ZipFile(self.path, "w", zipfile.ZIP_STORED))

    def add(self, position: Position, content: NoticeContent) -> Place:
        self.archive.writestr(member(file_name(content.first.nav)), fill_notice(content))
        return Place(pages_of(content))

    def kept(self) -> StoredFile:
        return keep(self.path, part=self.part, name=f"parte-{self.part.seq}.zip", content_type=ZIP)


class Volume(Writer):
    """The notices of a part in one PDF, for the printer."""

    def __init__(self, part: CampaignPart) -> None:
        super().__init__(part)
        self.path = part_folder(part) / "volume.pdf"
        with self.files:
            target = self.files.enter_context(self.path.open("wb"))
            self.book = self.files.enter_context(Book(target, f"{part.campaign.name} · {part.seq}"))
            self.files = self.files.pop_all()

    def add(self, position: Position, content: NoticeContent) -> Place:
        first = self.book.add(content)
        return Place(self.book.pages - first + 1, first)

    def kept(self) -> StoredFile:
        name = result_name(self.part.campaign.name, label=f"{self.part.seq:03d}", suffix="pdf")
        return keep(self.path, part=self.part, name=name, content_type=PDF)


WRITERS: dict[Output, type[Writer]] = {Output.FILES: Documents, Output.ZIP: Parcel, Output.BOOK: Volume}


def pages_of(content: NoticeContent) -> int:
    """How many pages a notice has."""
    return len(layout_of(content).sheets)


def bind_archive(part: CampaignPart, *, beat: Beat) -> Made:
    """Gather the parts of an archive, one notice in memory at a time, and write their index."""
    path = part_folder(part) / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for copied, (name, content) in enumerate(_members(part), start=1):
            archive.writestr(member(name), content)
            beat(copied, 0)
        archive.writestr(member("index.csv"), _index(part))
    seq = CampaignPart.objects.filter(
        campaign=part.campaign_id, kind=CampaignPart.Kind.ARCHIVE, seq__lte=part.seq
    ).count()
    name = result_name(part.campaign.name, label=f"{seq:03d}", suffix="zip")
    return Made([], keep(path, part=part, name=name, content_type=ZIP))


def _members(part: CampaignPart) -> Iterator[tuple[str, bytes]]:
    gathered = CampaignPart.objects.filter(archive=part, file__isnull=False).select_related("file").order_by("seq")
    for each in gathered:
        assert each.file is not None
        with each.file.file.open("rb") as content, zipfile.ZipFile(content) as notices:
            for name in notices.namelist():
                yield name, notices.read(name)


def _index(part: CampaignPart) -> bytes:
    printed = CampaignItem.objects.filter(part__archive=part, outcome=CampaignItem.Outcome.PRINTED)
    rows = printed.select_related("position").order_by("seq").iterator(chunk_size=2000)
    return csv_bytes(INDEX_HEAD, (index_row(item, file=file_name(item.nav)) for item in rows))


def csv_bytes(head: Iterable[str], rows: Iterable[tuple[str | int, ...]]) -> bytes:
    """A table as Italian spreadsheets open it: semicolons, UTF-8 with its mark."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def member(name: str) -> zipfile.ZipInfo:
    """A file of an archive, dated now. PDFs are compressed inside: they are only stored."""
    now = clock.now().astimezone(clock.ROME)
    return zipfile.ZipInfo(name, date_time=now.timetuple()[:6])


def result_name(name: str, *, label: str, suffix: str) -> str:
    """A file as people download it."""
    return f"{slugify(name)[:60] or 'avvisi'}-{label}.{suffix}"
