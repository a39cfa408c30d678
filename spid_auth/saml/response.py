"""A Response, from the posted text to what it says about a person, or to the reason it is refused."""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from spid_auth.saml import backend
from spid_auth.saml.names import STATUS_SUCCESS
from spid_auth.saml.parties import IdentityProviderInfo
from spid_auth.saml.rules import Expected, Message, broken
from spid_auth.saml.xml import attribute, find, instant, one, text

MAX_POSTED = 256 * 1024
_ANOMALY = re.compile(r"ErrorCode nr(\d\d)")


class Refused(Exception):
    """The Response opens no session. `code` names the page to show, `reasons` what the office may read."""

    def __init__(self, code: str, reasons: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Assertion:
    """What an accepted Response states. The fields of the register of transactions, and the attributes."""

    response_id: str
    response_issued_at: datetime
    assertion_id: str
    issuer: str
    subject: str
    subject_qualifier: str
    level: int
    attributes: dict[str, str]
    # Providers that keep a session of their own name it: needed to ask them to end it.
    session_index: str = ""


def decode(posted: str) -> bytes:
    """The XML inside a posted SAMLResponse. Raises Refused when it is too large or not base64."""
    if len(posted) > MAX_POSTED:
        raise Refused("too-large")
    try:
        return base64.b64decode("".join(posted.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Refused("not-base64") from None


def judge(xml: bytes, *, expected: Expected, idp: IdentityProviderInfo) -> Assertion:
    """The assertion of a good Response.

    Raises Refused: `not-xml`, an anomaly of the provider (`nr19`...), or `response` with the rules broken.
    """
    try:
        document = backend.parse(xml)
    except backend.NotXml:
        raise Refused("not-xml") from None
    _raise_anomaly(document, expected)
    message = Message(document)
    reasons = broken(message, expected)
    refusal = backend.toolkit_refusal(
        document,
        idp=idp,
        sp_entity_id=expected.sp_entity_id,
        acs_url=expected.acs_url,
        request_id=expected.request_id,
        now=expected.now,
    )
    if reasons or refusal:
        raise Refused("response", (*reasons, *([refusal] if refusal else [])))
    return _read(message)


def _raise_anomaly(document: etree._Element, expected: Expected) -> None:
    """Providers send their anomalies unsigned: believed only as far as showing our own page about our own request."""
    status = attribute(one(document, "/samlp:Response/samlp:Status/samlp:StatusCode"), "Value")
    if status in ("", STATUS_SUCCESS):
        return
    issuer = one(document, "/samlp:Response/saml:Issuer")
    bound = (
        document.get("InResponseTo") == expected.request_id
        and document.get("Destination", expected.acs_url) == expected.acs_url
        and (issuer is None or text(issuer) == expected.idp_entity_id)
    )
    if not bound:
        raise Refused("response", ("response-status", "unbound-anomaly"))
    said = _ANOMALY.search(text(one(document, "/samlp:Response/samlp:Status/samlp:StatusMessage")))
    raise Refused(f"nr{said[1]}" if said else "anomaly", ("response-status",))


def _read(message: Message) -> Assertion:
    issued_at, level = instant(attribute(message.response, "IssueInstant")), message.level
    if issued_at is None or level is None:  # the rules have seen both
        raise Refused("response", ("response-issue-instant", "level"))
    attributes: dict[str, str] = {}
    for node in message.attributes:
        values = [text(value) for value in find(node, "saml:AttributeValue")]
        attributes.setdefault(attribute(node, "Name"), next((value for value in values if value), ""))
    return Assertion(
        response_id=attribute(message.response, "ID"),
        response_issued_at=issued_at,
        assertion_id=attribute(message.assertion, "ID"),
        issuer=text(one(message.assertion, "saml:Issuer")),
        subject=text(message.name_id),
        subject_qualifier=attribute(message.name_id, "NameQualifier"),
        level=level,
        attributes=attributes,
        session_index=attribute(message.statement, "SessionIndex"),
    )
