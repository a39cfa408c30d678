"""What a browser does with the pages of the login, and no more."""

import base64
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from portal import clock
from spid_auth.models import AuthnTransaction, IdentityProvider
from spid_auth.saml import backend
from tests.spid_auth.factory import Exchange

NEXT = "/servizi/trasporto/accedi/?passo=1"


class _Fields(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "input" and found.get("type") == "hidden":
            self.values[found["name"] or ""] = found["value"] or ""


def hidden_fields(page: Any) -> dict[str, str]:
    """The hidden fields of the forms of a page."""
    return _Fields(page.content.decode()).values


def leave(browser: Client, idp: IdentityProvider, **query: str) -> tuple[Exchange, str]:
    """Press the button of a provider. The exchange that is open now, and its RelayState."""
    page = browser.get("/spid/accedi/", {"idp": str(idp.pk), "next": NEXT} | query)
    assert page.status_code == 200
    fields = hidden_fields(page)
    root = backend.parse(base64.b64decode(fields["SAMLRequest"]))
    started = AuthnTransaction.objects.get(request_id=root.get("ID"))
    now = clock.now().replace(microsecond=0)
    exchange = Exchange(now=now, sent=started.issued_at, request_id=started.request_id, level=started.level)
    return exchange, fields["RelayState"]


def post_answer(xml: bytes, relay_state: str, *, prefix: str = "/spid") -> Any:
    """The provider's page posts from another site: the browser sends no cookie of ours."""
    fields = {"SAMLResponse": base64.b64encode(xml).decode(), "RelayState": relay_state}
    return Client().post(f"{prefix}/acs", fields, headers={"origin": "http://localhost:8001"})


def come_back(browser: Client, xml: bytes, relay_state: str, *, prefix: str = "/spid") -> Any:
    """The answer arrives, the browser follows to the second step with its own session."""
    arrived = post_answer(xml, relay_state, prefix=prefix)
    return browser.get(arrived["Location"]) if arrived.status_code == 303 else arrived


def is_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session
