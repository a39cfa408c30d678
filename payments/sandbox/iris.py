"""IRIS in the demonstration: our own contract (mark M), played by somebody who keeps debts and hears of payments.

Written on its own, without the code that speaks to it. The form of the messages is an assumption until the Region
gives its schema: see docs/providers.md.
"""

import base64
import binascii
from datetime import timedelta
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from lxml import etree

from payments.demo import creditor
from payments.providers.conf import SANDBOX_LOGIN
from payments.sandbox import gpd
from payments.sandbox.node import PSP
from payments.sandbox.platform import FAULTS
from portal import clock
from portal.operations.sandbox.store import Store, Value

DEBTS = "iris_debts"
_NS = "http://www.cart.rete.toscana.it/servizi/iris_1_1"


@csrf_exempt
@require_POST
def service(request: HttpRequest, name: str) -> HttpResponse:
    """Debts to align, or notices to tell the state of: the body says which."""
    if not _logged_in(request):
        return HttpResponse("Unauthorized", status=401, headers={"WWW-Authenticate": 'Basic realm="IRIS"'})
    fault = Store().get(FAULTS, "iris")
    if fault is not None and fault["times"] > 0:
        Store().put(FAULTS, "iris", fault | {"times": fault["times"] - 1})
        return HttpResponse(fault["text"], status=fault["status"], content_type="text/xml")
    try:
        root = etree.fromstring(request.body, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return HttpResponse("not XML", status=400)
    if root.find(".//{*}IdpAllineamentoPendenzeOTF") is not None:
        return _answer(_align(root))
    if root.find(".//{*}IdpVerificaStatoPagamento") is not None:
        return _answer(_states(root))
    return HttpResponse("unknown message", status=400)


def pay(iuv: str) -> Value:
    """Somebody pays a notice through the Region. Raises KeyError when there is none with that IUV."""
    store = Store()
    for key, debt in store.list(DEBTS):
        for part in debt["parts"]:
            if part["iuv"] == iuv:
                part["payment"] = _payment(debt, part)
                store.put(DEBTS, key, debt)
                return debt
    raise KeyError(iuv)


def debts() -> list[Value]:
    """Every debt."""
    return [value for _, value in Store().list(DEBTS)]


def _logged_in(request: HttpRequest) -> bool:
    kind, _, code = request.headers.get("Authorization", "").partition(" ")
    try:
        return kind == "Basic" and base64.b64decode(code, validate=True).decode() == SANDBOX_LOGIN
    except (binascii.Error, UnicodeDecodeError):
        return False


def _align(root: etree._Element) -> str:
    for node in root.iterfind(".//{*}Pendenza"):
        code = _one(node)
        if code:
            return _outcome("Elaborato con Errori", code)
    return _outcome("Elaborato Correttamente", "")


def _one(node: etree._Element) -> str:
    """The code of the error, empty when the operation was done."""
    operation, store = node.get("TipoOperazione", ""), Store()
    key = f"{node.findtext('{*}Mittente/{*}Id', '')} {node.findtext('{*}IdPendenza', '')}"
    held = store.get(DEBTS, key)
    if held is not None and any(part.get("payment") for part in held["parts"]):
        return "PAGATA"
    if operation == "Insert" and held is not None:
        return "DUPLICATA"
    if operation in ("Replace", "Delete") and held is None:
        return "INESISTENTE"
    if operation == "Delete":
        store.delete(DEBTS, key)
        return ""
    debt = _debt(node, operation)
    if debt is None:
        return "NON_VALIDA"
    store.put(DEBTS, key, debt)
    return ""


def _debt(node: etree._Element, operation: str) -> Value | None:
    content = node.find("{*}" + operation) if operation in ("Insert", "Replace") else None
    if content is None or not node.get("TipoPendenza"):
        return None
    parts = [_part(row) for row in content.iterfind("{*}InfoPagamento/{*}DettaglioPagamento")]
    if not parts or any(sum(row["cents"] for row in part["items"]) != part["cents"] for part in parts):
        return None
    return {
        "entity": node.findtext("{*}Mittente/{*}Id", ""),
        "company": node.findtext("{*}Mittente/{*}Descrizione", ""),
        "kind": node.get("TipoPendenza"),
        "debtor": node.findtext("{*}Destinatari/{*}Destinatario/{*}Id", ""),
        "debtor_name": node.findtext("{*}Destinatari/{*}Destinatario/{*}Descrizione", ""),
        "description": content.findtext("{*}DescrizioneCausale", ""),
        "parts": parts,
    }


def _part(row: etree._Element) -> dict[str, Any]:
    items = [
        {"cents": _cents(item.findtext("{*}Importo")), "category": item.findtext("{*}Codice", ""),
         "remittance": item.findtext("{*}Descrizione", "")}
        for item in row.iterfind("{*}DettaglioImporto/{*}Voce")
    ]  # fmt: skip
    cents = _cents(row.findtext("{*}Importo"))
    return {"iuv": row.findtext("{*}IdPagamento", ""), "cents": cents, "items": items, "payment": None}


def _payment(debt: Value, part: Value) -> Value:
    """The node's receipt of the payment. The accounts are the Region's affair: the body's own stands for them."""
    known = creditor(debt["entity"])
    transfers = [
        {"id": seq, "amount_cents": item["cents"], "fiscal_code": debt["entity"],
         "iban": known.iban if known else "IT", "remittance": item["remittance"], "category": item["category"]}
        for seq, item in enumerate(part["items"], start=1)
    ]  # fmt: skip
    paid_at = clock.now() - timedelta(seconds=1)
    return {
        "entity": debt["entity"],
        "nav": f"3{part['iuv']}",
        "iuv": part["iuv"],
        "receipt_id": f"iris{part['iuv']}",
        "amount_cents": part["cents"],
        "transfers": transfers,
        "psp": {"id": PSP["id"], "name": PSP["name"]},
        "paid_at": paid_at.isoformat(timespec="seconds"),
        "description": debt["description"],
        "company": debt["company"],
        "debtor": gpd.debtor_xml({"type": "F", "fiscalCode": debt["debtor"], "fullName": debt["debtor_name"]}),
    }


def _states(root: etree._Element) -> str:
    parts = {part["iuv"]: part for debt in debts() for part in debt["parts"]}
    rows = "".join(_state(asked.text or "", parts) for asked in root.iterfind(".//{*}IdpBody/{*}IdPagamento"))
    body = f'<v:IdpEsitoVerifica xmlns:v="{_NS}/IdpEsito"><v:IdpBody>{rows}</v:IdpBody></v:IdpEsitoVerifica>'
    return f'<p:IdpVerificaStatoPagamenti.Esito xmlns:p="{_NS}/proxy">{body}</p:IdpVerificaStatoPagamenti.Esito>'


def _state(iuv: str, parts: dict[str, Any]) -> str:
    part = parts.get(iuv)
    state, receipt = "Posizione non presente", ""
    if part is not None:
        state = "Pagamento eseguito" if part["payment"] else "Pagamento non eseguito"
        if part["payment"]:
            document = base64.b64encode(gpd.document(part["payment"]).encode()).decode()
            receipt = f"<v:Ricevuta>{document}</v:Ricevuta>"
    return (
        f"<v:InformazioniPagamento><v:IdPagamento>{escape(iuv)}</v:IdPagamento><v:Stato>{state}</v:Stato>{receipt}"
        "</v:InformazioniPagamento>"
    )


def _outcome(state: str, code: str) -> str:
    error = f"<e:Esito><e:Codice>{code}</e:Codice><e:Descrizione>Errore {code}</e:Descrizione></e:Esito>"
    message = f"<e:InfoMessaggio><e:Stato>{state}</e:Stato>{f'<e:Esiti>{error}</e:Esiti>' if code else ''}"
    body = f"<e:IdpBody>{message}</e:InfoMessaggio></e:IdpBody>"
    name = "IdpAllineamentoPendenzeEnteOTF.Esito"
    return f'<p:{name} xmlns:p="{_NS}/proxy"><e:IdpEsitoOTF xmlns:e="{_NS}/IdpEsito">{body}</e:IdpEsitoOTF></p:{name}>'


def _answer(content: str) -> HttpResponse:
    envelope = (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/'
        f'envelope/"><soapenv:Body>{content}</soapenv:Body></soapenv:Envelope>'
    )
    return HttpResponse(envelope, content_type="text/xml; charset=utf-8")


def _cents(text: str | None) -> int:
    return int(Decimal(text or "0") * 100)
