"""HTTP with the provider: https, short times, small answers, no redirects."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import requests

from portal.kernel.errors import GatewayError
from spid_auth.oidc import conf

TIMEOUT_SECONDS = (3, 10)
# From the first byte to the last: a provider that sends a byte now and then does not hold us.
LONGEST_SECONDS = 15
LARGEST = 256 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """What the provider answered, as it came."""

    status: int
    body: bytes


def get(url: str, *, bearer: str = "") -> Reply:
    """GET, with an access token when there is one. Raises GatewayError."""
    return _ask("GET", url, headers={"Authorization": f"Bearer {bearer}"} if bearer else {})


def post(url: str, fields: Mapping[str, str], *, auth: tuple[str, str] | None = None) -> Reply:
    """POST of a form, with HTTP Basic when `auth` is given. Raises GatewayError."""
    return _ask("POST", url, fields=fields, auth=auth)


def _ask(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
) -> Reply:
    if not conf.may_be_called(url):
        raise GatewayError("the address is not https", permanent=True)
    try:
        with requests.request(
            method,
            url,
            data=fields,
            headers={"Accept": "application/json"} | dict(headers or {}),
            auth=auth,
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
            stream=True,
        ) as answer:
            if answer.is_redirect:
                raise GatewayError("the provider redirects", permanent=True)
            return Reply(answer.status_code, _read(answer))
    except (requests.RequestException, UnicodeError) as error:
        raise GatewayError(f"provider unreachable: {type(error).__name__}", permanent=False) from error


def _read(answer: requests.Response) -> bytes:
    body, deadline = b"", time.monotonic() + LONGEST_SECONDS
    for piece in answer.iter_content(16 * 1024):
        body += piece
        if len(body) > LARGEST or time.monotonic() > deadline:
            raise GatewayError("the answer is too large or too slow", permanent=False)
    return body
