"""The notice a visitor has opened with its number and a tax code: kept signed in the session, for half an hour.

Nothing of it is in any address: what a visitor opened is not in their history, in a log or in a link they send on.
"""

from datetime import datetime, timedelta
from typing import Final

from django.core import signing
from django.http import HttpRequest

from portal import clock

KEY: Final = "payments_visitor"
SALT: Final = "payments.visitor"
OPEN_FOR: Final = timedelta(minutes=30)


def keep_open(request: HttpRequest, *, instalment_id: int) -> None:
    """From now on, for half an hour, this browser sees the notice."""
    until = clock.now() + OPEN_FOR
    request.session[KEY] = signing.dumps({"instalment": instalment_id, "until": until.isoformat()}, salt=SALT)


def opened(request: HttpRequest) -> int | None:
    """The instalment this browser may see; None when it opened nothing, or too long ago."""
    try:
        token = signing.loads(request.session.get(KEY, ""), salt=SALT)
    except signing.BadSignature:
        return None
    if clock.now() >= datetime.fromisoformat(token["until"]):
        return None
    return int(token["instalment"])


def close(request: HttpRequest) -> None:
    """Forget the notice: who comes after on this computer finds nothing."""
    request.session.pop(KEY, None)
