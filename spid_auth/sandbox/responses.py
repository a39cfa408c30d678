"""Responses made by the test identity provider: a good one, an anomaly, and the pieces to make bad ones."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree

from spid_auth.saml import backend
from spid_auth.saml.names import (
    FORMAT_BASIC,
    FORMAT_ENTITY,
    FORMAT_TRANSIENT,
    LEVELS,
    METHOD_BEARER,
    SAML,
    SAMLP,
    STATUS_AUTHN_FAILED,
    STATUS_RESPONDER,
    STATUS_SUCCESS,
    XS,
    XSI,
)
from spid_auth.saml.parties import KeyPair
from spid_auth.saml.request import new_identifier
from spid_auth.saml.xml import child, written

VALID_FOR = timedelta(minutes=5)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Style:
    """How a system writes what the others write otherwise."""

    issuer_format: bool = True
    # Spaces around the text of Issuer, as a pretty-printer leaves them.
    padding: str = ""
    day_type: str = "xs:date"


SPID_STYLE = Style()
CIE_STYLE = Style(issuer_format=False, padding="\n    ", day_type="xs:string")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a Response says, before it is signed."""

    request_id: str
    issuer: str
    acs_url: str
    audience: str
    level: int
    attributes: dict[str, str]
    issued_at: datetime
    style: Style = SPID_STYLE
    # What the provider calls the person and its own session with them; made up when nothing is said.
    name_id: str = ""
    session_index: str = ""


def accepted(answer: Answer) -> etree._Element:
    """An unsigned Response with one Assertion."""
    root = _response(answer)
    child(child(root, SAMLP, "Status"), SAMLP, "StatusCode", Value=STATUS_SUCCESS)
    root.append(_assertion(answer))
    return root


def anomaly(answer: Answer, number: int) -> etree._Element:
    """A Response that reports an anomaly of the SPID table instead of a login. Providers leave it unsigned."""
    root = _response(answer)
    status = child(root, SAMLP, "Status")
    child(child(status, SAMLP, "StatusCode", Value=STATUS_RESPONDER), SAMLP, "StatusCode", Value=STATUS_AUTHN_FAILED)
    child(status, SAMLP, "StatusMessage", f"ErrorCode nr{number:02d}")
    return root


def sealed(root: etree._Element, keys: KeyPair, *, assertion: bool = True, response: bool = True) -> bytes:
    """The Response signed inside out: first the Assertion, then the whole."""
    inner = root.find(f"{{{SAML}}}Assertion")
    if assertion and inner is not None:
        backend.sign(inner, keys)
    return backend.sign(root, keys) if response else bytes(etree.tostring(root))


def _response(answer: Answer) -> etree._Element:
    root = etree.Element(
        f"{{{SAMLP}}}Response",
        {
            "ID": new_identifier(),
            "Version": "2.0",
            "IssueInstant": written(answer.issued_at),
            "InResponseTo": answer.request_id,
            "Destination": answer.acs_url,
        },
        nsmap={"samlp": SAMLP, "saml": SAML},
    )
    _issuer(root, answer)
    return root


def _issuer(parent: etree._Element, answer: Answer) -> None:
    written_as = {"Format": FORMAT_ENTITY} if answer.style.issuer_format else {}
    child(parent, SAML, "Issuer", f"{answer.style.padding}{answer.issuer}{answer.style.padding}", **written_as)


def _assertion(answer: Answer) -> etree._Element:
    start, end = written(answer.issued_at), written(answer.issued_at + VALID_FOR)
    root = etree.Element(
        f"{{{SAML}}}Assertion",
        {"ID": new_identifier(), "Version": "2.0", "IssueInstant": start},
        nsmap={"saml": SAML, "xs": XS, "xsi": XSI},
    )
    _issuer(root, answer)
    subject = child(root, SAML, "Subject")
    name_id = answer.name_id or new_identifier()
    child(subject, SAML, "NameID", name_id, Format=FORMAT_TRANSIENT, NameQualifier=answer.issuer)
    confirmation = child(subject, SAML, "SubjectConfirmation", Method=METHOD_BEARER)
    child(
        confirmation,
        SAML,
        "SubjectConfirmationData",
        InResponseTo=answer.request_id,
        NotOnOrAfter=end,
        Recipient=answer.acs_url,
    )
    conditions = child(root, SAML, "Conditions", NotBefore=start, NotOnOrAfter=end)
    child(child(conditions, SAML, "AudienceRestriction"), SAML, "Audience", answer.audience)
    statement = child(root, SAML, "AuthnStatement", AuthnInstant=start)
    if answer.session_index:
        statement.set("SessionIndex", answer.session_index)
    child(child(statement, SAML, "AuthnContext"), SAML, "AuthnContextClassRef", LEVELS[answer.level])
    described = child(root, SAML, "AttributeStatement")
    for name, value in answer.attributes.items():
        attribute = child(described, SAML, "Attribute", Name=name, NameFormat=FORMAT_BASIC)
        kind = answer.style.day_type if _DAY.fullmatch(value) else "xs:string"
        child(attribute, SAML, "AttributeValue", value, **{f"{{{XSI}}}type": kind})
    return root
