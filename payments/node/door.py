"""The station's own door: its calls go straight to the view, before any middleware of the portal.

The node has no session, no language, no form and no body in its address; what serves people would cost each of its
calls more than the answer itself.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from payments.node.views import node

NODE_PATH = "/pagopa/node"


class StationDoorMiddleware:
    """The first of the middlewares: lets everybody else through."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == NODE_PATH:
            return node(request)
        return self.get_response(request)
