"""The answers the page offers: consent, the anomalies of the SPID table, and hostile ones that must be refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.x509.oid import NameOID
from lxml import etree

from spid_auth.saml import backend, certificates
from spid_auth.saml.names import FORMAT_ENTITY, FORMAT_TRANSIENT, SAML, SAMLP
from spid_auth.saml.request import new_identifier
from spid_auth.saml.xml import child, one, text, written
from spid_auth.sandbox import provider
from spid_auth.sandbox.people import DemoPerson
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
}


def make(choice: str, *, request: ReadRequest, person: DemoPerson, now: datetime) -> bytes | None:
    """The Response for a choice of the page; None when the choice does not exist."""
    wanted = {name: value for name, value in person.attributes().items() if name in request.attributes}
    answer = Answer(
        request_id=request.request_id,
        issuer=provider.entity_id(),
        acs_url=request.acs_url,
        audience=request.audience,
        level=request.level,
        attributes=wanted,
        issued_at=now,
    )
    if choice == CONSENT and person.level < request.level:
        choice = "nr20"
    if choice == CONSENT:
        return _remember(sealed(accepted(answer), provider.keys()))
    if choice in ANOMALIES:
        return sealed(anomaly(answer, int(choice[2:])), provider.keys(), assertion=False, response=False)
    return HOSTILE[choice][1](answer) if choice in HOSTILE else None


def _remember(response: bytes) -> bytes:
    """Keep the last good answer, so that the page can send it a second time."""
    (provider.folder() / "last-response.xml").write_bytes(response)
    return response


def logout_request(slo_url: str, *, now: datetime) -> bytes | None:
    """A signed LogoutRequest for the last person who consented; None when nobody did."""
    kept = provider.folder() / "last-response.xml"
    name_id = one(backend.parse(kept.read_bytes()), "//saml:NameID") if kept.exists() else None
    if name_id is None:
        return None
    root = etree.Element(
        f"{{{SAMLP}}}LogoutRequest",
        {"ID": new_identifier(), "Version": "2.0", "IssueInstant": written(now), "Destination": slo_url},
        nsmap={"samlp": SAMLP, "saml": SAML},
    )
    child(root, SAML, "Issuer", provider.entity_id(), Format=FORMAT_ENTITY)
    child(root, SAML, "NameID", text(name_id), Format=FORMAT_TRANSIENT, NameQualifier=provider.entity_id())
    return backend.sign(root, provider.keys())


def _replayed(answer: Answer) -> bytes:
    kept = provider.folder() / "last-response.xml"
    return kept.read_bytes() if kept.exists() else _remember(sealed(accepted(answer), provider.keys()))


def _by_another_key(answer: Answer) -> bytes:
    holder = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sconosciuto")])
    return sealed(accepted(answer), certificates.make(holder, now=answer.issued_at))


def _for_another_site(answer: Answer) -> bytes:
    return sealed(accepted(replace(answer, audience="https://altro.example/metadata")), provider.keys())


def _expired(answer: Answer) -> bytes:
    return sealed(accepted(replace(answer, issued_at=answer.issued_at - timedelta(hours=1))), provider.keys())


def _assertion_unsigned(answer: Answer) -> bytes:
    return sealed(accepted(answer), provider.keys(), assertion=False)


def _lower_level(answer: Answer) -> bytes:
    return sealed(accepted(replace(answer, level=1)), provider.keys())


HOSTILE: dict[str, tuple[str, Callable[[Answer], bytes]]] = {
    "wrong-key": ("Firmata con un'altra chiave", _by_another_key),
    "replay": ("L'ultima risposta buona, inviata di nuovo", _replayed),
    "audience": ("Destinata a un altro sito", _for_another_site),
    "expired": ("Scaduta", _expired),
    "unsigned": ("Con l'asserzione non firmata", _assertion_unsigned),
    "level": ("Di livello più basso del richiesto", _lower_level),
}
