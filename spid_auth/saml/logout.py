"""Logout asked by an identity provider (single logout, front channel): the request judged, the answer built.

We never send a LogoutRequest: from level 2 the identity provider keeps no session of its own, so leaving is local.
"""

from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from spid_auth.saml import backend
from spid_auth.saml.names import (
    FORMAT_ENTITY,
    SAML,
    SAMLP,
    STATUS_PARTIAL_LOGOUT,
    STATUS_RESPONDER,
    STATUS_SUCCESS,
)
from spid_auth.saml.parties import KeyPair
from spid_auth.saml.request import new_identifier
from spid_auth.saml.response import Refused
from spid_auth.saml.rules import MAX_AGE, SKEW
from spid_auth.saml.xml import attribute, child, instant, one, text, written


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """Whose session must end, and which request to answer."""

    request_id: str
    issuer: str
    subject: str


def issuer_of(root: etree._Element) -> str:
    """Who says they sent a message. Not to be believed before the signature is verified with their key."""
    return text(one(root, "saml:Issuer"))


def read(root: etree._Element, *, issuer: str, slo_url: str, now: datetime) -> LogoutRequest:
    """The request inside a message whose signature is good. Raises Refused("logout") with the reasons."""
    issued_at = instant(attribute(root, "IssueInstant"))
    expiry = instant(attribute(root, "NotOnOrAfter"))
    subject = text(one(root, "saml:NameID"))
    faults = {
        "root": root.tag != f"{{{SAMLP}}}LogoutRequest",
        "id": not root.get("ID"),
        "version": root.get("Version") != "2.0",
        "issue-instant": issued_at is None or not now - MAX_AGE - SKEW <= issued_at <= now + SKEW,
        "expiry": root.get("NotOnOrAfter") is not None and (expiry is None or expiry <= now - SKEW),
        "destination": root.get("Destination") != slo_url,
        "issuer": issuer_of(root) != issuer,
        "subject": not subject,
    }
    reasons = tuple(name for name, wrong in faults.items() if wrong)
    if reasons:
        raise Refused("logout", reasons)
    return LogoutRequest(attribute(root, "ID"), issuer, subject)


def build_response(
    request: LogoutRequest, *, sp_entity_id: str, destination: str, complete: bool, keys: KeyPair, now: datetime
) -> bytes:
    """A signed LogoutResponse: Success, or a partial logout when the browser held somebody else's session."""
    root = etree.Element(
        f"{{{SAMLP}}}LogoutResponse",
        {
            "ID": new_identifier(),
            "Version": "2.0",
            "IssueInstant": written(now),
            "Destination": destination,
            "InResponseTo": request.request_id,
        },
        nsmap={"samlp": SAMLP, "saml": SAML},
    )
    child(root, SAML, "Issuer", sp_entity_id, Format=FORMAT_ENTITY, NameQualifier=sp_entity_id)
    code = STATUS_SUCCESS if complete else STATUS_RESPONDER
    status = child(child(root, SAMLP, "Status"), SAMLP, "StatusCode", Value=code)
    if not complete:
        child(status, SAMLP, "StatusCode", Value=STATUS_PARTIAL_LOGOUT)
    return backend.sign(root, keys)
