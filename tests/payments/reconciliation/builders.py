"""Small builders of evidence, shared by the tests of reconciliation."""

import json
from datetime import date
from types import SimpleNamespace
from typing import Any

from lxml import etree

from payments.models import Receipt, ReceiptTransfer
from payments.reconciliation.formats.reporting_flow_json import bundle
from payments.sandbox.treasurer import Credit, journal_xml, sign, signing_key
from portal import clock

DAY = date(2026, 11, 12)
IUF = "2026-11-12BPPIITRRXXX-254873"
REMITTANCE = "/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/"


def line(
    iuv: str, iur: str, cents: int, *, seq: int = 1, transfer: int = 1, status: str = "EXECUTED"
) -> dict[str, Any]:
    return {
        "index": seq,
        "iuv": iuv,
        "iur": iur,
        "idTransfer": transfer,
        "pay": cents,
        "payStatus": status,
        "payDate": "2026-11-11T10:00:00Z",
    }


def page_text(lines: list[dict[str, Any]], *, page: int = 1, pages: int = 1) -> str:
    body = {"metadata": {"pageSize": len(lines), "pageNumber": page, "totPage": pages}, "data": lines}
    return _with_amounts(body)


def header_text(entity_code: str, *, count: int, cents: int, **changes: Any) -> str:
    body = {
        "fdr": IUF,
        "revision": 1,
        "regulation": "TRN1201160260177",
        "regulationDate": DAY.isoformat(),
        "fdrDate": "2026-11-13T01:00:00Z",
        "published": "2026-11-13T02:00:00Z",
        "sender": {"pspId": "BPPIITRRXXX", "pspName": "Poste di prova"},
        "receiver": {"organizationId": entity_code},
        "totPayments": count,
        "sumPayments": cents,
    }
    return _with_amounts(body | changes)


def flow_bundle(entity_code: str, lines: list[dict[str, Any]], **changes: Any) -> bytes:
    total = sum(-item["pay"] if item["payStatus"] == "REVOKED" else item["pay"] for item in lines)
    changes = {"count": len(lines), "cents": total} | changes
    return bundle(header_text(entity_code, **changes), [page_text(lines)])


def _with_amounts(body: dict[str, Any]) -> str:
    """Cents in `pay` and `sumPayments` become JSON numbers in euro."""

    def amount(key: str, value: Any) -> Any:
        return f"@{value / 100:.2f}@" if key in {"pay", "sumPayments"} and isinstance(value, int) else value

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: amount(key, walk(item)) for key, item in value.items()}
        return [walk(item) for item in value] if isinstance(value, list) else value

    return json.dumps(walk(body)).replace('"@', "").replace('@"', "")


def credit(cents: int, remittance: str = REMITTANCE + IUF, reference: str = "BANK0000000001") -> Credit:
    return Credit(cents, remittance, reference, "Poste di prova")


def journal(
    entity: Any, credits_: list[Credit], *, day: date = DAY, ledger: dict[str, int] | None = None, change: Any = None
) -> bytes:
    """A signed journal of a day; `change(root)` spoils it before it is signed."""
    root = unsigned_journal(entity, credits_, day=day, ledger=ledger)
    if change is not None:
        change(root)
    return sign(root, *signing_key())


def unsigned_journal(
    entity: Any, credits_: list[Credit], *, day: date = DAY, ledger: dict[str, int] | None = None
) -> etree._Element:
    at = SimpleNamespace(day=day)
    ledger = ledger if ledger is not None else {"closing": 100_000_00, "journal": 1, "number": 0}
    instant = (
        clock.now()
        .astimezone(clock.ROME)
        .replace(year=at.day.year, month=at.day.month, day=at.day.day, hour=3, minute=0, second=0, microsecond=0)
    )
    return journal_xml(entity=entity, credits_=credits_, ledger=ledger, at=instant)


def receipt(entity: Any, iuv: str, iur: str, cents: int, **changes: Any) -> Receipt:
    """A receipt of one transfer to the body, as the station stores it."""
    values = {
        "operation": "paSendRTV2",
        "nav": f"3{iuv}",
        "iuv": iuv,
        "receipt_id": iur,
        "issuer_fiscal_code": entity.fiscal_code,
        "outcome": "OK",
        "amount_cents": cents,
        "psp_id": "BPPIITRRXXX",
        "psp_name": "Poste di prova",
        "channel": "BPPIITRRXXX_01",
        "paid_at": clock.now().replace(year=DAY.year, month=DAY.month, day=11, hour=10),
        "received_at": clock.now(),
        "raw": b"<receipt/>",
    } | changes
    row = Receipt.objects.create(entity=entity, **values)
    ReceiptTransfer.objects.create(
        entity=entity, receipt=row, seq=1, beneficiary_fiscal_code=entity.fiscal_code, amount_cents=cents,
        iban="IT60X0542811101000000123456", category="9/0000000AA/", remittance="prova",
    )  # fmt: skip
    return row


NAMESPACE = "http://www.digitpa.gov.it/schemas/2011/Pagamenti/"


def xml_line(
    iuv: str, iur: str, amount: str, *, code: str = "0", day: str = "2026-11-11", transfer: str | None = "1"
) -> str:
    index = f"<indiceDatiSingoloPagamento>{transfer}</indiceDatiSingoloPagamento>" if transfer else ""
    return (
        "<datiSingoliPagamenti>"
        f"<identificativoUnivocoVersamento>{iuv}</identificativoUnivocoVersamento>"
        f"<identificativoUnivocoRiscossione>{iur}</identificativoUnivocoRiscossione>{index}"
        f"<singoloImportoPagato>{amount}</singoloImportoPagato>"
        f"<codiceEsitoSingoloPagamento>{code}</codiceEsitoSingoloPagamento>"
        f"<dataEsitoSingoloPagamento>{day}</dataEsitoSingoloPagamento></datiSingoliPagamenti>"
    )


def flow_xml(
    entity_code: str, lines: list[str], *, total: str, iuf: str = IUF, psp: str = "BPPIITRRXXX",
    count: int | None = None, created: str = "2026-11-13T02:00:00", revision: str = "",
) -> bytes:  # fmt: skip
    """A flow as the old services and the archives write it."""
    revision = f"<revisioneFlusso>{revision}</revisioneFlusso>" if revision else ""
    kind = "<tipoIdentificativoUnivoco>{}</tipoIdentificativoUnivoco>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<FlussoRiversamento xmlns="{NAMESPACE}">'
        f"<versioneOggetto>1.0</versioneOggetto><identificativoFlusso>{iuf}</identificativoFlusso>{revision}"
        f"<dataOraFlusso>{created}</dataOraFlusso>"
        "<identificativoUnivocoRegolamento>TRN1201160260177</identificativoUnivocoRegolamento>"
        f"<dataRegolamento>{DAY}</dataRegolamento><istitutoMittente><identificativoUnivocoMittente>{kind.format('B')}"
        f"<codiceIdentificativoUnivoco>{psp}</codiceIdentificativoUnivoco></identificativoUnivocoMittente>"
        "<denominazioneMittente>Poste di prova</denominazioneMittente></istitutoMittente>"
        f"<istitutoRicevente><identificativoUnivocoRicevente>{kind.format('G')}"
        f"<codiceIdentificativoUnivoco>{entity_code}</codiceIdentificativoUnivoco></identificativoUnivocoRicevente>"
        f"</istitutoRicevente><numeroTotalePagamenti>{len(lines) if count is None else count}</numeroTotalePagamenti>"
        f"<importoTotalePagamenti>{total}</importoTotalePagamenti>{''.join(lines)}</FlussoRiversamento>"
    ).encode()
