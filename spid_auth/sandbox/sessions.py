"""The sessions the test identity provider keeps: of level 1 only, as the SPID technical rules want.

A session is known by the SessionIndex of the answers it gave; the browser carries the same, signed, in a cookie.
"""

from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse

from portal.operations.sandbox.store import Store, Value
from spid_auth.sandbox.people import DemoPerson, person
from spid_auth.sandbox.provider import Face

LIFE = 30 * 60
SALT = "spid_auth.sandbox.session"


def open_session(face: Face, response: HttpResponse, *, index: str, name_id: str, who: DemoPerson) -> None:
    """Remember who is in, by every name an answer has called them, and give the browser the cookie."""

    def add(before: Value | None) -> Value:
        return {"person": who.key, "names": [*(before or {}).get("names", []), name_id]}

    Store().update(_collection(face), index, add)
    signed = signing.dumps(index, salt=SALT)
    response.set_cookie(_cookie(face), signed, max_age=LIFE, path=f"/{face.prefix}/", httponly=True, samesite="Lax")


def who_is_in(face: Face, request: HttpRequest) -> tuple[str, DemoPerson] | None:
    """(SessionIndex, person) of the browser's open session."""
    try:
        index = signing.loads(request.COOKIES.get(_cookie(face), ""), salt=SALT, max_age=LIFE)
    except signing.BadSignature:
        return None
    kept = Store().get(_collection(face), index)
    found = person(kept["person"]) if kept else None
    return (index, found) if found else None


def close_session(face: Face, *, index: str, name_id: str) -> bool:
    """End the session a service provider names. False when there is none, or the person in it is called otherwise."""
    kept: dict[str, Any] | None = Store().get(_collection(face), index) if index else None
    if kept is None or name_id not in kept["names"]:
        return False
    Store().delete(_collection(face), index)
    return True


def _collection(face: Face) -> str:
    return f"{face.prefix}-sessions"


def _cookie(face: Face) -> str:
    return f"{face.prefix}_prova"
