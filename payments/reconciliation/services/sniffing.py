"""What a document is, by how it begins: people and treasurers give files any name."""

import re
import zipfile
from io import BytesIO
from typing import Final

from django.utils.translation import gettext as _

from payments.reconciliation.domain.statement_columns import Layout
from payments.reconciliation.formats import camt053, opi_journal, reporting_flow_xml
from payments.reconciliation.formats.archives import is_archive
from payments.reconciliation.formats.old_workbook import OLE, is_old_workbook
from payments.reconciliation.formats.tables import SPOILED, ZIP, recognised_layout
from payments.reconciliation.models.evidence import EvidenceKind

_HEAD: Final = 16 * 1024
_ROOT: Final = re.compile(r"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)([^<>]{0,2000})")
_BUNDLE: Final = re.compile(r'\{\s*"(header|payments)"\s*:')
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_LISTS: Final = {
    Layout.PROVISIONALS: EvidenceKind.PROVISIONALS_CSV,
    Layout.COMPLETE: EvidenceKind.PROVISIONALS_CSV,
    Layout.STATEMENT: EvidenceKind.BANK_STATEMENT,
    Layout.POSTAL: EvidenceKind.POSTAL_STATEMENT,
}


def sniff(content: bytes, name: str) -> EvidenceKind | None:
    """The kind of a document, None when it is none of those that can be read. `name` decides nothing by itself."""
    head = content[:_HEAD]
    if head.startswith(ZIP):
        return EvidenceKind.BANK_STATEMENT if _is_workbook(content) else None
    if head.startswith(OLE):
        return EvidenceKind.BANK_STATEMENT if is_old_workbook(content) else None
    text = _decoded(head).lstrip("\ufeff \t\r\n")
    if text.startswith("{"):
        return EvidenceKind.REPORTING_FLOW if _BUNDLE.match(text) else None
    if text.startswith("<"):
        return _of_xml(text)
    layout = recognised_layout(head[: head.rfind(b"\n") + 1] or head)
    return _LISTS[layout] if layout is not None else None


def refusal(content: bytes, name: str) -> str:
    """Why somebody who gives this document is told to choose another one; empty when it can be taken."""
    if not content:
        return _("Il file è vuoto.")
    if is_archive(content) or sniff(content, name) is not None:
        return ""
    if content.startswith(ZIP[:2]):
        return _("L'archivio è vuoto o non si apre: forse è protetto, o troppo grande.")
    return _(
        "Il file non è un XML né un elenco di movimenti che si sappia leggere: controlla di aver scelto quello giusto,"
        " con la riga delle intestazioni."
    )


def _of_xml(text: str) -> EvidenceKind | None:
    root = _ROOT.search(_COMMENT.sub("", text))
    if root is None:
        return None
    if root[2] == reporting_flow_xml.ROOT:
        return EvidenceKind.REPORTING_FLOW
    if root[2] == opi_journal.ROOT:
        return EvidenceKind.TREASURY_JOURNAL
    return EvidenceKind.CAMT053 if root[2] == "Document" and camt053.MARK in root[3] else None


def _decoded(head: bytes) -> str:
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return head.decode("utf-16", errors="replace")
    return head.decode("utf-8", errors="replace")


def _is_workbook(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except SPOILED:
        return False
