"""Messages as the node writes them, and a way to post them to the station."""

from base64 import b64encode
from dataclasses import dataclass, replace
from typing import Any

from django.test import Client
from django_scopes import scope
from lxml import etree

ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
    'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:paf="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd">'
    "<soapenv:Header/><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
)
HEAD = "<idPA>{entity}</idPA><idBrokerPA>{broker}</idBrokerPA><idStation>{station}</idStation>"
DEBTOR = (
    "<debtor><uniqueIdentifier><entityUniqueIdentifierType>F</entityUniqueIdentifierType>"
    "<entityUniqueIdentifierValue>RSSMRA60D20F205R</entityUniqueIdentifierValue></uniqueIdentifier>"
    "<fullName>Mario Rossi</fullName></debtor>"
)


@dataclass(frozen=True)
class To:
    """The address of a message."""

    entity: str = "80000410508"
    broker: str = "80000410508"
    station: str = "80000410508_01"

    def xml(self) -> str:
        return HEAD.format(**self.__dict__)


@dataclass(frozen=True)
class Receipt:
    """A receipt; `transfers` are (id, amount, body, IBAN), or the stamp's document in place of the IBAN."""

    nav: str
    receipt_id: str = "a" * 32
    entity: str = "80000410508"
    outcome: str = "OK"
    iuv: str = ""
    amount: str = "48.00"
    transfers: tuple[tuple[int, str, str, str | bytes], ...] = (
        (1, "32.00", "80000410508", "IT60X0542811101000000123456"),
        (2, "16.00", "80000410508", "IT60X0542811101000000123456"),
    )
    paid_at: str = "2026-11-22T10:00:00"
    extra: str = ""

    def but(self, **changes: Any) -> "Receipt":
        return replace(self, **changes)

    def xml(self, *, v2: bool = True) -> str:
        rows = "".join(
            f"<transfer><idTransfer>{seq}</idTransfer><transferAmount>{amount}</transferAmount>"
            f"<fiscalCodePA>{entity}</fiscalCodePA>{_account(iban)}"
            "<remittanceInformation>Causale</remittanceInformation><transferCategory>9/0301107TP/</transferCategory>"
            "</transfer>"
            for seq, amount, entity, iban in self.transfers
        )
        note = "<paymentNote>carrello</paymentNote>" if v2 else ""
        return (
            f"<receipt><receiptId>{self.receipt_id}</receiptId><noticeNumber>{self.nav}</noticeNumber>"
            f"<fiscalCode>{self.entity}</fiscalCode><outcome>{self.outcome}</outcome>"
            f"<creditorReferenceId>{self.iuv or self.nav[1:]}</creditorReferenceId>"
            f"<paymentAmount>{self.amount}</paymentAmount><description>Prova</description>"
            f"<companyName>Provincia di Pisa</companyName>{DEBTOR}<transferList>{rows}</transferList>"
            "<idPSP>ABI99999</idPSP><PSPCompanyName>PSP di prova</PSPCompanyName><idChannel>canale</idChannel>"
            f"<channelDescription>app</channelDescription>{note}<fee>1.50</fee>"
            f"<paymentDateTime>{self.paid_at}</paymentDateTime>"
            f"<applicationDate>2026-11-22</applicationDate>{self.extra}</receipt>"
        )


def _account(iban: str | bytes) -> str:
    if isinstance(iban, bytes):
        return f"<MBDAttachment>{b64encode(iban).decode()}</MBDAttachment>"
    return f"<IBAN>{iban}</IBAN>"


def qr(nav: str, entity: str = "80000410508") -> str:
    return f"<qrCode><fiscalCode>{entity}</fiscalCode><noticeNumber>{nav}</noticeNumber></qrCode>"


def verify(nav: str, *, to: To = To(), entity: str | None = None) -> str:
    body = to.xml() + qr(nav, entity or to.entity)
    return ENVELOPE.format(body=f"<paf:paVerifyPaymentNoticeReq>{body}</paf:paVerifyPaymentNoticeReq>")


def get(nav: str, *, to: To = To(), v2: bool = True, transfer_type: str = "") -> str:
    element = "paGetPaymentV2Request" if v2 else "paGetPaymentReq"
    kind = f"<transferType>{transfer_type}</transferType>" if transfer_type else ""
    return ENVELOPE.format(body=f"<paf:{element}>{to.xml()}{qr(nav, to.entity)}{kind}</paf:{element}>")


def send(receipt: Receipt, *, to: To = To(), v2: bool = True) -> str:
    element = "paSendRTV2Request" if v2 else "paSendRTReq"
    return ENVELOPE.format(body=f"<paf:{element}>{to.xml()}{receipt.xml(v2=v2)}</paf:{element}>")


def demand(data: bytes | str, *, to: To = To(), service: str = "SPONT", subject: str = "00001") -> str:
    content = b64encode(data.encode() if isinstance(data, str) else data).decode()
    return ENVELOPE.format(
        body=f"<paf:paDemandPaymentNoticeRequest>{to.xml()}<idServizio>{service}</idServizio>"
        f"<idSoggettoServizio>{subject}</idSoggettoServizio>"
        f"<datiSpecificiServizioRequest>{content}</datiSpecificiServizioRequest></paf:paDemandPaymentNoticeRequest>"
    )


@dataclass(frozen=True)
class Answer:
    status: int
    content: bytes
    body: Any

    @property
    def outcome(self) -> str:
        return self.body.findtext("outcome", "")

    @property
    def fault(self) -> str:
        return self.body.findtext("fault/faultCode", "")

    def text(self, path: str) -> str | None:
        return self.body.findtext(path)


class PlainClient(Client):
    """Each request starts without the scope of the test around it, as in the real process."""

    def request(self, **request: Any) -> Any:
        with scope():
            return super().request(**request)


def post(message: str | bytes, *, client: Client | None = None, **headers: str) -> Answer:
    """Post to the station as the node does."""
    content = message.encode() if isinstance(message, str) else message
    response = (client or PlainClient(enforce_csrf_checks=True)).post(
        "/pagopa/node", content, content_type="text/xml; charset=utf-8", headers={"SOAPAction": "whatever", **headers}
    )
    body = None
    if response.content:
        body = etree.fromstring(response.content).find("{*}Body/*")
    return Answer(response.status_code, response.content, body)
