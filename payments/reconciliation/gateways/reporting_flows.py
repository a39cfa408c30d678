"""Client of the node's reporting-flow API for bodies (`/organizations/{ec}/fdrs`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import quote

import requests

from payments.reconciliation import conf
from payments.reconciliation.formats.findings import FormatError
from payments.reconciliation.formats.reporting_flow_json import FlowRef, UnreadRef, bundle, read_list, read_payments
from portal.kernel.errors import GatewayError

PAGE_SIZE = 1000
MAX_PAGES = 1000
TIMEOUT = (5, 30)
KEY_HEADER = "Ocp-Apim-Subscription-Key"
_WORTH_RETRYING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class FetchedFlow:
    """A flow as it came: the bytes to keep and the name it is known by."""

    name: str
    content: bytes


class ReportingFlowsClient:
    """One session with the API. Every failure is a GatewayError, never a half answer."""

    def __init__(self, base_url: str = "", key: str = "") -> None:
        self._base = (base_url or conf.flows_url()).rstrip("/")
        if not self._base:
            raise GatewayError("the reporting-flow API has no address", permanent=True)
        self._session = requests.Session()
        self._session.headers.update({"Accept": "application/json", KEY_HEADER: key or conf.flows_key()})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def published_since(self, *, organization: str, since: datetime | None) -> Iterator[FlowRef | UnreadRef]:
        """Every flow published after an instant, page by page; of an entry out of shape, why. Raises GatewayError."""
        query: dict[str, str | int] = {"size": PAGE_SIZE}
        if since is not None:
            query |= {"publishedGt": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        path = f"/organizations/{quote(organization, safe='')}/fdrs"
        page = pages = 1
        while page <= pages:
            try:
                answer = read_list(self._get(path, query | {"page": page}))
            except FormatError as error:
                raise GatewayError(f"list of flows: {error}", permanent=False) from error
            if answer.page != page or answer.pages > MAX_PAGES:
                raise GatewayError(f"list of flows: asked page {page}, got {answer.page}", permanent=False)
            pages, page = answer.pages, page + 1
            yield from answer.refs

    def fetch(self, *, organization: str, ref: FlowRef) -> FetchedFlow:
        """All the texts of a flow. Raises GatewayError when a part is missing: it will be asked again."""
        path = (
            f"/organizations/{quote(organization, safe='')}/fdrs/{quote(ref.iuf, safe='')}"
            f"/revisions/{ref.revision}/psps/{quote(ref.psp_id, safe='')}"
        )
        header = self._get(path, {})
        texts: list[str] = []
        page = pages = 1
        while page <= pages:
            text = self._get(f"{path}/payments", {"page": page, "size": PAGE_SIZE})
            texts.append(text)
            try:
                answer = read_payments(text)
            except FormatError:
                break  # an unreadable page is evidence too: it is kept, and judged by the reader
            if answer.page != page or answer.pages > MAX_PAGES:
                raise GatewayError(f"flow {ref.iuf}: asked page {page}, got {answer.page}", permanent=False)
            pages, page = answer.pages, page + 1
        return FetchedFlow(f"{ref.iuf}-r{ref.revision}.json", bundle(header, texts))

    def _get(self, path: str, query: dict[str, str | int]) -> str:
        try:
            with self._session.get(
                self._base + path, params=query, timeout=TIMEOUT, allow_redirects=False, stream=True
            ) as answer:
                if answer.status_code != HTTPStatus.OK:
                    raise _refused(answer.status_code, path)
                return _text(answer)
        except requests.RequestException as error:
            raise GatewayError(f"reporting flows: {type(error).__name__} at {path}", permanent=False) from error


def _refused(status: int, path: str) -> GatewayError:
    permanent = status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _WORTH_RETRYING
    return GatewayError(f"reporting flows: HTTP {status} at {path}", permanent=permanent)


def _text(answer: requests.Response) -> str:
    content = bytearray()
    for chunk in answer.iter_content(_CHUNK):
        content += chunk
        if len(content) > conf.MAX_RESPONSE_BYTES:
            raise GatewayError("reporting flows: the answer is too large", permanent=True)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise GatewayError("reporting flows: the answer is not UTF-8", permanent=False) from error
