"""The addresses of PagoPA's platform that a body calls: positions, receipts, ACA, back office. And a desk to pay at."""

import json
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from payments.demo import CREDITORS
from payments.sandbox import gpd
from payments.sandbox.platform import Problem, product
from portal.operations.sandbox.pages import page
from portal.operations.sandbox.store import Store, Value

IBANS = "platform_ibans"
NOTICES = "aca_notices"
REGISTERED_FROM = "2026-01-01T00:00:00Z"


@product("gpd", "POST")
def positions(request: HttpRequest, version: str, entity: str) -> HttpResponse:
    """`POST /organizations/{ec}/debtpositions`."""
    position = gpd.create(entity, _body(request), publish=_publish(request))
    return JsonResponse(position["body"] | {"status": position["status"]}, status=201)


@product("gpd", "GET", "PUT", "DELETE")
def position(request: HttpRequest, version: str, entity: str, iupd: str) -> HttpResponse:
    """`/organizations/{ec}/debtpositions/{iupd}`."""
    if request.method == "DELETE":
        gpd.delete(entity, iupd)
        return JsonResponse("Debt position deleted", safe=False)
    if request.method == "PUT":
        found = gpd.replace(entity, iupd, _body(request), publish=_publish(request))
    else:
        found = gpd.position_of(entity, iupd)
    return JsonResponse(found["body"] | {"status": found["status"]})


@product("gpd", "POST")
def act(request: HttpRequest, version: str, entity: str, iupd: str, what: str) -> HttpResponse:
    """`POST .../{iupd}/publish` and, in v1, `.../invalidate`."""
    if what == "publish":
        found = gpd.publish(entity, iupd)
    elif what == "invalidate" and version == "v1":
        found = gpd.invalidate(entity, iupd)
    else:
        raise Problem(404, "NOT FOUND")
    return JsonResponse(found["body"] | {"status": found["status"]})


@product("receipts", "GET")
def receipts(request: HttpRequest, entity: str) -> HttpResponse:
    """`GET /payments/{ec}/receipts`."""
    number, size = _number(request, "pageNum", 0), _number(request, "pageSize", 20)
    codes = [code for code in request.GET.get("segregationCodes", "").split(",") if code]
    if not 1 <= size <= 100 or number < 0:
        raise Problem(400, "BAD REQUEST", "pageSize or pageNum")
    found = gpd.receipts_of(entity, since=request.GET.get("from", ""), segregation_codes=codes)
    if not found:
        raise Problem(404, "NO RECEIPTS FOUND")
    chosen = found[number * size : (number + 1) * size]
    rows = [
        {"organizationFiscalCode": entity, "iuv": row["iuv"], "paymentDateTime": row["paid_at"], "status": "CREATED"}
        for row in chosen
    ]
    pages = -(-len(found) // size)
    answer = {"currentPageNumber": number, "length": len(rows), "totalPages": pages, "results": rows}
    return JsonResponse(answer)


@product("receipt", "GET")
def receipt(request: HttpRequest, entity: str, iuv: str) -> HttpResponse:
    """`GET /payments/{ec}/receipts/{iuv}`."""
    return HttpResponse(gpd.document(gpd.receipt_of(entity, iuv)), content_type="application/xml")


@product("aca", "POST")
def aca(request: HttpRequest) -> HttpResponse:
    """`POST /paCreatePosition`: create, update or (amount zero) cancel."""
    body = _body(request)
    entity, iuv, amount = body.get("paFiscalCode"), body.get("iuv"), body.get("amount")
    if not isinstance(entity, str) or not isinstance(iuv, str) or type(amount) is not int or amount < 0:
        raise Problem(400, "BAD REQUEST", "paFiscalCode, iuv or amount")
    key, store = f"{entity} {iuv}", Store()
    if amount == 0:
        if store.get(NOTICES, key) is None:
            raise Problem(404, "Invocation exception", "No debt position found")
        store.delete(NOTICES, key)
    else:
        store.put(NOTICES, key, body)
    return JsonResponse(body | {"status": "VALID" if amount else "INVALID"})


@product("backoffice", "GET")
def ibans(request: HttpRequest, broker: str) -> HttpResponse:
    """`GET /brokers/{code}/ibans`: the accounts of the demonstration, and those written in the store."""
    number, limit = _number(request, "page", -1), _number(request, "limit", 10)
    if number < 0 or not 1 <= limit <= 100:
        raise Problem(400, "BAD REQUEST", "page or limit")
    rows = _registered(broker)
    pages = -(-len(rows) // limit)
    info = {"page": number, "limit": limit, "totalElements": len(rows), "totalPages": pages}
    return JsonResponse({"ibans": rows[number * limit : (number + 1) * limit], "pageInfo": info})


@csrf_exempt
@require_http_methods(["GET", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """The positions that the archive holds, and a button that pays one of their notices."""
    if request.method == "POST":
        try:
            gpd.pay(request.POST.get("entity", ""), request.POST.get("nav", ""))
        except Problem as problem:
            return HttpResponseBadRequest(f"{problem.title} {problem.detail}", content_type="text/plain")
        return HttpResponseRedirect(request.path)
    rows = [
        row | {"payable": row["status"] in gpd.PAYABLE, "debtor_name": row["debtor"]["fullName"]}
        for row in gpd.positions()[:100]
    ]
    return page("payments/sandbox/gpd.html", {"positions": rows})


def _registered(broker: str) -> list[Value]:
    """A demonstration's body is its own broker; the store adds accounts, or takes them away with an empty status."""
    rows = {
        iban: _account(row.fiscal_code, iban)
        for row in CREDITORS
        if row.fiscal_code == broker
        for iban in (row.iban, row.postal_iban)
    }
    for iban, value in Store().list(IBANS):
        if value.get("broker", broker) == broker:
            rows[iban] = {name: text for name, text in value.items() if name != "broker"}
    return [row for row in rows.values() if row["status"]]


def _account(entity: str, iban: str) -> Value:
    return {"ciFiscalCode": entity, "ciName": "Ente di prova", "iban": iban, "status": "ENABLED",
            "validityDate": REGISTERED_FROM, "description": "Conto di prova"}  # fmt: skip


def account(
    entity: str, iban: str, *, status: str = "ENABLED", valid_from: datetime | None = None, broker: str = ""
) -> None:
    """Register an account of a body in the store, or change one; an empty status takes it away.

    Any broker is shown it, unless one is named.
    """
    date = valid_from.astimezone(UTC).isoformat() if valid_from else REGISTERED_FROM
    only = {"broker": broker} if broker else {}
    Store().put(IBANS, iban, _account(entity, iban) | {"status": status, "validityDate": date} | only)


def _body(request: HttpRequest) -> Value:
    try:
        value: Any = json.loads(request.body)
    except ValueError as error:
        raise Problem(400, "BAD REQUEST", "not JSON") from error
    if not isinstance(value, dict):
        raise Problem(400, "BAD REQUEST", "not an object")
    return value


def _publish(request: HttpRequest) -> bool:
    return request.GET.get("toPublish", "false") == "true"


def _number(request: HttpRequest, name: str, default: int) -> int:
    try:
        return int(request.GET.get(name, default))
    except ValueError as error:
        raise Problem(400, "BAD REQUEST", name) from error
