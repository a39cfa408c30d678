"""Client of PagoPA's archive of debt positions: GPD (one by one and by file), its receipts, and ACA."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from payments.gateways.http import TIMEOUT, HttpClient, Unreadable
from payments.providers import conf

KEY_HEADER = "Ocp-Apim-Subscription-Key"
PAGE_SIZE = 100
MAX_PAGES = 1000
_OK = frozenset({HTTPStatus.OK.value})
_CREATED = frozenset({HTTPStatus.CREATED.value, HTTPStatus.OK.value})
_ACCEPTED = frozenset({HTTPStatus.ACCEPTED.value})
_FILE = re.compile(r"/file/([A-Za-z0-9_.-]{1,100})/status$")
_DIGITS = re.compile(r"\d{1,35}")
Body = dict[str, Any]


class Operation(StrEnum):
    """What a file asks for, and the method that says so."""

    CREATE = "POST"
    UPDATE = "PUT"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class UploadStatus:
    """How far the service is with a file."""

    submitted: int
    processed: int

    @property
    def finished(self) -> bool:
        """Whether every position of the file was worked."""
        return self.processed >= self.submitted


@dataclass(frozen=True, slots=True)
class UploadResult:
    """One group of the report: positions that ended the same way."""

    status: int
    message: str
    iupds: tuple[str, ...]


class _Keyed(HttpClient):
    def __init__(self, service: str, path: str, key: str, *, timeout: tuple[float, float] = TIMEOUT) -> None:
        base = conf.platform_url()
        super().__init__(service, f"{base}/{path}" if base else "", timeout=timeout)
        self.session.headers.update({"Accept": "application/json", KEY_HEADER: key})


class GpdClient(_Keyed):
    """Positions one by one. `version` is v1 or v3."""

    def __init__(self, *, broker: str, version: str = "", timeout: tuple[float, float] = TIMEOUT) -> None:
        self.version = version or conf.gpd_version()
        super().__init__("GPD", f"{conf.GPD_PATH}/{self.version}", conf.platform_key("GPD", broker), timeout=timeout)

    def create(self, entity: str, body: Body) -> None:
        """Create and publish. Raises Refused: 409 when number or identifier are already there."""
        query = {"toPublish": "true"}
        answer = self.call("POST", _positions(entity), expected=_CREATED, json=body, params=query)
        _same(answer.json_object(), body["iupd"])

    def replace(self, entity: str, body: Body, *, publish: bool = True) -> None:
        """Write over; unpublished it is a draft. Raises Refused: 404 when it is not there, 409 when it is paid."""
        query = {"toPublish": str(publish).lower()}
        answer = self.call("PUT", _position(entity, body["iupd"]), expected=_OK, json=body, params=query)
        _same(answer.json_object(), body["iupd"])

    def publish(self, entity: str, iupd: str) -> None:
        """Publish a draft. Raises Refused."""
        self.call("POST", f"{_position(entity, iupd)}/publish", expected=_OK)

    def invalidate(self, entity: str, iupd: str) -> None:
        """Take a position back (v1 only). Raises Refused."""
        self.call("POST", f"{_position(entity, iupd)}/invalidate", expected=_OK)

    def delete(self, entity: str, iupd: str) -> None:
        """Take a position away. Raises Refused."""
        self.call("DELETE", _position(entity, iupd), expected=_OK)

    def status(self, entity: str, iupd: str) -> str:
        """The state the service gives the position. Raises Refused (404 when it is not there), Unreadable."""
        value = self.call("GET", _position(entity, iupd), expected=_OK).json_object().get("status")
        if not isinstance(value, str):
            raise Unreadable("GPD", "a position without a state")
        return value


class UploadClient(_Keyed):
    """Positions by file: a ZIP with one JSON, taken now and worked later."""

    def __init__(self, *, broker: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        super().__init__("GPD upload", conf.UPLOAD_PATH, conf.platform_key("GPD", broker), timeout=timeout)
        self._broker = broker

    def send(self, entity: str, content: bytes, operation: Operation = Operation.CREATE) -> str:
        """Hand over a file; returns its identifier. Raises Refused, Unreadable."""
        files = {"file": ("posizioni.zip", content, "application/zip")}
        answer = self.call(operation.value, self._path(entity), expected=_ACCEPTED, files=files)
        found = _FILE.search(answer.headers.get("Location", ""))
        if found is None:
            raise Unreadable("GPD upload", "no address of the file")
        return found[1]

    def status(self, entity: str, file_id: str) -> UploadStatus:
        """How far the service is. Raises Refused, Unreadable."""
        value = self.call("GET", f"{self._path(entity)}/{quote(file_id)}/status", expected=_OK).json_object()
        submitted, processed = value.get("submittedItem"), value.get("processedItem")
        if not isinstance(submitted, int) or not isinstance(processed, int):
            raise Unreadable("GPD upload", "a state without numbers")
        return UploadStatus(submitted, processed)

    def report(self, entity: str, file_id: str) -> list[UploadResult]:
        """How it went, position by position. Raises Refused (425 while it is not ready), Unreadable."""
        value = self.call("GET", f"{self._path(entity)}/{quote(file_id)}/report", expected=_OK).json_object()
        rows = value.get("responses")
        if not isinstance(rows, list):
            raise Unreadable("GPD upload", "a report without results")
        return [_result(row) for row in rows]

    def _path(self, entity: str) -> str:
        return f"brokers/{quote(self._broker)}/organizations/{quote(entity)}/debtpositions/file"


class ReceiptsClient(_Keyed):
    """Receipts of the payments that PagoPA's own station took for us."""

    def __init__(self, *, broker: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        super().__init__("GPD receipts", conf.RECEIPTS_PATH, conf.platform_key("GPD", broker), timeout=timeout)

    def paid_since(self, entity: str, *, since: date, segregation_code: int) -> Iterator[str]:
        """The IUVs paid from a day on, page by page. Raises Refused, Unreadable."""
        query: dict[str, str | int] = {
            "from": since.isoformat(),
            "segregationCodes": f"{segregation_code:02d}",
            "pageSize": PAGE_SIZE,
        }
        page, pages = 0, 1
        while page < pages:
            answer = self.call(
                "GET", f"payments/{quote(entity)}/receipts", expected=_OK | {404}, params=query | {"pageNum": page}
            )
            if answer.status == HTTPStatus.NOT_FOUND:
                return
            value = answer.json_object()
            total, rows = value.get("totalPages"), value.get("results")
            if not isinstance(total, int) or total > MAX_PAGES or not isinstance(rows, list):
                raise Unreadable("GPD receipts", "not a page of receipts")
            pages = total
            yield from (_iuv(row) for row in rows)
            page += 1

    def document(self, entity: str, iuv: str, *, segregation_code: int) -> bytes:
        """A receipt as the node sent it (XML). Raises Refused."""
        answer = self.call(
            "GET",
            f"payments/{quote(entity)}/receipts/{quote(iuv)}",
            expected=_OK,
            params={"segregationCodes": f"{segregation_code:02d}"},
            headers={"Accept": "application/xml"},
        )
        return answer.content


class AcaClient(_Keyed):
    """The central archive of notices."""

    def __init__(self, *, broker: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        super().__init__("ACA", conf.ACA_PATH, conf.platform_key("ACA", broker), timeout=timeout)

    def send(self, body: Body) -> None:
        """Create, update or (amount zero) cancel a notice. Raises Refused."""
        self.call("POST", "paCreatePosition", expected=_OK, json=body)


def _positions(entity: str) -> str:
    return f"organizations/{quote(entity)}/debtpositions"


def _position(entity: str, iupd: str) -> str:
    return f"{_positions(entity)}/{quote(iupd, safe='')}"


def _same(answer: Body, iupd: str) -> None:
    if answer.get("iupd") != iupd:
        raise Unreadable("GPD", "the answer is about another position")


def _iuv(row: Any) -> str:
    value = row.get("iuv") if isinstance(row, dict) else None
    if not isinstance(value, str) or not _DIGITS.fullmatch(value):
        raise Unreadable("GPD receipts", "a receipt without IUV")
    return value


def _result(row: Any) -> UploadResult:
    if (
        not isinstance(row, dict)
        or not isinstance(row.get("statusCode"), int)
        or not isinstance(row.get("iupds"), list)
    ):
        raise Unreadable("GPD upload", "a result without state")
    return UploadResult(row["statusCode"], str(row.get("statusMessage", ""))[:300], tuple(map(str, row["iupds"])))
