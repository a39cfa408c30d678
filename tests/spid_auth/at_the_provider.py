"""The walk through the pages of the test identity provider, whichever face it shows."""

import base64
from typing import Any

from django.test import Client, override_settings

from spid_auth.domain.schemes import Scheme
from spid_auth.models import IdentityProvider
from spid_auth.sandbox.provider import FACES
from tests.spid_auth.browser_like import come_back, hidden_fields

AT_THE_PROVIDER = override_settings(ROOT_URLCONF="portal.operations.sandbox.root")


def provider(scheme: Scheme = Scheme.SPID) -> IdentityProvider:
    """The row that registers a face."""
    return IdentityProvider.objects.get(scheme=scheme)


def ask(browser: Client, scheme: Scheme = Scheme.SPID, **query: str) -> dict[str, str]:
    """Press the button of the portal: the fields that leave for the provider."""
    return hidden_fields(browser.get("/spid/accedi/", {"idp": str(provider(scheme).pk)} | query))


def choose(
    fields: dict[str, str],
    person: str,
    choice: str = "consent",
    *,
    scheme: Scheme = Scheme.SPID,
    visitor: Client | None = None,
    level: str = "",
) -> dict[str, str]:
    """Through the pages of the provider, to the fields that go back to the portal."""
    visitor, at = visitor or Client(), f"/{FACES[scheme].prefix}"
    with AT_THE_PROVIDER:
        page = visitor.post(f"{at}/sso", fields, follow=True)
        assert page.status_code == 200, page.content.decode()
        if "paese" in page.content.decode():
            page = visitor.post(f"{at}/paese", hidden_fields(page) | {"country": person[-2:].upper()})
            assert page.status_code == 200
        if 'name="choice"' not in page.content.decode():
            page = visitor.post(f"{at}/consenso", hidden_fields(page) | {"person": person, "level": level})
            assert page.status_code == 200
        answered = visitor.post(f"{at}/risposta", hidden_fields(page) | {"choice": choice})
        assert answered.status_code == 200, answered.content.decode()
    return hidden_fields(answered)


def log_in(
    browser: Client,
    person: str,
    choice: str = "consent",
    *,
    scheme: Scheme = Scheme.SPID,
    visitor: Client | None = None,
    level: str = "",
    **query: str,
) -> Any:
    """From the button to the first page after the login, or to the page that says why not."""
    fields = ask(browser, scheme, **query)
    back = choose(fields, person, choice, scheme=scheme, visitor=visitor, level=level)
    return come_back(browser, base64.b64decode(back["SAMLResponse"]), back["RelayState"], prefix=f"/{_door(scheme)}")


def _door(scheme: Scheme) -> str:
    return "cie" if scheme is Scheme.CIE else "spid"
