"""Treasury journal (OPI giornale di cassa), layouts 1.4 and 1.6.1 to 1.8, read as a stream.

The document carries no version: 1.4 is known by its reference period, the others by their single day.
The reader is tolerant: it returns what it could read and says what it noticed. It expands no entity and reads no DTD.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from io import BytesIO
from typing import Any, TypeVar

from lxml import etree

from payments.reconciliation.formats import values
from payments.reconciliation.formats.findings import Finding, FormatError, Severity
from payments.reconciliation.formats.money import Balance, Movement, Suspended
from payments.reconciliation.formats.xml_reading import OPTIONS, WHOLE, as_utf8, refuse_dtd

ROOT = "flusso_giornale_di_cassa"
_ACCOUNT = "informazioni_conto_evidenza"
_MOVEMENT = "movimento_conto_evidenza"
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_FLOW_ID = re.compile(r"GDC-[0-9]{8}[A-Za-z0-9]{10,50}#[0-9]{3}#[0-9]{3}")
_DIRECTIONS = frozenset({"ENTRATA", "USCITA"})
_OPERATIONS = frozenset({"ESEGUITO", "STORNATO", "REGOLARIZZATO", "RIPRISTINATO"})
_day = lru_cache(maxsize=4096)(values.day)
T = TypeVar("T")


@dataclass(slots=True)
class JournalDocument:
    """What was read of a journal. `findings` says what was noticed, `complete` whether the end was reached."""

    header: dict[str, str] = field(default_factory=dict)
    balances: list[Balance] = field(default_factory=list)
    totals: Balance | None = None
    movements: list[Movement] = field(default_factory=list)
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
        year = _whole(self.header.get("esercizio", "")) or 0
        return year if values.FIRST_YEAR <= year <= values.LAST_YEAR else None

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
    content, healed = as_utf8(content)
    if healed:
        document.note("ENCODING_HEALED", "Il file dichiara UTF-8 ma è scritto in un'altra codifica: letto lo stesso.")
    try:
        _read(content, document)
    except etree.XMLSyntaxError as error:
        if not document.header:
            raise FormatError("XML_MALFORMED", f"Il file non è un XML leggibile: {error.msg}.") from error
        document.note(
            "XML_CUT", f"Il file si interrompe alla riga {error.lineno}: è stato letto fin lì.", Severity.BROKEN
        )
    _check_header(document)
    _check_balances(document)
    return document


def _read(content: bytes, document: JournalDocument) -> None:
    """Small documents are read whole, which is faster; large or broken ones as a stream, as far as they go."""
    if len(content) <= WHOLE:
        try:
            root = etree.fromstring(content, etree.XMLParser(**OPTIONS))
        except etree.XMLSyntaxError:
            _stream(content, document)
        else:
            _check_root(root)
            for child in root:
                account = ""
                for element in child if child.tag == _ACCOUNT else ():
                    if element.tag == "conto_evidenza":
                        account = _text(element)
                    elif element.tag == _MOVEMENT:
                        _add_movement(element, account, document)
                _add_block(child, document)
    else:
        _stream(content, document)
    document.complete = True


def _stream(content: bytes, document: JournalDocument) -> None:
    depth, account = 0, ""
    for event, element in etree.iterparse(BytesIO(content), events=("start", "end"), **OPTIONS):
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


def _check_root(root: etree._Element) -> None:
    refuse_dtd(root)
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
    opening, income, expense, closing = (_try(values.cents, header.get(name, "")) for name in names)
    return Balance("", "", opening, income, expense, closing)


def _add_movement(element: etree._Element, account: str, document: JournalDocument) -> None:
    try:
        document.movements.append(_movement(element, account))
    except ValueError as error:
        where = _child(element, "numero_movimento") or _child(element, "numero_documento") or "senza numero"
        document.note("MOVEMENT_UNREADABLE", f"Il movimento {where} non si legge ({error}): saltato.", Severity.BROKEN)


def _movement(element: etree._Element, account: str) -> Movement:
    texts = {child.tag: (child.text or "").strip() for child in element}

    def text(name: str, limit: int) -> str:
        return texts.get(name, "").replace("\x00", "")[:limit]

    def number(name: str) -> str:
        return text(name, 60).lstrip("0")[:30] or "0"

    direction, operation = text("tipo_movimento", 7), text("tipo_operazione", 15)
    if direction not in _DIRECTIONS or operation not in _OPERATIONS:
        raise ValueError(f"tipo {direction!r} {operation!r}")
    return Movement(
        account=account[:25],
        direction=direction,
        document_type=text("tipo_documento", 30),
        operation=operation,
        document_number=number("numero_documento"),
        progressive=number("progressivo_documento"),
        movement_number=number("numero_movimento"),
        cents=values.cents(texts.get("importo", "")),
        booked_on=_day(texts.get("data_movimento", "")),
        value_on=_try(_day, texts.get("data_valuta_ente", "")),
        suspended_on=_try(_day, _child(element, "sospeso_da_regolarizzare/data_effettiva_sospeso")),
        execution_type=text("tipo_esecuzione", 60),
        receipt_number=number("numero_bolletta_quietanza"),
        operation_reference=text("codice_riferimento_operazione", 60),
        end_to_end=text("end_to_end_id", 60),
        customer=_child(element, "cliente/anagrafica_cliente")[:140],
        remittance=texts.get("causale", "").replace("\x00", ""),
        suspended=tuple(_suspended(element)) if "sospeso" in texts else (),
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


def check_pages(pages: Sequence[JournalDocument]) -> list[Finding]:
    """What the pages of one journal say together, in their order: remarks on its totals.

    An account that goes on over pages either repeats its totals on each or tells on each those of that page.
    """
    whole = JournalDocument()
    accounts: dict[str, list[Balance]] = {}
    for page in pages:
        whole.movements += page.movements
        for balance in page.balances:
            accounts.setdefault(balance.account, []).append(balance)
    whole.balances = [_together(parts) for parts in accounts.values()]
    _check_movements(whole)
    return whole.findings


def _together(parts: Sequence[Balance]) -> Balance:
    said = list(dict.fromkeys((part.opening, part.income, part.expense, part.closing) for part in parts))
    told = [part for part in said if part[1] is not None and part[2] is not None]
    if not told:
        return parts[0]
    income, expense = sum(part[1] or 0 for part in told), sum(part[2] or 0 for part in told)
    return Balance(parts[0].account, parts[0].description, told[0][0], income, expense, told[-1][3])


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
