"""Answers that must open no session: what an attacker, or a provider gone wrong, could send."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import xmlsec
from cryptography import x509
from cryptography.x509.oid import NameOID
from lxml import etree

from spid_auth.saml import backend, certificates
from spid_auth.saml.names import DS, SAML
from spid_auth.saml.parties import KeyPair
from spid_auth.saml.request import new_identifier
from spid_auth.saml.xml import child, find
from spid_auth.sandbox.people import DemoPerson, europeans, people
from spid_auth.sandbox.provider import Face
from spid_auth.sandbox.responses import Answer, accepted, sealed

LAST = "last-response.xml"


class Hostile(NamedTuple):
    """What the button says, and the answer it sends."""

    says: str
    make: Callable[[Answer, Face], bytes]


def remember(face: Face, response: bytes) -> bytes:
    """Keep the last good answer, so that the page can send it a second time."""
    (face.folder() / LAST).write_bytes(response)
    return response


def somebody_else(answer: Answer) -> DemoPerson:
    """Another person of the same kind: with a codice fiscale if the answer has one."""
    others = people() if "fiscalNumber" in answer.attributes else europeans()
    return next(one for one in others if one.attributes().get("name") != answer.attributes.get("name"))


def _as_somebody_else(answer: Answer) -> Answer:
    known = somebody_else(answer).attributes()
    return replace(answer, attributes={name: known[name] for name in answer.attributes if name in known})


def _other_person(answer: Answer, face: Face) -> bytes:
    return sealed(accepted(_as_somebody_else(answer)), face.keys())


def _replayed(answer: Answer, face: Face) -> bytes:
    kept = face.folder() / LAST
    return kept.read_bytes() if kept.exists() else remember(face, sealed(accepted(answer), face.keys()))


def _by_another_key(answer: Answer, _face: Face) -> bytes:
    holder = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sconosciuto")])
    return sealed(accepted(answer), certificates.make(holder, now=answer.issued_at))


def _for_another_site(answer: Answer, face: Face) -> bytes:
    return sealed(accepted(replace(answer, audience="https://altro.example/metadata")), face.keys())


def _expired(answer: Answer, face: Face) -> bytes:
    return sealed(accepted(replace(answer, issued_at=answer.issued_at - timedelta(hours=1))), face.keys())


def _assertion_unsigned(answer: Answer, face: Face) -> bytes:
    return sealed(accepted(answer), face.keys(), assertion=False)


def _lower_level(answer: Answer, face: Face) -> bytes:
    return sealed(accepted(replace(answer, level=answer.level - 1)), face.keys())


def _wrapped(answer: Answer, face: Face) -> bytes:
    """XSW: the signed answer is whole, but inside the signature of another one that names somebody else."""
    signed = backend.parse(sealed(accepted(answer), face.keys()))
    forged = accepted(_as_somebody_else(answer))
    signature = deepcopy(find(signed, "ds:Signature")[0])
    signed.remove(find(signed, "ds:Signature")[0])
    forged[0].addnext(signature)
    child(signature, DS, "Object").append(signed)
    return bytes(etree.tostring(forged))


def _sha1(answer: Answer, face: Face) -> bytes:
    root = accepted(answer)
    for node in (*find(root, "saml:Assertion"), root):
        _sign_with_sha1(node, face.keys())
    return bytes(etree.tostring(root))


def _sign_with_sha1(node: etree._Element, keys: KeyPair) -> None:
    signature = xmlsec.template.create(
        node, xmlsec.constants.TransformExclC14N, xmlsec.constants.TransformRsaSha1, ns="ds"
    )
    node.find(f"{{{SAML}}}Issuer").addnext(signature)  # type: ignore[union-attr]
    reference = xmlsec.template.add_reference(signature, xmlsec.constants.TransformSha1, uri=f"#{node.get('ID')}")
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(keys.private_key, xmlsec.constants.KeyDataFormatPem, None)
    xmlsec.tree.add_ids(node, ["ID"])
    context.sign(signature)


def _with_a_document_type(answer: Answer, face: Face) -> bytes:
    declared = b'<!DOCTYPE Response [<!ENTITY chi "un altro">]>\n'
    return declared + sealed(accepted(replace(answer, name_id=new_identifier())), face.keys())


HOSTILE: dict[str, Hostile] = {
    "wrong-key": Hostile("Firmata con un'altra chiave", _by_another_key),
    "replay": Hostile("L'ultima risposta buona, inviata di nuovo", _replayed),
    "audience": Hostile("Destinata a un altro sito", _for_another_site),
    "expired": Hostile("Scaduta", _expired),
    "unsigned": Hostile("Con l'asserzione non firmata", _assertion_unsigned),
    "level": Hostile("Di livello più basso del richiesto", _lower_level),
    "other-person": Hostile("Di un'altra persona (da rifiutare se deve tornare la stessa)", _other_person),
    "xsw": Hostile("Falsa, con dentro quella vera firmata (XSW)", _wrapped),
    "sha1": Hostile("Firmata con SHA-1", _sha1),
    "dtd": Hostile("Con una DTD", _with_a_document_type),
}
