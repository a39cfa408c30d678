"""Scenario of a debt made on the spot, for somebody who stands at a counter without a notice."""

import secrets
from base64 import b64encode

from payments.domain.spontaneous import AmountRule
from payments.sandbox import node
from payments.sandbox.node import Exchange
from payments.sandbox.scenarios.stage import Stage
from payments.spontaneous.demo import SERVICES

_NS = "urn:portale-dei-servizi:spontaneous-payment:1"


def on_the_spot(stage: Stage) -> None:
    """A service of the body becomes a notice; the node that repeats itself gets the same one; nonsense is refused."""
    offered = next(row for row in SERVICES if row.rule is AmountRule.FIXED)
    reason = f"Prova allo sportello {secrets.token_hex(4)}"
    first = stage.step("prima richiesta", lambda: _demand(stage, offered.code, offered.kind, reason))
    number = _number(first)
    stage.step(
        "la stessa, di nuovo",
        lambda: _demand(stage, offered.code, offered.kind, reason),
        texts={"qrCode/noticeNumber": number},
    )
    stage.step("si può pagare", lambda: stage.verify(number), nav=number)
    stage.step(
        "servizio inesistente", lambda: _demand(stage, "99999", offered.kind, reason), outcome="KO",
        fault="PAA_SEMANTICA",
    )  # fmt: skip
    stage.step(
        "dati illeggibili", lambda: _sent(stage, offered.code, "<nulla/>"), outcome="KO", fault="PAA_SINTASSI_EXTRAXSD"
    )


def _demand(stage: Stage, service: str, kind: str, reason: str) -> Exchange:
    debtor = "<debtor><type>F</type><taxCode>ANONIMO</taxCode><fullName>Pagatore di prova</fullName></debtor>"
    data = f'<spontaneousPayment xmlns="{_NS}"><kind>{kind}</kind>{debtor}<reason>{reason}</reason>'
    return _sent(stage, service, f"{data}<quantity>1</quantity></spontaneousPayment>")


def _sent(stage: Stage, service: str, data: str) -> Exchange:
    body = (
        f"<paf:paDemandPaymentNoticeRequest>{stage.head.xml()}<idServizio>{service}</idServizio>"
        f"<idSoggettoServizio>{service}</idSoggettoServizio>"
        f"<datiSpecificiServizioRequest>{b64encode(data.encode()).decode()}</datiSpecificiServizioRequest>"
        "</paf:paDemandPaymentNoticeRequest>"
    )
    return node.call("paDemandPaymentNotice", body)[0]


def _number(exchange: Exchange) -> str:
    return exchange.response.partition("<noticeNumber>")[2].partition("<")[0]
