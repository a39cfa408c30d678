"""Client of the checkout: a cart is sent, the citizen is taken to the address that comes back."""

from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

import requests

from payments import conf
from portal.kernel.errors import GatewayError

TIMEOUT_SECONDS = (3, 10)


@dataclass(frozen=True, slots=True)
class CartNotice:
    """One notice of a cart, named as the checkout names its fields; `amount` in cents."""

    noticeNumber: str  # noqa: N815
    fiscalCode: str  # noqa: N815
    amount: int
    companyName: str  # noqa: N815
    description: str


@dataclass(frozen=True, slots=True)
class ReturnUrls:
    """Where the checkout sends the citizen back. None of these proves that somebody paid."""

    returnOkUrl: str  # noqa: N815
    returnCancelUrl: str  # noqa: N815
    returnErrorUrl: str  # noqa: N815
    returnWaitingUrl: str  # noqa: N815


def create_cart(*, notices: list[CartNotice], urls: ReturnUrls, email: str, cart_id: str) -> str:
    """Send a cart and return the address to go to. Raises GatewayError."""
    base = conf.checkout_url()
    if not base:
        raise GatewayError("checkout is not configured", permanent=True)
    body: dict[str, object] = {
        "paymentNotices": [asdict(notice) for notice in notices],
        "returnUrls": asdict(urls),
        "idCart": cart_id,
    }
    if email:
        body["emailNotice"] = email
    key = conf.checkout_key()
    headers = {"Ocp-Apim-Subscription-Key": key} if key else {}
    try:
        answer = requests.post(
            f"{base}/carts", json=body, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
        )
    except requests.RequestException as error:
        raise GatewayError(f"checkout unreachable: {type(error).__name__}", permanent=False) from error
    return _location(answer)


def _location(answer: requests.Response) -> str:
    location = answer.headers.get("Location", "")
    if answer.status_code != requests.codes.found or urlsplit(location).scheme not in {"http", "https"}:
        raise GatewayError(f"checkout answered {answer.status_code}", permanent=answer.status_code < 500)
    return location
