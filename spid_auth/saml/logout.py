"""Single logout, front channel, both ways: a provider asks us, or we ask the provider after our own logout.

We ask only after a login of level 1: from level 2 a SPID identity provider keeps no session of its own.
"""

from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from spid_auth.saml import backend
from spid_auth.saml.names import (
    FORMAT_ENTITY,
    FORMAT_TRANSIENT,
    SAML,
    SAMLP,
    STATUS_PARTIAL_LOGOUT,
    STATUS_RESPONDER,
    STATUS_SUCCESS,
)
from spid_auth.saml.parties import KeyPair
from spid_auth.saml.request import SignedRequest, new_identifier, packed
from spid_auth.saml.response import Refused
from spid_auth.saml.rules import MAX_AGE, SKEW
from spid_auth.saml.xml import attribute, child, instant, one, text, written


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """Whose session must end, and which request to answer."""

    request_id: str
    issuer: str
    subject: str


@dataclass(frozen=True, slots=True)
class ProviderSession:
    """What a provider called the person and the session in its answer."""

    subject: str
    subject_qualifier: str
    index: str


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


def build_request(
    session: ProviderSession,
    *,
    sp_entity_id: str,
    idp_entity_id: str,
    to: tuple[str, str],
    keys: KeyPair,
    relay_state: str,
    now: datetime,
) -> SignedRequest:
    """A signed LogoutRequest for the session a login opened at the provider. `to` is (binding, address)."""
    binding, destination = to
    at = now.replace(microsecond=0)
    root = etree.Element(
        f"{{{SAMLP}}}LogoutRequest",
        {"ID": new_identifier(), "Version": "2.0", "IssueInstant": written(at), "Destination": destination},
        nsmap={"samlp": SAMLP, "saml": SAML},
    )
    child(root, SAML, "Issuer", sp_entity_id, Format=FORMAT_ENTITY, NameQualifier=sp_entity_id)
    qualifier = session.subject_qualifier or idp_entity_id
    child(root, SAML, "NameID", session.subject, Format=FORMAT_TRANSIENT, NameQualifier=qualifier)
    child(root, SAMLP, "SessionIndex", session.index)
    return packed(root, binding=binding, destination=destination, keys=keys, relay_state=relay_state, at=at)


def read_response(root: etree._Element, *, issuer: str, slo_url: str, now: datetime) -> tuple[str, bool]:
    """(the request answered, whether all is closed) of a LogoutResponse whose signature is good. Raises Refused."""
    issued_at = instant(attribute(root, "IssueInstant"))
    faults = {
        "root": root.tag != f"{{{SAMLP}}}LogoutResponse",
        "version": root.get("Version") != "2.0",
        "issue-instant": issued_at is None or not now - MAX_AGE - SKEW <= issued_at <= now + SKEW,
        "destination": root.get("Destination") != slo_url,
        "issuer": issuer_of(root) != issuer,
        "in-response-to": not root.get("InResponseTo"),
    }
    reasons = tuple(name for name, wrong in faults.items() if wrong)
    if reasons:
        raise Refused("logout", reasons)
    status = attribute(one(root, "samlp:Status/samlp:StatusCode"), "Value")
    return attribute(root, "InResponseTo"), status == STATUS_SUCCESS


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
