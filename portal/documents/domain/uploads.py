"""What may be uploaded: the type is read from the bytes, never believed from the name. Pure."""

import re
import unicodedata
from dataclasses import dataclass

import filetype

from portal.kernel.errors import DomainError

MEGABYTE = 1024 * 1024
LABELS = {"application/pdf": "PDF", "image/jpeg": "JPEG", "image/png": "PNG"}
EXTENSIONS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}


@dataclass(frozen=True, slots=True)
class UploadRules:
    """Types (by content) and size in bytes that a field accepts."""

    types: tuple[str, ...] = ("application/pdf", "image/jpeg", "image/png")
    max_bytes: int = 10 * MEGABYTE

    @property
    def names(self) -> str:
        """The types as people call them."""
        return ", ".join(LABELS[kind] for kind in self.types)

    @property
    def megabytes(self) -> int:
        """The most a file may weigh."""
        return self.max_bytes // MEGABYTE


def check_upload(*, head: bytes, size: int, rules: UploadRules) -> str:
    """The content type of an upload. `head` is its beginning (some kB are enough).

    Raises DomainError: empty_file, file_too_large, file_type_not_allowed.
    """
    if size == 0:
        raise DomainError("empty_file", "Il file è vuoto: scegline un altro.")
    if size > rules.max_bytes:
        text = "Il file è troppo grande: sono ammessi %(types)s, al massimo %(most)s MB."
        raise DomainError("file_too_large", text, types=rules.names, most=rules.megabytes)
    kind = filetype.guess_mime(head)
    if kind not in rules.types:
        text = "Il tipo di file non è ammesso: carica %(types)s, al massimo %(most)s MB."
        raise DomainError("file_type_not_allowed", text, types=rules.names, most=rules.megabytes)
    return str(kind)


def safe_name(name: str, *, content_type: str) -> str:
    """A file name that is safe to show and to send: no path, no control or bidi characters, the true extension."""
    base = re.split(r"[\\/]", name)[-1]
    stem = base.rsplit(".", 1)[0] if "." in base else base
    clean = "".join(
        ch for ch in unicodedata.normalize("NFC", stem) if unicodedata.category(ch)[0] not in "CZ" or ch == " "
    )
    clean = re.sub(r'[<>:"|?*;%]', "_", clean).strip(" .")[:80]
    return (clean or "documento") + EXTENSIONS.get(content_type, "")
