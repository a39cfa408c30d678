"""The folder where the treasurer (or the accounting supplier) drops the documents of a body.

`<folder>/<code>/in/` waits, `<folder>/<code>/archive/` holds what was taken: XML, CSV, XLSX, XLS, JSON bundles and ZIP
archives of them. A writer that uses another suffix until the file is whole, and renames it then, is never
read half way; of the others, a file is left alone until nobody has written in it for some seconds.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from payments.reconciliation import conf
from portal.kernel.errors import GatewayError

SUFFIXES = frozenset({".xml", ".csv", ".xlsx", ".xls", ".json", ".zip"})


QUIET_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Dropped:
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
    """Documents to take, in order of name. Links, sub-folders and files still being written are left alone."""
    folder = incoming(entity_code)
    last = _now(folder) - QUIET_SECONDS
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES
        and not path.name.startswith(".")
        and path.is_file()
        and not path.is_symlink()
        and _rests(path, last)
    )


def _rests(path: Path, last: float) -> bool:
    try:
        return path.stat().st_mtime <= last
    except FileNotFoundError:  # taken by another worker in the meantime
        return False


def _now(folder: Path) -> float:
    """The time by the clock of the folder itself, which may be that of another machine."""
    with NamedTemporaryFile(dir=folder, prefix=".", suffix=".tmp") as probe:
        return Path(probe.name).stat().st_mtime


def read(path: Path) -> Dropped:
    """The content of a waiting file. GatewayError when it cannot be read or is too large; the file stays."""
    try:
        if path.stat().st_size > conf.MAX_DROPPED_BYTES:
            raise GatewayError(f"document {path.name} is larger than {conf.MAX_DROPPED_BYTES} bytes", permanent=True)
        return Dropped(path, path.read_bytes())
    except OSError as error:
        raise GatewayError(f"document {path.name}: {error.strerror}", permanent=False) from error


def fingerprint(dropped: Dropped) -> str:
    """What tells two files of the same name apart once they are put away."""
    return hashlib.sha256(dropped.content).hexdigest()[:12]


def archive(path: Path, mark: str) -> Path:
    """Move a taken file away. Called after it was committed; a crash in between only repeats a known file."""
    folder = path.parent.parent / "archive"
    folder.mkdir(exist_ok=True)
    return path.rename(folder / f"{mark}-{path.name}")
