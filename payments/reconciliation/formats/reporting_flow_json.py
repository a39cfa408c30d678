"""Reporting flow (flusso di rendicontazione) as the REST API of the node gives it to bodies.

A flow arrives as one header and some pages of payments. The evidence keeps their texts untouched in one bundle, so that
it can be read again by other eyes. Amounts are JSON numbers: they are read as Decimal from their text, never as float.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from payments.reconciliation.formats import values
from payments.reconciliation.formats.findings import MAX_REMARKS, Finding, FormatError, Severity
from payments.reconciliation.formats.reporting_flow import (
    IUF,
    OUTCOMES,
    FlowHeader,
    FlowPayment,
    FlowReading,
    signed,
)

T = TypeVar("T")
# A receipt has five transfers at most; the API says so too.
TRANSFERS = 5
_HALVES = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class FlowRef:
    """One entry of the list of published flows."""

    iuf: str
    psp_id: str
    revision: int
    published: datetime


@dataclass(frozen=True, slots=True)
class UnreadRef:
    """An entry of the list out of shape: what can be told of it, and when it was published if that can be read."""

    reason: str
    published: datetime | None


@dataclass(frozen=True, slots=True)
class FlowPage:
    refs: tuple[FlowRef | UnreadRef, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class PaymentsPage:
    payments: tuple[FlowPayment, ...]
    page: int
    pages: int
    # Why some of its lines could not be read, by their place in the page.
    unread: tuple[tuple[int, str], ...] = ()
    # Those of no cents or less, with the cents as they are written.
    not_positive: tuple[tuple[FlowPayment, int], ...] = ()


@dataclass(frozen=True, slots=True)
class FlowDocument:
    """A whole flow with what was noticed in it."""

    header: FlowHeader
    payments: tuple[FlowPayment, ...]
    findings: tuple[Finding, ...]

    @property
    def computed_cents(self) -> int:
        """What the payments really add up to."""
        return sum(payment.cents for payment in self.payments)


def bundle(header: str, pages: Sequence[str]) -> bytes:
    """The texts of one flow as the bytes that are kept as evidence; the same texts give the same bytes."""
    return json.dumps({"header": header, "payments": list(pages)}, ensure_ascii=False, sort_keys=True).encode()


def read_list(text: str) -> FlowPage:
    """One page of the list of flows: an entry out of shape stops no other. FormatError when it is no list at all."""
    body = _object(text)
    page, pages = _paging(body)
    return FlowPage(tuple(_ref(item) for item in _items(body)), page, pages)


def read_payments(text: str) -> PaymentsPage:
    """One page of payments: a line out of shape stops no other. FormatError when it is no page at all."""
    body = _object(text)
    page, pages = _paging(body)
    payments: list[FlowPayment] = []
    unread: list[tuple[int, str]] = []
    not_positive: list[tuple[FlowPayment, int]] = []
    for place, item in enumerate(_list(body), start=1):
        try:
            payments.append(_payment(item))
        except FormatError as error:
            unread.append((place, str(error)))
        else:
            if payments[-1].cents <= 0:
                not_positive.append((payments[-1], _cents(item, "pay")))
    return PaymentsPage(tuple(payments), page, pages, tuple(unread), tuple(not_positive))


def read_header(text: str) -> FlowHeader:
    """The header of a flow. FormatError when it cannot be read."""
    body = _object(text)
    sender, receiver = _dict(body, "sender"), _dict(body, "receiver")
    node_psp = _string(sender, "pspId")
    return FlowHeader(
        iuf=_match(body, "fdr", IUF),
        revision=_positive(body, "revision"),
        # As the XML calls it (codiceIdentificativoUnivoco of istitutoMittente): the same flow may come in both ways.
        psp_id=_string(sender, "id", default="").strip() or node_psp,
        psp_name=_string(sender, "pspName", limit=70, default=""),
        receiver=_string(receiver, "organizationId"),
        regulation_id=_string(body, "regulation"),
        regulation_date=_value(body, "regulationDate", values.day),
        bic=_string(body, "bicCodePouringBank", default=""),
        created=_value(body, "fdrDate", values.instant),
        published=_value(body, "published", values.instant),
        declared_count=_positive(body, "totPayments"),
        declared_cents=_cents(body, "sumPayments"),
        node_psp=node_psp,
    )


def read_bundle(content: bytes) -> FlowDocument:
    """Read a kept flow whole. FormatError when it cannot be read; disagreements between its parts become findings."""
    reading = open_bundle(content)
    payments = tuple(reading.payments)
    return FlowDocument(reading.header, payments, tuple(reading.findings))


def open_bundle(content: bytes) -> FlowReading:
    """Read the header of a kept flow; its payments come page by page. Raises FormatError."""
    try:
        outer = json.loads(content)
        header_text, page_texts = outer["header"], outer["payments"]
    except (KeyError, TypeError) as error:
        raise _no_bundle() from error
    except (ValueError, RecursionError) as error:
        if content.rstrip().endswith(b"}"):
            raise FormatError(
                "BUNDLE_MALFORMED", "Il file non è un JSON leggibile: non se ne carica niente."
            ) from error
        message = "Il file JSON finisce a metà: non se ne carica niente. Chiedilo di nuovo per intero."
        raise FormatError("BUNDLE_CUT", message) from error
    if not isinstance(header_text, str) or not isinstance(page_texts, list):
        raise _no_bundle()
    reading = FlowReading(read_header(header_text), iter(()))
    reading.payments = _paged(reading, page_texts)
    return reading


def _no_bundle() -> FormatError:
    return FormatError("BUNDLE_MALFORMED", "Il file JSON non ha la forma di un flusso: non se ne carica niente.")


def _paged(reading: FlowReading, texts: list[Any]) -> Iterator[FlowPayment]:
    """Payments of all pages; the first of those with the same index. Texts are let go once read."""
    numbers, expected, seen = [], 0, set()
    texts.reverse()
    while texts:
        page = _page(reading, texts.pop())
        if page is None:
            continue
        numbers.append(page.page)
        expected = max(expected, page.pages)
        _tell_unread(reading, page)
        for payment, written in page.not_positive:
            reading.not_positive(payment, written)
        for payment in page.payments:
            reading.count += 1
            reading.cents += payment.cents
            if payment.seq not in seen:
                seen.add(payment.seq)
                yield payment
    if numbers != list(range(1, expected + 1)):
        reading.cut = True
        reading.note("PAGES_MISSING", f"Il flusso ha {expected} pagine, ne sono arrivate {len(numbers)}.")
    reading.check_totals()
    if len(seen) != reading.count:
        reading.note("LINE_REPEATED", "Il flusso contiene due righe con lo stesso indice.")


def _page(reading: FlowReading, text: Any) -> PaymentsPage | None:
    try:
        return read_payments(text if isinstance(text, str) else "")
    except FormatError as error:
        reading.cut = True
        reading.note("PAGE_UNREADABLE", f"Una pagina del flusso non si legge: {error}", Severity.BROKEN)
        return None


def _tell_unread(reading: FlowReading, page: PaymentsPage) -> None:
    reading.cut |= bool(page.unread)
    for place, reason in page.unread[:MAX_REMARKS]:
        message = f"La riga {place} della pagina {page.page} non si legge: saltata. {reason}"
        reading.note("LINE_UNREADABLE", message, Severity.BROKEN)
    if len(page.unread) > MAX_REMARKS:
        message = f"Altre {len(page.unread) - MAX_REMARKS} righe della pagina {page.page} non si leggono."
        reading.note("LINES_UNREADABLE", message, Severity.BROKEN)


def _ref(item: dict[str, Any]) -> FlowRef | UnreadRef:
    published = None
    try:
        published = _value(item, "published", values.instant)
        return FlowRef(
            iuf=_match(item, "fdr", IUF),
            psp_id=_string(item, "pspId"),
            revision=_positive(item, "revision"),
            published=published,
        )
    except FormatError as error:
        return UnreadRef(f"{error} (flusso {ascii(item.get('fdr'))[:60]})", published)


def _payment(item: Any) -> FlowPayment:
    if not isinstance(item, dict):
        raise FormatError("JSON_SHAPE", "Non è una riga di pagamento.")
    name = _string(item, "payStatus")
    if name not in OUTCOMES:
        raise FormatError("OUTCOME_UNKNOWN", f"Il flusso usa un esito sconosciuto: «{name}».")
    outcome, cents = OUTCOMES[name], _cents(item, "pay")
    return FlowPayment(
        seq=_positive(item, "index"),
        iuv=_string(item, "iuv"),
        iur=_string(item, "iur"),
        transfer=_positive(item, "idTransfer", most=TRANSFERS),
        cents=signed(cents, outcome),
        outcome=outcome,
        paid_on=_value(item, "payDate", values.day),
    )


def _object(text: str) -> dict[str, Any]:
    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not a number of JSON")

    try:
        body = json.loads(text, parse_float=Decimal, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise FormatError("JSON_MALFORMED", "La risposta non è un JSON leggibile.") from error
    if not isinstance(body, dict):
        raise FormatError("JSON_SHAPE", "La risposta non ha la forma attesa.")
    return body


def _paging(body: dict[str, Any]) -> tuple[int, int]:
    metadata = _dict(body, "metadata")
    page, pages = metadata.get("pageNumber"), metadata.get("totPage")
    if not isinstance(page, int) or not isinstance(pages, int) or page is True or page < 1 or pages < 0:
        raise FormatError("JSON_SHAPE", "La risposta non dice quante pagine ha.")
    return page, pages


def _items(body: dict[str, Any]) -> list[dict[str, Any]]:
    items = _list(body)
    if not all(isinstance(item, dict) for item in items):
        raise FormatError("JSON_SHAPE", "La risposta non contiene un elenco.")
    return items


def _list(body: dict[str, Any]) -> list[Any]:
    items = body.get("data")
    if not isinstance(items, list):
        raise FormatError("JSON_SHAPE", "La risposta non contiene un elenco.")
    return items


def _dict(body: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    if not isinstance(value, dict):
        raise _bad(name)
    return value


def _string(body: dict[str, Any], name: str, *, limit: int = 35, default: str | None = None) -> str:
    value = body.get(name, default)
    if not isinstance(value, str) or len(value) > limit or _HALVES.search(value) or (not value and default is None):
        raise _bad(name)
    return value


def _match(body: dict[str, Any], name: str, shape: re.Pattern[str]) -> str:
    value = _string(body, name)
    if not shape.fullmatch(value):
        raise _bad(name)
    return value


def _positive(body: dict[str, Any], name: str, *, most: int = 2**31 - 1) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= most:
        raise _bad(name)
    return value


def _cents(body: dict[str, Any], name: str) -> int:
    value = body.get(name)
    if not isinstance(value, Decimal | int) or isinstance(value, bool):
        raise _bad(name)
    try:
        return values.cents(value)
    except ValueError:
        raise _bad(name) from None


def _value(body: dict[str, Any], name: str, read: Callable[[str], T]) -> T:
    try:
        return read(_string(body, name))
    except ValueError:
        raise _bad(name) from None


def _bad(name: str) -> FormatError:
    return FormatError("FIELD_WRONG", f"Il dato «{name}» manca o non ha la forma prescritta.")
