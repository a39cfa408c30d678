"""One way of calling the outside: times, sizes, and errors that say whether trying again can help.

The answers of others may carry personal data: an error keeps their reason apart, for the body's own register.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import requests

from portal.kernel.errors import GatewayError

TIMEOUT: tuple[float, float] = (3.05, 20)
MAX_BYTES = 16 * 1024 * 1024
REASON_LENGTH = 300
_CHUNK = 64 * 1024
# A wrong key is for who runs the system to correct: what was waiting leaves as soon as it is.
_WORTH_RETRYING = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)


class Refused(GatewayError):
    """An answer that is not the one we asked for. `reason` is the other side's, for the office only."""

    def __init__(self, service: str, status: int, reason: str = "") -> None:
        permanent = status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _WORTH_RETRYING
        super().__init__(f"{service}: HTTP {status}", permanent=permanent)
        self.status = status
        self.reason = reason


class Unreadable(GatewayError):
    """An answer with the right status and a content that nobody described; asking again may help."""

    def __init__(self, service: str, what: str) -> None:
        super().__init__(f"{service}: {what}", permanent=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, with a status we expected."""

    service: str
    status: int
    content: bytes
    headers: Mapping[str, str]

    def json(self) -> Any:
        """The content as JSON. Raises Unreadable."""
        try:
            return json.loads(self.content)
        except ValueError as error:
            raise Unreadable(self.service, "the answer is not JSON") from error

    def json_object(self) -> dict[str, Any]:
        """The content as a JSON object. Raises Unreadable."""
        value = self.json()
        if not isinstance(value, dict):
            raise Unreadable(self.service, "the answer is not a JSON object")
        return value


class HttpClient:
    """One session with a service. Every failure is a GatewayError, never a half answer."""

    def __init__(self, service: str, base: str, *, timeout: tuple[float, float] = TIMEOUT) -> None:
        if not base:
            raise GatewayError(f"{service} has no address", permanent=True)
        self._service, self._base, self._timeout = service, base.rstrip("/"), timeout
        self.session = requests.Session()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.close()

    def call(self, method: str, path: str, *, expected: frozenset[int], **content: Any) -> Answer:
        """Send and read. Raises Refused for another status, GatewayError when nobody answers."""
        try:
            with self.session.request(
                method, f"{self._base}/{path}", timeout=self._timeout, allow_redirects=False, stream=True, **content
            ) as answer:
                body = self._body(answer)
                if answer.status_code not in expected:
                    raise Refused(self._service, answer.status_code, _reason(body))
                return Answer(self._service, answer.status_code, body, answer.headers)
        except requests.RequestException as error:
            raise GatewayError(f"{self._service}: {type(error).__name__}", permanent=False) from error

    def _body(self, answer: requests.Response) -> bytes:
        content = bytearray()
        for chunk in answer.iter_content(_CHUNK):
            content += chunk
            if len(content) > MAX_BYTES:
                raise GatewayError(f"{self._service}: the answer is too large", permanent=True)
        return bytes(content)


def _reason(body: bytes) -> str:
    """Title and detail of a problem+json, empty when the answer is something else."""
    try:
        problem = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(problem, dict):
        return ""
    words = (problem.get("title"), problem.get("detail"))
    return " · ".join(word for word in words if isinstance(word, str))[:REASON_LENGTH]
