"""Reporting flow in XML (FlussoRiversamento), of the old services and of archives. Read as a stream.

The schema published with it is older than the rules: it knows outcomes 0, 3 and 9 only, and no negative amount. Legal
flows break it, so nothing is refused for its sake: what is read here is what the rules of SACI say. A document that
ends before its end, or has lines that cannot be read, is read as far as it goes, and gives way to the whole one when it
comes.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from lxml import etree

from payments.reconciliation.formats import values
from payments.reconciliation.formats.findings import MAX_REMARKS, FormatError, Severity
from payments.reconciliation.formats.reporting_flow import (
    IUF,
    OUTCOMES,
    FlowHeader,
    FlowPayment,
    FlowReading,
    signed,
)
from payments.reconciliation.formats.xml_reading import as_utf8, children, local
from portal.clock import ROME

ROOT = "FlussoRiversamento"
LINE = "datiSingoliPagamenti"
_CODES = {str(code): code for code in OUTCOMES.values()}
_WORD = re.compile(r"[^\s\x00]{1,35}")
_day = lru_cache(maxsize=4096)(values.day)


class _Names(NamedTuple):
    """Tags of a line, with the namespace of the document."""

    iuv: str
    iur: str
    transfer: str
    cents: str
    outcome: str
    day: str


def open_flow_xml(content: bytes) -> FlowReading:
    """Read the header of a flow; its payments come as they are asked for. Raises FormatError."""
    content, healed = as_utf8(content)
    faults: list[str] = []
    elements = _guarded(children(content, repeated=LINE), faults)
    root = next(elements, None)
    if root is None:
        raise _malformed(faults)
    if local(root) != ROOT:
        raise FormatError("NOT_A_FLOW", "Il file è un XML, ma non un flusso di rendicontazione.")
    space = str(root.tag)[: -len(ROOT)]
    head: dict[str, etree._Element] = {}
    first = None
    for element in elements:
        if element.tag == space + LINE:
            first = element
            break
        head[local(element)] = element
    reading = FlowReading(_header_of(head, space, faults), iter(()))
    if healed:
        reading.note("ENCODING_HEALED", "Il file dichiara UTF-8 ma è scritto in un'altra codifica: letto lo stesso.")
    if not IUF.fullmatch(reading.header.iuf):
        reading.note("IUF_SHAPE", "L'identificativo del flusso contiene caratteri non previsti.")
    reading.payments = _checked(reading, _payments(reading, first, elements, space), faults)
    return reading


def _guarded(elements: Iterator[etree._Element], faults: list[str]) -> Iterator[etree._Element]:
    """Elements as far as the document goes, and why it goes no further."""
    try:
        yield from elements
    except etree.XMLSyntaxError as error:
        faults.append(str(error.msg))


def _malformed(faults: list[str]) -> FormatError:
    return FormatError("XML_MALFORMED", f"Il file non è un XML leggibile: {' '.join(faults)}.")


def _header_of(head: dict[str, etree._Element], space: str, faults: list[str]) -> FlowHeader:
    """The header; where it is not whole because the document is not, that is the reason told."""
    try:
        return _header(head, space)
    except FormatError:
        if faults:
            raise _malformed(faults) from None
        raise


def _checked(reading: FlowReading, payments: Iterator[FlowPayment], faults: list[str]) -> Iterator[FlowPayment]:
    yield from payments
    if faults:
        reading.cut = True
        message = f"Il file non si legge fino in fondo ({faults[0]}): è stato letto fin dove si può."
        reading.note("XML_CUT", message, Severity.BROKEN)
    reading.check_totals()


def _payments(
    reading: FlowReading, first: etree._Element | None, others: Iterator[etree._Element], space: str
) -> Iterator[FlowPayment]:
    names = _Names(*(
        space + name
        for name in (
            "identificativoUnivocoVersamento", "identificativoUnivocoRiscossione", "indiceDatiSingoloPagamento",
            "singoloImportoPagato", "codiceEsitoSingoloPagamento", "dataEsitoSingoloPagamento",
        )
    ))  # fmt: skip
    tag, seq, unread = space + LINE, 0, 0
    for element in _all(first, others):
        if element.tag != tag:
            continue
        seq += 1
        try:
            texts: dict[object, str | None] = {child.tag: child.text for child in element}
            payment = _payment(seq, texts, names)
        except (ValueError, KeyError, TypeError):
            unread, reading.cut = unread + 1, True
            if unread <= MAX_REMARKS:
                message = f"La riga {seq} del flusso non si legge: saltata."
                reading.note("LINE_UNREADABLE", message, Severity.BROKEN)
            continue
        reading.count += 1
        reading.cents += payment.cents
        if payment.cents <= 0:
            reading.not_positive(payment, values.cents(texts[names.cents] or ""))
        yield payment


def _all(first: etree._Element | None, others: Iterator[etree._Element]) -> Iterator[etree._Element]:
    if first is not None:
        yield first
    yield from others


def _payment(seq: int, texts: dict[object, str | None], names: _Names) -> FlowPayment:
    iuv, iur, amount = texts[names.iuv] or "", texts[names.iur] or "", texts[names.cents] or ""
    if not _WORD.fullmatch(iuv) or not _WORD.fullmatch(iur):
        iuv, iur = _word(iuv), _word(iur)
    outcome = _CODES[(texts[names.outcome] or "").strip()]
    transfer = int(texts.get(names.transfer) or 1)
    if not 0 < transfer < 100:
        raise ValueError("transfer")
    day = _day(texts[names.day] or "")
    return FlowPayment(seq, iuv, iur, transfer, signed(values.cents(amount), outcome), outcome, day)


def _word(text: str) -> str:
    """A reference as written, but for the spaces around it. ValueError when it is none."""
    text = text.strip()
    if not text or len(text) > 35 or "\x00" in text:
        raise ValueError(text)
    return text


def _header(head: dict[str, etree._Element], space: str) -> FlowHeader:
    sender, receiver = _texts(head.get("istitutoMittente")), _texts(head.get("istitutoRicevente"))

    def text(name: str, default: str | None = None) -> str:
        element = head.get(name)
        return _required(name, element.text if element is not None else None, default)

    return FlowHeader(
        iuf=text("identificativoFlusso"),
        revision=_revision(text("revisioneFlusso", "1")),
        psp_id=_required("istitutoMittente", sender.get("codiceIdentificativoUnivoco"), None),
        psp_name=(sender.get("denominazioneMittente") or "").strip()[:70],
        receiver=_required("istitutoRicevente", receiver.get("codiceIdentificativoUnivoco"), None),
        regulation_id=text("identificativoUnivocoRegolamento", ""),
        regulation_date=_date("dataRegolamento", text("dataRegolamento")),
        bic=text("codiceBicBancaDiRiversamento", ""),
        created=_instant("dataOraFlusso", text("dataOraFlusso")),
        published=None,
        declared_count=_count("numeroTotalePagamenti", text("numeroTotalePagamenti")),
        declared_cents=_total("importoTotalePagamenti", text("importoTotalePagamenti")),
    )


def _texts(element: etree._Element | None) -> dict[str, str | None]:
    return {} if element is None else {local(item): item.text for item in element.iter() if isinstance(item.tag, str)}


def _required(name: str, value: str | None, default: str | None) -> str:
    text = (value or "").strip()
    if not text and default is not None:
        return default
    if not text or len(text) > 35:
        raise _bad(name)
    return text


def _revision(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**31:
        raise _bad("revisioneFlusso")
    return int(text)


def _count(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) >= 2**31:
        raise _bad(name)
    return int(text)


def _total(name: str, text: str) -> int:
    try:
        return values.cents(text)
    except ValueError:
        raise _bad(name) from None


def _date(name: str, text: str) -> date:
    try:
        return values.day(text)
    except ValueError:
        raise _bad(name) from None


def _instant(name: str, text: str) -> datetime:
    """The instant the flow was made: the old services write it by the clock of Italy, without saying so."""
    try:
        return values.instant(text, unsaid=ROME)
    except ValueError:
        raise _bad(name) from None


def _bad(name: str) -> FormatError:
    return FormatError("FIELD_WRONG", f"Il dato «{name}» manca o non ha la forma prescritta.")
