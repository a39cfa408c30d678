"""Flows as documents: the XML of the archive (FlussoRiversamento) and the bundle of the REST API. Pure."""

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from payments.reconciliation.formats.reporting_flow import OUTCOMES
from payments.reconciliation.formats.reporting_flow_json import bundle
from payments.reconciliation.synthesis.world import Flow, Line

NAMESPACE = "http://www.digitpa.gov.it/schemas/2011/Pagamenti/"
PAGE = 1000
REVOKED = 3
_NUMBER = re.compile(r'"EUR:(-?[0-9]+\.[0-9]{2})"')
_NAMES = {code: name for name, code in OUTCOMES.items()}


def flow_document(flow: Flow) -> bytes:
    """The bytes of a flow."""
    return _bundle(flow) if flow.json else "".join(_xml(flow)).encode()


def flow_name(flow: Flow) -> str:
    """The name of its file."""
    return f"{flow.published_on:%Y%m%d}-{flow.psp.code}-{flow.iuf}.{'json' if flow.json else 'xml'}"


def euro(cents: int) -> str:
    """Cents as documents write them."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _written_cents(line: Line) -> int:
    """SACI wants revoked amounts negative, the schema wants them positive: one of each."""
    return abs(line.cents) if line.outcome == REVOKED and line.seq % 2 else line.cents


def _xml(flow: Flow) -> Iterator[str]:
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<FlussoRiversamento xmlns="{NAMESPACE}">'
        f"<versioneOggetto>1.0</versioneOggetto><identificativoFlusso>{flow.iuf}</identificativoFlusso>"
        f"<dataOraFlusso>{flow.published_on}T02:00:00</dataOraFlusso>"
        f"<identificativoUnivocoRegolamento>{flow.regulation_id}</identificativoUnivocoRegolamento>"
        f"<dataRegolamento>{flow.day}</dataRegolamento>"
        "<istitutoMittente><identificativoUnivocoMittente><tipoIdentificativoUnivoco>B</tipoIdentificativoUnivoco>"
        f"<codiceIdentificativoUnivoco>{flow.psp.code}</codiceIdentificativoUnivoco></identificativoUnivocoMittente>"
        f"<denominazioneMittente>{escape(flow.psp.name)}</denominazioneMittente></istitutoMittente>"
        "<istitutoRicevente><identificativoUnivocoRicevente>"
        "<tipoIdentificativoUnivoco>G</tipoIdentificativoUnivoco>"
        f"<codiceIdentificativoUnivoco>{flow.body.fiscal_code}</codiceIdentificativoUnivoco>"
        "</identificativoUnivocoRicevente>"
        f"<denominazioneRicevente>{escape(flow.body.name)}</denominazioneRicevente></istitutoRicevente>"
        f"<numeroTotalePagamenti>{flow.declared_count}</numeroTotalePagamenti>"
        f"<importoTotalePagamenti>{euro(flow.declared_cents)}</importoTotalePagamenti>"
    )
    for line in flow.lines:
        payment = line.payment
        yield (
            f"\n<datiSingoliPagamenti><identificativoUnivocoVersamento>{payment.iuv}</identificativoUnivocoVersamento>"
            f"<identificativoUnivocoRiscossione>{payment.receipt_id}</identificativoUnivocoRiscossione>"
            f"<indiceDatiSingoloPagamento>{line.transfer}</indiceDatiSingoloPagamento>"
            f"<singoloImportoPagato>{euro(_written_cents(line))}</singoloImportoPagato>"
            f"<codiceEsitoSingoloPagamento>{line.outcome}</codiceEsitoSingoloPagamento>"
            f"<dataEsitoSingoloPagamento>{payment.day}</dataEsitoSingoloPagamento></datiSingoliPagamenti>"
        )
    yield "\n</FlussoRiversamento>\n"


def _bundle(flow: Flow) -> bytes:
    pages = [flow.lines[first : first + PAGE] for first in range(0, len(flow.lines), PAGE)]
    return bundle(_header(flow), [_page(lines, number, len(pages)) for number, lines in enumerate(pages, start=1)])


def _header(flow: Flow) -> str:
    published = f"{flow.published_on}T02:00:00Z"
    return _json(
        {
            "fdr": flow.iuf,
            "revision": flow.revision,
            "regulation": flow.regulation_id,
            "regulationDate": flow.day.isoformat(),
            "bicCodePouringBank": flow.psp.code,
            "status": "PUBLISHED",
            "fdrDate": published,
            "created": published,
            "updated": published,
            "published": published,
            "sender": {"type": "LEGAL_PERSON", "id": flow.psp.code, "pspId": flow.psp.code, "pspName": flow.psp.name},
            "receiver": {
                "id": flow.body.fiscal_code,
                "organizationId": flow.body.fiscal_code,
                "organizationName": flow.body.name,
            },
            "totPayments": flow.declared_count,
            "sumPayments": _number(flow.declared_cents),
            "computedTotPayments": len(flow.lines),
            "computedSumPayments": _number(flow.computed_cents),
        }
    )


def _page(lines: list[Line], number: int, pages: int) -> str:
    rows = [
        {
            "index": line.seq,
            "iuv": line.payment.iuv,
            "iur": line.payment.receipt_id,
            "idTransfer": line.transfer,
            "pay": _number(_written_cents(line)),
            "payStatus": _NAMES[line.outcome],
            "payDate": f"{line.payment.day}T12:00:00Z",
        }
        for line in lines
    ]
    metadata = {"pageSize": len(rows), "pageNumber": number, "totPage": pages}
    return _json({"metadata": metadata, "count": len(rows), "data": rows})


def _number(cents: int) -> str:
    """An amount that `_json` writes as a number with its two decimals, without passing through a float."""
    return f"EUR:{euro(cents)}"


def _json(body: dict[str, Any]) -> str:
    return _NUMBER.sub(r"\1", json.dumps(body))
