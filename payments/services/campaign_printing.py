"""How one notice becomes paper in a campaign: the only place that knows which press is used."""

from pathlib import Path

from pypdf import PdfReader, PdfWriter

from payments.notices.content import NoticeContent
from payments.notices.pdf import notice_pdf


def notice_bytes(content: NoticeContent) -> bytes:
    """A notice as a PDF of its own."""
    return notice_pdf(content)


def page_count(content: NoticeContent) -> int:
    """How many pages a notice has."""
    return 1


class Book:
    """Many notices in one PDF."""

    def __init__(self, path: Path, *, title: str) -> None:
        self.path = path
        self.writer = PdfWriter()
        self.writer.add_metadata({"/Title": title})

    def add(self, content: NoticeContent) -> int:
        """Append a notice; returns its pages."""
        import io

        reader = PdfReader(io.BytesIO(notice_bytes(content)))
        self.writer.append(reader)
        return len(reader.pages)

    def close(self) -> None:
        """Write the file."""
        self.writer.write(self.path)
