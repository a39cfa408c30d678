"""Archives of documents (ZIP): a year of flows, the pages of a journal. What they unpack to is bounded."""

import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from payments.reconciliation.formats.tables import SPOILED, ZIP

MOST_MEMBERS: Final = 50_000
MOST_MEMBER: Final = 256 * 1024 * 1024
MOST_UNPACKED: Final = 2 * 1024 * 1024 * 1024
_ENCRYPTED: Final = 0x1


def is_archive(content: bytes) -> bool:
    """Whether this is a ZIP of documents, and not a workbook, which is a ZIP as well."""
    if not content.startswith(ZIP):
        return False
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
            if any(member.filename == "xl/workbook.xml" for member in members):
                return False
            sizes = [member.file_size for member in members if _is_document(member)]
            locked = any(member.flag_bits & _ENCRYPTED for member in members)
    except SPOILED:
        return False
    return not locked and len(members) <= MOST_MEMBERS and sum(sizes) <= MOST_UNPACKED and max(sizes, default=0) > 0


def documents(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The documents of an archive, one by one; any other file is its own only document.

    An archive that holds none, cannot be opened, is locked or swells beyond measure comes out as it is: it is kept, and
    flagged.
    """
    if not is_archive(content):
        yield name, content
        return
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for member in archive.infolist():
            if not _is_document(member):
                continue
            unpacked = _member(archive, member)
            if unpacked is None:
                yield name, content
                return
            yield _leaf(member), unpacked


def _leaf(member: zipfile.ZipInfo) -> str:
    return member.filename.rsplit("/", 1)[-1]


def _is_document(member: zipfile.ZipInfo) -> bool:
    """Whether somebody put it there: folders and the hidden files of a system are none."""
    return not (member.is_dir() or _leaf(member).startswith(".") or member.filename.startswith("__MACOSX/"))


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes | None:
    """The bytes of a member, None when it is spoiled or larger than it says."""
    limit = min(member.file_size, MOST_MEMBER)
    try:
        with archive.open(member) as part:
            unpacked = part.read(limit + 1)
    except SPOILED:
        return None
    return unpacked if len(unpacked) <= limit else None
