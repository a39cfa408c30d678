"""The mail counterpart: an SMTP server that delivers nothing and lets everything be read."""

import re
import uuid
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings

from portal import clock

NAME = re.compile(r"^[0-9]{8}T[0-9]{12}-[0-9a-f]{8}$")
LARGEST_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class StoredMail:
    """One message as it arrived."""

    name: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message.get("Subject", ""))

    @property
    def sender(self) -> str:
        return str(self.message.get("From", ""))

    @property
    def recipients(self) -> str:
        return str(self.message.get("To", ""))

    @property
    def date(self) -> str:
        return str(self.message.get("Date", ""))

    @property
    def text(self) -> str:
        """The plain text; the source of the HTML part when there is no other."""
        part = self.message.get_body(preferencelist=("plain", "html"))
        return str(part.get_content()) if part is not None else ""

    @property
    def attachments(self) -> list[str]:
        """Names and types of what is attached."""
        parts = self.message.iter_attachments()
        return [f"{part.get_filename() or '-'} ({part.get_content_type()})" for part in parts]


def folder() -> Path:
    """Where the messages are kept."""
    path: Path = settings.DATA_DIR / "sandbox" / "posta"
    return path


class Mailbox:
    """The SMTP handler: every message becomes a file."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        folder().mkdir(parents=True, exist_ok=True)
        name = f"{clock.now():%Y%m%dT%H%M%S%f}-{uuid.uuid4().hex[:8]}"
        aside = folder() / f".{name}"
        aside.write_bytes(content)
        aside.replace(folder() / f"{name}.eml")
        return "250 OK"


def smtp_server(host: str, port: int) -> Controller:
    """The server, not yet started: `.start()`, `.stop()`."""
    return Controller(Mailbox(), hostname=host, port=port, data_size_limit=LARGEST_BYTES)


def read(name: str) -> StoredMail | None:
    """One message, or None when there is no such name."""
    if not NAME.match(name):
        return None
    try:
        content = (folder() / f"{name}.eml").read_bytes()
    except FileNotFoundError:
        return None
    return StoredMail(name, message_from_bytes(content, _class=EmailMessage, policy=policy.default))


def newest(limit: int = 100) -> list[StoredMail]:
    """The latest messages, newest first."""
    names = sorted((path.stem for path in folder().glob("*.eml")), reverse=True)[:limit]
    return [mail for name in names if (mail := read(name)) is not None]
