"""The answers the page offers: consent, the anomalies of the SPID table, and hostile ones that must be refused."""

from dataclasses import dataclass, replace
from datetime import datetime

from lxml import etree

from spid_auth.domain.schemes import Comparison
from spid_auth.saml import backend
from spid_auth.saml.names import FORMAT_ENTITY, FORMAT_TRANSIENT, SAML, SAMLP
from spid_auth.saml.request import new_identifier
from spid_auth.saml.xml import attribute, child, find, one, text, written
from spid_auth.sandbox import hostile
from spid_auth.sandbox.hostile import HOSTILE
from spid_auth.sandbox.people import DemoPerson
from spid_auth.sandbox.provider import Face
from spid_auth.sandbox.requests import ReadRequest
from spid_auth.sandbox.responses import Answer, accepted, anomaly, sealed

CONSENT = "consent"

ANOMALIES = {
    "nr19": "Credenziali errate troppe volte (19)",
    "nr20": "Livello delle credenziali insufficiente (20)",
    "nr21": "Tempo scaduto (21)",
    "nr22": "Consenso negato (22)",
    "nr23": "Identità sospesa o bloccata (23)",
    "nr25": "Accesso annullato (25)",
    "nr30": "Tipo di identità sbagliato (30)",
}


@dataclass(frozen=True, slots=True)
class Login:
    """A request that may be answered, who answers it and with which strength."""

    face: Face
    request: ReadRequest
    person: DemoPerson
    level: int

    @property
    def anomaly(self) -> str:
        """The anomaly a consent turns into, empty when all is well."""
        if not self.person.answers(self.request.purpose):
            return "nr30"
        return "" if self.level <= self.person.level and self.request.grants(self.level) else "nr20"

    def sent(self) -> dict[str, str]:
        """The attributes that leave: those asked for, of those that are known."""
        return {name: value for name, value in self.person.attributes().items() if name in self.request.attributes}


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer ready to leave; the identifiers are there when it opens a session at the provider."""

    xml: bytes
    name_id: str = ""
    session_index: str = ""


def usual_level(request: ReadRequest) -> int:
    """The level a person logs in at when they choose no other."""
    return min(3, request.level + 1) if request.comparison == Comparison.BETTER else request.level


def make(choice: str, *, login: Login, session_index: str = "", now: datetime) -> Sent | None:
    """The Response for a choice of the page; None when the choice does not exist. `session_index` is the open one."""
    face = login.face
    indexed = login.level in face.indexed_levels
    answer = Answer(
        request_id=login.request.request_id,
        issuer=face.entity_id(),
        acs_url=login.request.acs_url,
        audience=login.request.audience,
        level=login.level,
        attributes=login.sent(),
        issued_at=now,
        style=face.style,
        name_id=new_identifier(),
        session_index=(session_index or new_identifier()) if indexed else "",
    )
    if choice == CONSENT:
        choice = login.anomaly or CONSENT
    if choice == CONSENT:
        xml = hostile.remember(face, sealed(accepted(answer), face.keys()))
        opened = face.logout_messages and answer.session_index
        return Sent(xml, answer.name_id, answer.session_index) if opened else Sent(xml)
    if choice in ANOMALIES:
        return Sent(sealed(anomaly(answer, int(choice[2:])), face.keys(), assertion=False, response=False))
    if choice not in offered_hostile(login.request):
        return None
    return Sent(HOSTILE[choice].make(replace(answer, level=login.request.level), face))


def offered_hostile(request: ReadRequest) -> dict[str, str]:
    """The hostile answers to this request: at level 1 there is no lower one."""
    return {key: one_of.says for key, one_of in HOSTILE.items() if key != "level" or request.level > 1}


def last_login(face: Face) -> tuple[str, etree._Element] | None:
    """(service provider, the last good answer sent to it); None when nobody has consented yet."""
    kept = face.folder() / hostile.LAST
    root = backend.parse(kept.read_bytes()) if kept.exists() else None
    return (text(one(root, "//saml:Audience")), root) if root is not None else None


def logout_request(face: Face, last: etree._Element, *, slo_url: str, now: datetime) -> tuple[bytes, str]:
    """(signed LogoutRequest, SessionIndex) for the person of the last good answer."""
    root = etree.Element(
        f"{{{SAMLP}}}LogoutRequest",
        {"ID": new_identifier(), "Version": "2.0", "IssueInstant": written(now), "Destination": slo_url},
        nsmap={"samlp": SAMLP, "saml": SAML},
    )
    child(root, SAML, "Issuer", face.entity_id(), Format=FORMAT_ENTITY)
    name_id = text(one(last, "//saml:NameID"))
    child(root, SAML, "NameID", name_id, Format=FORMAT_TRANSIENT, NameQualifier=face.entity_id())
    index = next((attribute(node, "SessionIndex") for node in find(last, "//saml:AuthnStatement")), "")
    if index:
        child(root, SAMLP, "SessionIndex", index)
    return backend.sign(root, face.keys()), index
