"""Messages to IRIS, the payment node of Regione Toscana, and its answers. Pure.

MARK M, TO BE CONFIRMED. The Region publishes no interface: names of elements and their order follow what public code
that talks to IRIS 1.1 shows; the schema (XSD), the codes of errors and the meaning of the dates must come from the
Region before this is used in production. What we decided ourselves is listed in docs/providers.md: the receipt of the
node inside the answer on the state of a payment, the limitation date, the days a notice stays payable. Only this
module and the fake of the sandbox know the shape of the messages.
"""

import binascii
from base64 import b64decode
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from lxml import etree

from payments.providers.data import InstalmentData, NotExpressible, OptionData, PositionData, checked
from portal.kernel.money import decimal_from_cents

SOAP_NS = "http://schemas.xmlsoap.org/soap/envelope/"
_BASE = "http://www.cart.rete.toscana.it/servizi/iris_1_1"
PROXY_NS = f"{_BASE}/proxy"
HEADER_NS = f"{_BASE}/IdpHeader"
DEBTS_NS = f"{_BASE}/IdpAllineamentoPendenze"
STATUS_NS = f"{_BASE}/IdpInformativaPagamento"
VERSION = "01.03-02"
RECEIVER, RECEIVER_SYSTEM = "IRIS", "SIL_IRIS_ITR"
# How long after its due date a notice that does not expire can still be paid: to be agreed with the Region.
OPEN_AFTER_DUE = timedelta(days=365)
DONE = "Elaborato Correttamente"


class Operation(StrEnum):
    """What is asked of a debt (TipoOperazione)."""

    INSERT = "Insert"
    REPLACE = "Replace"
    DELETE = "Delete"


class UnreadableAnswer(ValueError):
    """The answer is not one of the messages we know."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who speaks: the body's code at IRIS and its system (SIL)."""

    entity: str
    system: str
    message_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to a request on debts."""

    done: bool
    code: str
    description: str


@dataclass(frozen=True, slots=True)
class PaymentState:
    """The answer on one notice; `receipt` is the node's own message when it was paid."""

    iuv: str
    state: str
    receipt: bytes


def alignment(position: PositionData, operation: Operation, sender: Sender) -> bytes:
    """The request that adds, replaces or removes a debt. Raises NotExpressible."""
    checked(position)
    if position.has_stamp:
        raise NotExpressible("iris_stamp", "La marca da bollo digitale non passa da IRIS.")
    envelope, wrapper = _envelope("IdpAllineamentoPendenzeEnteOTF")
    request = etree.SubElement(wrapper, f"{{{DEBTS_NS}}}IdpAllineamentoPendenzeOTF", Versione=VERSION)
    _header(request, "IdpAllineamentoPendenze", sender)
    body = _put(request, "IdpBody")
    debt = _put(body, "Pendenza", TipoPendenza=position.debt_kind, TipoOperazione=operation.value)
    _put(debt, "IdPendenza", position.iupd.rpartition("-")[2])
    issuer = _put(debt, "Mittente")
    _put(issuer, "Id", sender.entity)
    _put(issuer, "Descrizione", position.company[:70])
    debtor = _put(_put(debt, "Destinatari"), "Destinatario", Tipo="Cittadino")
    _put(debtor, "Id", position.debtor.fiscal_code)
    _put(debtor, "Descrizione", position.debtor.name[:70])
    if operation is not Operation.DELETE:
        _debt(_put(debt, operation.value), position, sender.at)
    return _bytes(envelope)


def status_request(notices: list[tuple[str, str]], sender: Sender) -> bytes:
    """The question on the state of some notices, as pairs of IUV and kind of debt."""
    envelope, wrapper = _envelope("IdpVerificaStatoPagamenti")
    request = etree.SubElement(wrapper, f"{{{STATUS_NS}}}IdpVerificaStatoPagamento", Versione=VERSION)
    _header(request, "IdpInformativaPagamento", sender)
    body = _put(request, "IdpBody")
    _put(body, "RichiestaInformazioniPagamento", "true")
    for iuv, kind in notices:
        _put(body, "IdPagamento", iuv, TipoPendenza=kind)
    return _bytes(envelope)


def read_outcome(content: bytes) -> Outcome:
    """The outcome of a request on debts. Raises UnreadableAnswer."""
    message = _answer(content, "IdpAllineamentoPendenzeEnteOTF.Esito").find(".//{*}InfoMessaggio")
    if message is None:
        raise UnreadableAnswer("no outcome")
    first = message.find(".//{*}Esito")
    code, text = ("", "") if first is None else (first.findtext("{*}Codice", ""), first.findtext("{*}Descrizione", ""))
    return Outcome(message.findtext("{*}Stato", "").strip() == DONE, code.strip()[:35], text.strip()[:300])


def read_states(content: bytes) -> list[PaymentState]:
    """The state of each notice asked for. Raises UnreadableAnswer."""
    answer = _answer(content, "IdpVerificaStatoPagamenti.Esito")
    try:
        return [
            PaymentState(
                row.findtext("{*}IdPagamento", "").strip(),
                row.findtext("{*}Stato", "").strip(),
                b64decode(row.findtext("{*}Ricevuta", ""), validate=True),
            )
            for row in answer.iterfind(".//{*}InformazioniPagamento")
        ]
    except binascii.Error as error:
        raise UnreadableAnswer("a receipt that is not base64") from error


def _debt(node: etree._Element, position: PositionData, at: datetime) -> None:
    """The whole debt. Options exclude each other at the node; here they are ways to pay (InfoPagamento)."""
    created = position.created_on or at.date()
    _put(node, "DescrizioneCausale", position.instalments[0].description)
    _put(node, "DataCreazione", at.isoformat(timespec="seconds"))
    _put(node, "DataEmissione", datetime(created.year, created.month, created.day, tzinfo=at.tzinfo).isoformat())
    last = max(_payable_until(option, part) for option in position.options for part in option.instalments)
    _put(node, "DataPrescrizione", datetime(last.year, last.month, last.day, tzinfo=at.tzinfo).isoformat())
    _put(node, "AnnoRiferimento", str(created.year))
    _put(node, "Stato", "Aperta")
    _put(node, "ImportoTotale", _amount(sum(part.cents for part in position.options[0].instalments)))
    _put(node, "Divisa", "EUR")
    for option in position.options:
        way = _put(node, "InfoPagamento")
        _put(way, "TipoPagamento", "Pagamento a Rate" if option.is_plan else "Pagamento Unico")
        for part in option.instalments:
            _payment(_put(way, "DettaglioPagamento"), option, part, created)


def _payment(node: etree._Element, option: OptionData, part: InstalmentData, created: date) -> None:
    _put(node, "IdPagamento", part.iuv)
    _put(node, "DataScadenza", part.due_on.isoformat())
    _put(node, "DataInizioValidita", (option.valid_from or created).isoformat())
    _put(node, "DataFineValidita", _payable_until(option, part).isoformat())
    _put(node, "Stato", "Non Pagato")
    _put(node, "Importo", _amount(part.cents))
    items = _put(node, "DettaglioImporto")
    for row in part.transfers:
        item = _put(items, "Voce", Tipo="ONERI")
        _put(item, "Codice", row.category[:35])
        _put(item, "Descrizione", row.remittance)
        _put(item, "Importo", _amount(row.cents))
    _put(node, "CausalePagamento", part.description)


def _payable_until(option: OptionData, part: InstalmentData) -> date:
    return part.due_on if option.switch_to_expired else part.due_on + OPEN_AFTER_DUE


def _header(parent: etree._Element, service: str, sender: Sender) -> None:
    header = etree.SubElement(parent, f"{{{HEADER_NS}}}IdpHeader")
    at = sender.at.isoformat(timespec="seconds")
    transport = _put(header, "TRT")
    for name, text in (("ServiceName", service), ("MsgId", sender.message_id), ("XMLCrtDt", at)):
        _put(transport, name, text)
    _pair(_put(transport, "Sender"), "Sender", sender.entity, sender.system)
    _pair(_put(transport, "Receiver"), "Receiver", RECEIVER, RECEIVER_SYSTEM)
    ends = _put(header, "E2E")
    for name, text in (("E2ESrvcNm", service), ("E2EMsgId", sender.message_id), ("XMLCrtDt", at)):
        _put(ends, name, text)
    _pair(_put(ends, "Sender"), "E2ESndr", sender.entity, sender.system)
    _pair(_put(ends, "Receiver"), "E2ERcvr", RECEIVER, RECEIVER_SYSTEM)


def _pair(node: etree._Element, prefix: str, code: str, system: str) -> None:
    _put(node, f"{prefix}Id", code)
    _put(node, f"{prefix}Sys", system)


def _amount(cents: int) -> str:
    return str(decimal_from_cents(cents))


def _put(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    """A child in the namespace of its parent."""
    child: etree._Element = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}", attributes)
    child.text = text
    return child


def _envelope(name: str) -> tuple[etree._Element, etree._Element]:
    envelope = etree.Element(f"{{{SOAP_NS}}}Envelope", nsmap={"soapenv": SOAP_NS})
    body = etree.SubElement(envelope, f"{{{SOAP_NS}}}Body")
    return envelope, etree.SubElement(body, f"{{{PROXY_NS}}}{name}", nsmap={"iris": PROXY_NS})


def _bytes(envelope: etree._Element) -> bytes:
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def _answer(content: bytes, name: str) -> etree._Element:
    """The body element of an answer. DTDs are refused, entities never resolved."""
    if b"<!DOCTYPE" in content:
        raise UnreadableAnswer("DOCTYPE refused")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableAnswer("not XML") from error
    found = root.find("{*}Body/{*}" + name)
    if found is None:
        raise UnreadableAnswer(f"no {name}")
    return found
