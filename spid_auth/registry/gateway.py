"""Taking the registry: a file, or https with short times, a limit of size, and no redirect to another host."""

import time
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import requests
from django.conf import settings

from portal.kernel.errors import GatewayError
from spid_auth.registry.formats import LARGEST

TIMEOUT_SECONDS = (5, 20)
# From the first byte to the last: who sends a byte now and then does not hold us.
LONGEST_SECONDS = 120
MOST_REDIRECTS = 3


def may_be_called(url: str) -> bool:
    """Whether an address is good enough: https to a host; plain http too where nothing is real."""
    try:
        parts = urlsplit(url)
        good_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    schemes = {"https"} if settings.ENVIRONMENT == "production" else {"https", "http"}
    plain = url.isprintable() and " " not in url and "@" not in parts.netloc
    return parts.scheme in schemes and bool(parts.hostname) and plain and good_port


def fetch(source: str) -> bytes:
    """The document at `source`: `file:/path`, or an address. Raises GatewayError; never half a document."""
    if source.startswith("file:"):
        return _from_file(Path(unquote(urlsplit(source).path)))
    host = _host(source)
    for _attempt in range(MOST_REDIRECTS + 1):
        if not may_be_called(source):
            raise GatewayError("l'indirizzo non è https", permanent=True)
        if _host(source) != host:
            raise GatewayError("il registro rimanda a un altro sito", permanent=True)
        body, source = _asked(source)
        if body is not None:
            return body
    raise GatewayError("il registro rimanda troppe volte", permanent=True)


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def _from_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise GatewayError(f"il file non si legge ({type(error).__name__})", permanent=True) from error
    if len(content) > LARGEST:
        raise GatewayError("il registro è troppo grande", permanent=True)
    return content


def _asked(url: str) -> tuple[bytes | None, str]:
    """(body, address), or (None, where it redirects)."""
    try:
        with requests.get(url, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True) as answer:
            if answer.is_redirect:
                return None, urljoin(url, answer.headers["location"])
            if answer.status_code != requests.codes.ok:
                raise GatewayError(f"il registro risponde {answer.status_code}", permanent=False)
            return _read(answer), url
    except (requests.RequestException, UnicodeError, ValueError) as error:
        raise GatewayError(f"il registro non risponde ({type(error).__name__})", permanent=False) from error


def _read(answer: requests.Response) -> bytes:
    pieces, size, deadline = [], 0, time.monotonic() + LONGEST_SECONDS
    for piece in answer.iter_content(64 * 1024):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST or time.monotonic() > deadline:
            raise GatewayError("il registro è troppo grande o troppo lento", permanent=False)
    return b"".join(pieces)
