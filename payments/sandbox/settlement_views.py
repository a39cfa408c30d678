"""Pages and API of what follows a payment: the end of the day, and the reporting flows of the node."""

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from payments.sandbox import flows
from payments.sandbox.flows import Fault
from portal.operations.sandbox.pages import page
from portal.operations.sandbox.store import Store, Value

MAX_SIZE = 1000


@csrf_exempt
@require_http_methods(["GET", "POST"])
def day(request: HttpRequest) -> HttpResponse:
    """The page of the end of the day: what is waiting, and the buttons that close it."""
    store = Store()
    done = None
    if request.method == "POST":
        try:
            fault = Fault(request.POST.get("fault", Fault.NONE))
        except ValueError:
            return HttpResponseBadRequest("Chiusura sconosciuta.")
        done = flows.close_day(store, fault=fault)
    waiting = flows.unsettled(store)
    total = sum(payment["amount_cents"] for payment in waiting)
    return page("payments/reconciliation/sandbox_day.html", {"done": done, "waiting": waiting, "total": total})


@require_safe
def flow_list(request: HttpRequest, body: str) -> HttpResponse:
    """`GET /organizations/{ec}/fdrs`."""
    try:
        number, size = _paging(request)
        after = _instant(request.GET.get("publishedGt", ""))
    except ValueError:
        return _problem(400, "FDR-0400")
    return _answer(flows.published(Store(), body=body, after=after, page=number, size=size))


@require_safe
def flow_header(request: HttpRequest, body: str, iuf: str, revision: int, psp_id: str) -> HttpResponse:
    """`GET .../fdrs/{fdr}/revisions/{rev}/psps/{psp}`."""
    return _answer(flows.header(_flow(body, iuf, revision, psp_id)))


@require_safe
def flow_payments(request: HttpRequest, body: str, iuf: str, revision: int, psp_id: str) -> HttpResponse:
    """`GET .../fdrs/{fdr}/revisions/{rev}/psps/{psp}/payments`."""
    flow = _flow(body, iuf, revision, psp_id)
    try:
        number, size = _paging(request)
    except ValueError:
        return _problem(400, "FDR-0400")
    return _answer(flows.payments_page(flow, page=number, size=size))


def _flow(body: str, iuf: str, revision: int, psp_id: str) -> Value:
    flow = flows.flow_of(Store(), body=body, iuf=iuf, revision=revision, psp_id=psp_id)
    if flow is None:
        raise Http404
    return flow


def _paging(request: HttpRequest) -> tuple[int, int]:
    number, size = int(request.GET.get("page", "1")), int(request.GET.get("size", str(MAX_SIZE)))
    if number < 1 or not 1 <= size <= MAX_SIZE:
        raise ValueError("page")
    return number, size


def _instant(text: str) -> str:
    """An instant in the form the flows are stored with, so that the two can be compared as texts."""
    if not text:
        return ""
    return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _answer(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="application/json")


def _problem(status: int, code: str) -> HttpResponse:
    return HttpResponse(f'{{"httpStatusCode": {status}, "appErrorCode": "{code}"}}', "application/json", status)
