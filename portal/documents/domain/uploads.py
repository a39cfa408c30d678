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
    def hint(self) -> str:
        names = ", ".join(LABELS[kind] for kind in self.types)
        return f"{names}, al massimo {self.max_bytes // MEGABYTE} MB"


def check_upload(*, head: bytes, size: int, rules: UploadRules) -> str:
    """The content type of an upload. `head` is its beginning (some kB are enough).

    Raises DomainError: empty_file, file_too_large, file_type_not_allowed.
    """
    if size == 0:
        raise DomainError("empty_file", "Il file è vuoto: scegline un altro.")
    if size > rules.max_bytes:
        raise DomainError("file_too_large", f"Il file è troppo grande: sono ammessi {rules.hint}.")
    kind = filetype.guess_mime(head)
    if kind not in rules.types:
        raise DomainError("file_type_not_allowed", f"Il tipo di file non è ammesso: carica {rules.hint}.")
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
