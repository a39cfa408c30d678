"""Client of IRIS, the payment node of Regione Toscana: SOAP over HTTPS, HTTP Basic for each body's system."""

from http import HTTPStatus

from payments.gateways.http import TIMEOUT, HttpClient
from payments.providers import conf

_OK = frozenset({HTTPStatus.OK.value})


class IrisClient(HttpClient):
    """One session with IRIS. The shape of the messages is for payments/providers/iris_xml.py."""

    def __init__(self, *, broker: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        super().__init__("IRIS", conf.iris_url(), timeout=timeout)
        self.session.auth = conf.iris_login(broker)
        self.session.headers["Content-Type"] = "text/xml; charset=utf-8"

    def send(self, service: str, message: bytes) -> bytes:
        """Post a message to a service and give its answer back. Raises Refused, GatewayError."""
        return self.call("POST", service, expected=_OK, data=message).content
