"""One request of our own before each run: that it says what the run is named after, or the run proves nothing."""

import base64
import http.client
import re
import urllib.error
import urllib.request
import zlib
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lxml import etree

from scripts.conformance.runs import Login

NAMES = {"saml": "urn:oasis:names:tc:SAML:2.0:assertion", "samlp": "urn:oasis:names:tc:SAML:2.0:protocol"}
LEVEL = "https://www.spid.gov.it/SpidL"
RAW_DEFLATE = -15


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer to look at, not to follow."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay)


def document(address: str) -> bytes | None:
    """What stands at an address, None when it does not answer 200."""
    try:
        with _opener.open(address, timeout=30) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError:
        return None


def faults(address: str, login: Login) -> list[str]:
    """What a login started at `address` does not say as it should: binding, level, who asks again."""
    binding, xml = _asked(address)
    if xml is None:
        return [f"no AuthnRequest at {address}"]
    request = etree.fromstring(xml)
    wrong = [] if binding == login.binding else [f"binding {binding} instead of {login.binding}"]
    level = request.findtext(".//saml:AuthnContextClassRef", namespaces=NAMES)
    if level != f"{LEVEL}{login.level}":
        wrong.append(f"level {level} instead of {login.level}")
    if login.level > 1 and request.get("ForceAuthn") != "true":
        wrong.append("ForceAuthn is missing above level 1")
    return wrong


def _asked(address: str) -> tuple[str, bytes | None]:
    try:
        with _opener.open(address, timeout=30) as answer:
            posted = re.search(r'name="SAMLRequest"\s+value="([^"]+)"', answer.read().decode())
            return "post", base64.b64decode(unescape(posted[1])) if posted else None
    except urllib.error.HTTPError as answer:
        if answer.code != http.client.FOUND:
            return f"status {answer.code}", None
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
        deflated = base64.b64decode(query["SAMLRequest"][0])
        return "redirect", zlib.decompress(deflated, RAW_DEFLATE)
