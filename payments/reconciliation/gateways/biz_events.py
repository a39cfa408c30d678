"""Client of pagoPA's biz-events service: the copy of a receipt that did not reach us."""

from http import HTTPStatus
from urllib.parse import quote

from payments.gateways.http import HttpClient
from payments.providers.conf import platform_key, platform_url

# As the published description names it (servers: .../bizevents/service/v1).
PATH = "bizevents/service/v1"
KEY_HEADER = "Ocp-Apim-Subscription-Key"
_FOUND = frozenset({HTTPStatus.OK.value})


class BizEventsClient(HttpClient):
    """One session with the service, with the key of the intermediary of the body."""

    def __init__(self, *, broker: str) -> None:
        base = platform_url()
        super().__init__("biz-events", f"{base}/{PATH}" if base else "")
        self.session.headers.update({"Accept": "application/json", KEY_HEADER: platform_key("BIZEVENTS", broker)})

    def receipt(self, organization: str, *, iur: str, iuv: str) -> bytes:
        """The receipt of a payment, as it came. Raises Refused (404 when the service has none), GatewayError."""
        number, code = quote(iur, safe=""), quote(iuv, safe="")
        path = f"organizations/{quote(organization, safe='')}/receipts/{number}/paymentoptions/{code}"
        return self.call("GET", path, expected=_FOUND).content
