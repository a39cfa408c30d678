"""Treasury journal (OPI giornale di cassa), layouts 1.4 and 1.6.1 to 1.8, read as a stream.

The document carries no version: 1.4 is known by its reference period, the others by their single day.
The reader is tolerant: it returns what it could read and says what it noticed. It expands no entity and reads no DTD.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Any, TypeVar

from lxml import etree

from payments.reconciliation.formats import values
from payments.reconciliation.formats.findings import Finding, FormatError, Severity

ROOT = "flusso_giornale_di_cassa"
_ACCOUNT = "informazioni_conto_evidenza"
_MOVEMENT = "movimento_conto_evidenza"
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_FLOW_ID = re.compile(r"GDC-[0-9]{8}[A-Za-z0-9]{10,50}#[0-9]{3}#[0-9]{3}")
_DIRECTIONS = frozenset({"ENTRATA", "USCITA"})
_OPERATIONS = frozenset({"ESEGUITO", "STORNATO", "REGOLARIZZATO", "RIPRISTINATO"})
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Suspended:
    """A provisional credit quoted by a collection order (sospeso): its number and cents."""

    number: str
    cents: int


@dataclass(frozen=True, slots=True)
class JournalMovement:
    """One movement of an account. Amounts in cents, with the sign of the document."""

    account: str
    direction: str
    document_type: str
    operation: str
    document_number: str
    progressive: str
    movement_number: str
    cents: int
    booked_on: date
    value_on: date | None
    suspended_on: date | None
    execution_type: str
    receipt_number: str
    operation_reference: str
    end_to_end: str
    customer: str
    remittance: str
    suspended: tuple[Suspended, ...] = ()


@dataclass(frozen=True, slots=True)
class Balance:
    """Opening, in, out and closing cents of an account or of the whole journal; None where not declared."""

    account: str
    description: str
    opening: int | None
    income: int | None
    expense: int | None
    closing: int | None


@dataclass(slots=True)
class JournalDocument:
    """What was read of a journal. `findings` says what was noticed, `complete` whether the end was reached."""

    header: dict[str, str] = field(default_factory=dict)
    balances: list[Balance] = field(default_factory=list)
    totals: Balance | None = None
    movements: list[JournalMovement] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    signed: bool = False
    complete: bool = False

    @property
    def layout(self) -> str:
        """The family of layouts: "1.4" or "1.6+"."""
        return "1.4" if "data_inizio_periodo_riferimento" in self.header else "1.6+"

    @property
    def day_from(self) -> date | None:
        """First day the journal speaks of."""
        return self._day("data_riferimento_GdC", "data_inizio_periodo_riferimento")

    @property
    def day_to(self) -> date | None:
        """Last day the journal speaks of."""
        return self._day("data_riferimento_GdC", "data_fine_periodo_riferimento")

    @property
    def page(self) -> int | None:
        """Page of this file, from 1."""
        return _whole(self.header.get("pagina", ""))

    @property
    def pages(self) -> int | None:
        """How many pages the journal has."""
        return _whole(self.header.get("pagine_totali", ""))

    @property
    def year(self) -> int | None:
        """Budget year (esercizio)."""
        return _whole(self.header.get("esercizio", ""))

    def note(self, code: str, message: str, severity: Severity = Severity.FAULT) -> None:
        """Remember a remark."""
        self.findings.append(Finding(code, message, severity))

    def _day(self, *names: str) -> date | None:
        for name in names:
            if name in self.header:
                return _try(values.day, self.header[name])
        return None


def read_journal(content: bytes) -> JournalDocument:
    """Read a journal as far as it goes. FormatError when it is no journal at all, or carries a DTD."""
    document = JournalDocument()
    try:
        _read(_as_utf8(content, document), document)
    except etree.XMLSyntaxError as error:
        if not document.header:
            raise FormatError("XML_MALFORMED", f"Il file non è un XML leggibile: {error.msg}.") from error
        document.note(
            "XML_CUT", f"Il file si interrompe alla riga {error.lineno}: è stato letto fin lì.", Severity.BROKEN
        )
    _check_header(document)
    _check_balances(document)
    return document


def _as_utf8(content: bytes, document: JournalDocument) -> bytes:
    """Some treasurers declare UTF-8 and write Windows-1252: heal it, and say so."""
    head = content[:200].lower()
    if b"encoding=" in head and b"utf-8" not in head:
        return content
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            return content
        document.note("ENCODING_HEALED", "Il file dichiara UTF-8 ma è scritto in un'altra codifica: letto lo stesso.")
        return content.decode("cp1252", errors="replace").encode("utf-8")
    return content


def _read(content: bytes, document: JournalDocument) -> None:
    events = etree.iterparse(
        BytesIO(content),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    depth, account = 0, ""
    for event, element in events:
        if event == "start":
            depth += 1
            if depth == 1:
                _check_root(element)
            continue
        depth -= 1
        # Depth matters: the treasurer's free block may hold tags of any name.
        if depth == 2 and element.tag == "conto_evidenza":
            account = _text(element)
        elif depth == 2 and element.tag == _MOVEMENT:
            _add_movement(element, account, document)
            element.clear()
        elif depth == 1:
            _add_block(element, document)
            element.clear()
    document.complete = True


def _check_root(root: etree._Element) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise FormatError("DTD_REFUSED", "Il file contiene una DTD: non è ammessa in un giornale di cassa.")
    if root.tag != ROOT:
        raise FormatError("NOT_A_JOURNAL", "Il file è un XML, ma non un giornale di cassa OPI.")


def _add_block(element: etree._Element, document: JournalDocument) -> None:
    """A child of the root: header, account, totals or signature."""
    if element.tag == "testata_messaggio":
        document.header.update({str(child.tag): _text(child) for child in element})
    elif element.tag == _ACCOUNT:
        document.balances.append(_balance(element, "conto_evidenza"))
    elif element.tag == _SIGNATURE:
        document.signed = True
    elif len(element) == 0:
        document.header[str(element.tag)] = _text(element)
        if element.tag == "saldo_complessivo_finale":
            document.totals = _totals(document.header)


def _balance(element: etree._Element, suffix: str) -> Balance:
    def amount(name: str) -> int | None:
        return _try(values.cents, _child(element, f"{name}_{suffix}"))

    return Balance(
        account=_child(element, "conto_evidenza"),
        description=_child(element, "descrizione_conto_evidenza"),
        opening=amount("saldo_precedente"),
        income=amount("totale_entrate"),
        expense=amount("totale_uscite"),
        closing=amount("saldo_finale"),
    )


def _totals(header: dict[str, str]) -> Balance:
    names = (
        "saldo_complessivo_precedente",
        "totale_complessivo_entrate",
        "totale_complessivo_uscite",
        "saldo_complessivo_finale",
    )
    return Balance("", "", *(_try(values.cents, header.get(name, "")) for name in names))


def _add_movement(element: etree._Element, account: str, document: JournalDocument) -> None:
    try:
        document.movements.append(_movement(element, account))
    except ValueError as error:
        where = _child(element, "numero_movimento") or _child(element, "numero_documento") or "senza numero"
        document.note("MOVEMENT_UNREADABLE", f"Il movimento {where} non si legge ({error}): saltato.", Severity.BROKEN)


def _movement(element: etree._Element, account: str) -> JournalMovement:
    direction, operation = (_child(element, "tipo_movimento"), _child(element, "tipo_operazione"))
    if direction not in _DIRECTIONS or operation not in _OPERATIONS:
        raise ValueError(f"tipo {direction!r} {operation!r}")
    return JournalMovement(
        account=account[:25],
        direction=direction,
        document_type=_child(element, "tipo_documento")[:30],
        operation=operation,
        document_number=_number(element, "numero_documento"),
        progressive=_number(element, "progressivo_documento"),
        movement_number=_number(element, "numero_movimento"),
        cents=values.cents(_child(element, "importo")),
        booked_on=values.day(_child(element, "data_movimento")),
        value_on=_try(values.day, _child(element, "data_valuta_ente")),
        suspended_on=_try(values.day, _child(element, "sospeso_da_regolarizzare/data_effettiva_sospeso")),
        execution_type=_child(element, "tipo_esecuzione")[:60],
        receipt_number=_number(element, "numero_bolletta_quietanza"),
        operation_reference=_child(element, "codice_riferimento_operazione")[:60],
        end_to_end=_child(element, "end_to_end_id")[:60],
        customer=_child(element, "cliente/anagrafica_cliente")[:140],
        remittance=_child(element, "causale"),
        suspended=tuple(_suspended(element)),
    )


def _suspended(element: etree._Element) -> Iterator[Suspended]:
    for item in element.iterfind("sospeso"):
        yield Suspended(_number(item, "numero_provvisorio"), values.cents(_child(item, "importo_provvisorio")))


def _number(element: etree._Element, name: str) -> str:
    """A document number without its padding; "0" when absent (layout 1.4 has no movement number)."""
    return _child(element, name).lstrip("0")[:30] or "0"


def _child(element: etree._Element, path: str) -> str:
    return (element.findtext(path) or "").replace("\x00", "").strip()


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _try(read: Callable[[Any], T], text: str) -> T | None:
    try:
        return read(text) if text else None
    except ValueError:
        return None


def _check_header(document: JournalDocument) -> None:
    header = document.header
    for name in ("codice_fiscale_ente", "codice_ente_BT", "identificativo_flusso_BT", "esercizio"):
        if not header.get(name):
            document.note("HEADER_MISSING", f"Manca il dato «{name}» nella testata.")
    if document.day_from is None or document.day_to is None:
        document.note("DAY_MISSING", "Manca il giorno (o il periodo) di riferimento del giornale.")
    if document.layout != "1.4":
        if not _FLOW_ID.fullmatch(header.get("identificativo_flusso_BT", "")):
            document.note("FLOW_ID_SHAPE", "L'identificativo del flusso non ha la forma prescritta.")
        if not document.page or not document.pages or document.page > document.pages:
            document.note("PAGE_WRONG", "Il numero di pagina non è valido: le pagine si contano da 1.")
    if document.complete and not document.signed:
        document.note("SIGNATURE_MISSING", "Il giornale non è firmato.")


def _check_balances(document: JournalDocument) -> None:
    for balance in [*document.balances, *([document.totals] if document.totals else [])]:
        name = f"del conto {balance.account}" if balance.account else "complessivi"
        parts = (balance.opening, balance.income, balance.expense, balance.closing)
        if None in parts:
            continue
        opening, income, expense, closing = (part or 0 for part in parts)
        if opening + income - expense != closing:
            document.note("BALANCE_WRONG", f"I saldi {name} non tornano: precedente + entrate - uscite ≠ finale.")
    if document.complete and document.pages == 1:
        _check_movements(document)


def _check_movements(document: JournalDocument) -> None:
    """Movements against declared totals: only cash moves count, a reversed one is taken away again."""
    sign = {"ESEGUITO": 1, "STORNATO": -1}
    sums: dict[tuple[str, str], int] = {}
    for movement in document.movements:
        key = (movement.account, movement.direction)
        sums[key] = sums.get(key, 0) + sign.get(movement.operation, 0) * abs(movement.cents)
    for balance in document.balances:
        for direction, declared in (("ENTRATA", balance.income), ("USCITA", balance.expense)):
            if declared is not None and declared != sums.get((balance.account, direction), 0):
                document.note(
                    "MOVEMENTS_DO_NOT_ADD_UP",
                    f"I movimenti in {direction.lower()} del conto {balance.account} non danno il totale dichiarato.",
                )
