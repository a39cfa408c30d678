"""Client of PagoPA's back office: the accounts that bodies have registered through a broker."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from payments.gateways.gpd import KEY_HEADER
from payments.gateways.http import TIMEOUT, HttpClient, Unreadable
from payments.providers import conf
from portal import clock

PAGE_SIZE = 100
MAX_PAGES = 1000
SERVICE = "PagoPA back office"


@dataclass(frozen=True, slots=True)
class RegisteredIban:
    """An account as the back office knows it."""

    entity: str
    iban: str
    enabled: bool
    valid_from: datetime


class BackOfficeClient(HttpClient):
    """One session with the back office, as a broker."""

    def __init__(self, *, broker: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        base = conf.platform_url()
        super().__init__(SERVICE, f"{base}/{conf.BACKOFFICE_PATH}" if base else "", timeout=timeout)
        self.session.headers.update({"Accept": "application/json", KEY_HEADER: conf.platform_key("BACKOFFICE", broker)})
        self._broker = broker

    def ibans(self) -> Iterator[RegisteredIban]:
        """Every account of every body of the broker, page by page. Raises Refused, Unreadable."""
        page, pages = 0, 1
        while page < pages:
            value = self.call(
                "GET",
                f"brokers/{quote(self._broker)}/ibans",
                expected=frozenset({HTTPStatus.OK.value}),
                params={"page": page, "limit": PAGE_SIZE},
            ).json_object()
            pages, rows = _pages(value), value.get("ibans")
            if pages > MAX_PAGES or not isinstance(rows, list):
                raise Unreadable(SERVICE, "not a page of accounts")
            yield from (_account(row) for row in rows)
            page += 1


def _pages(value: dict[str, Any]) -> int:
    info = value.get("pageInfo")
    pages = info.get("totalPages") if isinstance(info, dict) else None
    if not isinstance(pages, int):
        raise Unreadable(SERVICE, "no number of pages")
    return pages


def _account(row: Any) -> RegisteredIban:
    try:
        valid_from = datetime.fromisoformat(row["validityDate"])
        entity, iban, status = row["ciFiscalCode"], row["iban"], row["status"]
    except (TypeError, KeyError, ValueError) as error:
        raise Unreadable(SERVICE, "an account that cannot be read") from error
    if valid_from.tzinfo is None:
        valid_from = valid_from.replace(tzinfo=clock.ROME)
    return RegisteredIban(str(entity), str(iban).replace(" ", "").upper(), status == "ENABLED", valid_from)
