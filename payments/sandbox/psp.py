"""Pages of the counter: verify, pay, look at the messages, make mistakes on purpose."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from payments.demo import CREDITORS
from payments.sandbox import counter, node, receipts
from payments.sandbox.forms import NoticeForm
from payments.sandbox.node import Exchange
from portal.operations.sandbox.pages import page


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The counter: a form, what was paid, and the mistakes."""
    return _desk(NoticeForm())


@csrf_exempt
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Ask the station how much, before taking the money."""
    form = NoticeForm(request.POST)
    if not form.is_valid():
        return _desk(form, status=422)
    entity, nav = form.cleaned_data["entity"], form.cleaned_data["nav"]
    exchange, verified = node.verify(head=node.head_of(entity, nav), entity=entity, nav=nav)
    context = {"exchanges": [exchange], "verified": verified, "entity": entity, "nav": nav}
    return page("payments/sandbox/verify.html", context)


@csrf_exempt
@require_POST
def pay(request: HttpRequest) -> HttpResponse:
    """Take the money and send the receipt."""
    form = NoticeForm(request.POST)
    if not form.is_valid():
        return _desk(form, status=422)
    exchanges, payment = counter.pay(entity=form.cleaned_data["entity"], nav=form.cleaned_data["nav"])
    return _result("Pagamento", exchanges, paid=payment is not None)


@csrf_exempt
@require_POST
def again(request: HttpRequest, receipt_id: str, what: str) -> HttpResponse:
    """With a payment of the list: send its receipt again, or pay the same notice a second time."""
    payment = receipts.payment_of(receipt_id)
    if payment is None:
        raise Http404
    if what == "ricevuta":
        return _result("Ricevuta inviata di nuovo", [counter.deliver(payment)])
    if what == "pagamento":
        return _result("Secondo pagamento dello stesso avviso", [counter.pay_twice(payment)], paid=True)
    raise Http404


@csrf_exempt
@require_POST
def mistake(request: HttpRequest, what: str) -> HttpResponse:
    """Send something wrong and show what the station answers."""
    if what not in counter.MISTAKES:
        raise Http404
    title, make = counter.MISTAKES[what]
    return _result(title, [make(CREDITORS[0].fiscal_code)])


def _desk(form: NoticeForm, *, status: int = 200) -> HttpResponse:
    mistakes = [(code, title) for code, (title, _) in counter.MISTAKES.items()]
    context = {"form": form, "payments": receipts.payments(), "mistakes": mistakes}
    return page("payments/sandbox/desk.html", context, status=status)


def _result(title: str, exchanges: list[Exchange], *, paid: bool = False) -> HttpResponse:
    return page("payments/sandbox/result.html", {"title": title, "exchanges": exchanges, "paid": paid})
