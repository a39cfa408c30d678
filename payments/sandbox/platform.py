"""The door of PagoPA's platform in the demonstration: keys, failures on purpose, errors as the real one writes them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from payments.providers.conf import SANDBOX_KEY
from portal.operations.sandbox.store import Store

FAULTS = "platform_faults"
View = Callable[..., HttpResponseBase]


class Problem(Exception):
    """The answer is an error; title and detail are for engineers, in English as on the real platform."""

    def __init__(self, status: int, title: str, detail: str = "") -> None:
        super().__init__(title)
        self.status, self.title, self.detail = status, title, detail

    def response(self) -> HttpResponse:
        """As problem+json."""
        return JsonResponse({"title": self.title, "status": self.status, "detail": self.detail}, status=self.status)


def fail_next(area: str, *, status: int, times: int = 1, text: str = "") -> None:
    """The next calls of an area answer so. With a text, that is the body: an answer nobody can read, for instance."""
    Store().put(FAULTS, area, {"status": status, "times": times, "text": text})


def product(area: str, *methods: str) -> Callable[[View], View]:
    """A view of a product: these methods, the right key, and the failures asked for."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in methods:
                return Problem(405, "METHOD NOT ALLOWED").response()
            if request.headers.get("Ocp-Apim-Subscription-Key") != SANDBOX_KEY:
                return JsonResponse({"statusCode": 401, "message": "Access denied due to invalid key"}, status=401)
            failure = _failure(area)
            if failure is not None:
                return failure
            try:
                return view(request, *args, **kwargs)
            except Problem as problem:
                return problem.response()

        return guarded

    return decorate


def _failure(area: str) -> HttpResponse | None:
    store = Store()
    fault = store.get(FAULTS, area)
    if fault is None or fault["times"] < 1:
        return None
    store.put(FAULTS, area, fault | {"times": fault["times"] - 1})
    if fault["text"]:
        return HttpResponse(fault["text"], status=fault["status"], content_type="application/json")
    return Problem(fault["status"], "ON PURPOSE", "The sandbox was asked to fail.").response()
