"""The folder where the treasurer (or the accounting supplier) drops the journals of a body.

`<folder>/<code>/in/*.xml` waits, `<folder>/<code>/archive/` holds what was taken. A writer that uses another suffix
until the file is whole, and renames it then, is never read half way.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from payments.reconciliation import conf
from portal.kernel.errors import GatewayError


@dataclass(frozen=True, slots=True)
class DroppedJournal:
    """A file as it was found."""

    path: Path
    content: bytes

    @property
    def name(self) -> str:
        """Its name in the folder."""
        return self.path.name


def incoming(entity_code: str) -> Path:
    """The folder that is watched for a body; made at the first use."""
    folder = conf.treasury_folder() / entity_code / "in"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def waiting(entity_code: str) -> list[Path]:
    """Journals to take, in order of name. Links and sub-folders are left alone."""
    folder = incoming(entity_code)
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() == ".xml" and not path.name.startswith(".") and path.is_file() and not path.is_symlink()
    )


def read(path: Path) -> DroppedJournal:
    """The content of a waiting file. GatewayError when it cannot be read or is too large; the file stays."""
    try:
        if path.stat().st_size > conf.MAX_JOURNAL_BYTES:
            raise GatewayError(f"journal {path.name} is larger than {conf.MAX_JOURNAL_BYTES} bytes", permanent=True)
        return DroppedJournal(path, path.read_bytes())
    except OSError as error:
        raise GatewayError(f"journal {path.name}: {error.strerror}", permanent=False) from error


def archive(journal: DroppedJournal) -> Path:
    """Move a taken file away. Called after it was committed; a crash in between only repeats a known file."""
    digest = hashlib.sha256(journal.content).hexdigest()[:12]
    folder = journal.path.parent.parent / "archive"
    folder.mkdir(exist_ok=True)
    return journal.path.rename(folder / f"{digest}-{journal.name}")
