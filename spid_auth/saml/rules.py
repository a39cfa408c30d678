"""What SPID and CIE ask of a Response, one named rule a line. Pure: a tree and what we expect, no clock, no keys.

The rules read the very tree whose signatures are verified (`backend.toolkit_refusal`); the rules about signatures
make sure that what is read is what is signed: one reference for each, to the parent node and to nothing else.
Sources: SPID technical rules (AgID), section on the Response and its checks; SAML 2.0 core and bindings.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from lxml import etree

from spid_auth.domain.schemes import Comparison
from spid_auth.saml.names import (
    DIGEST_ALGORITHMS,
    ENVELOPED,
    EXCLUSIVE_C14N,
    FORMAT_ENTITY,
    FORMAT_TRANSIENT,
    METHOD_BEARER,
    SAMLP,
    SIGNATURE_ALGORITHMS,
    STATUS_SUCCESS,
    level_of,
)
from spid_auth.saml.xml import attribute, find, instant, one, text

SKEW = timedelta(seconds=60)
MAX_AGE = timedelta(seconds=300)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a good answer must agree with. `now` is the moment of reception."""

    request_id: str
    request_instant: datetime
    level: int
    idp_entity_id: str
    sp_entity_id: str
    acs_url: str
    now: datetime
    skew: timedelta = SKEW
    max_age: timedelta = MAX_AGE
    comparison: Comparison = Comparison.MINIMUM
    issuer_format_required: bool = True


class Message:
    """The parts of a Response that the rules read. A part that is missing or repeated is None."""

    def __init__(self, response: etree._Element) -> None:
        self.response = response
        self.assertion = one(response, "saml:Assertion")
        self.subject = one(self.assertion, "saml:Subject")
        self.name_id = one(self.subject, "saml:NameID")
        self.confirmation = one(self.subject, "saml:SubjectConfirmation")
        self.confirmation_data = one(self.confirmation, "saml:SubjectConfirmationData")
        self.conditions = one(self.assertion, "saml:Conditions")
        self.statement = one(self.assertion, "saml:AuthnStatement")
        self.attributes = find(self.assertion, "saml:AttributeStatement/saml:Attribute")
        self.signatures = find(response, "//ds:Signature")

    @property
    def level(self) -> int | None:
        """The level of assurance the identity provider states."""
        return level_of(text(one(self.statement, "saml:AuthnContext/saml:AuthnContextClassRef")))


class Rule(NamedTuple):
    """A rule's name (kept on the transaction), what it says, and the test."""

    name: str
    says: str
    holds: Callable[[Message, Expected], bool]


def broken(message: Message, expected: Expected) -> tuple[str, ...]:
    """The names of the rules a Response breaks, in the order of the table; empty when it is good."""
    return tuple(rule.name for rule in RULES if not rule.holds(message, expected))


def _issued_in_window(value: str, expected: Expected) -> bool:
    moment = instant(value)
    return moment is not None and expected.request_instant - expected.skew <= moment <= expected.now + expected.skew


def _not_before(value: str, expected: Expected) -> bool:
    moment = instant(value)
    return moment is not None and moment <= expected.now + expected.skew


def _not_on_or_after(value: str, expected: Expected) -> bool:
    moment = instant(value)
    return moment is not None and moment > expected.now - expected.skew


def _fresh(message: Message, expected: Expected) -> bool:
    moment = instant(attribute(message.response, "IssueInstant"))
    return moment is not None and moment >= expected.now - expected.max_age - expected.skew


def _level_reached(message: Message, expected: Expected) -> bool:
    if message.level is None:
        return False
    # More than "exact" asks for is granted all the same: it takes nothing away from who asked.
    least = expected.level + 1 if expected.comparison is Comparison.BETTER else expected.level
    return message.level >= least


def _issuer_format(message: Message, expected: Expected) -> bool:
    stated = one(message.assertion, "saml:Issuer")
    absent = stated is not None and stated.get("Format") is None
    return attribute(stated, "Format") == FORMAT_ENTITY or (absent and not expected.issuer_format_required)


def _one_signature_each(message: Message, _: Expected) -> bool:
    parents = [signature.getparent() for signature in message.signatures]
    return len(parents) == 2 and parents[0] is message.response and parents[1] is message.assertion


def _one_assertion(message: Message, _: Expected) -> bool:
    everywhere = find(message.response, "//saml:Assertion | //saml:EncryptedAssertion")
    return len(everywhere) == 1 and everywhere[0] is message.assertion


def _identifiers_unique(message: Message, _: Expected) -> bool:
    identifiers = [
        value for node in message.response.iter() for name in ("ID", "Id", "id") if (value := node.get(name))
    ]
    return len(identifiers) == len(set(identifiers))


def _references_its_parent(message: Message, _: Expected) -> bool:
    for signature in message.signatures:
        references = find(signature, ".//ds:Reference")
        parent = attribute(signature.getparent(), "ID")
        if not parent or [reference.get("URI") for reference in references] != [f"#{parent}"]:
            return False
    return bool(message.signatures)


def _algorithms(path: str, allowed: frozenset[str]) -> Callable[[Message, Expected], bool]:
    def holds(message: Message, _: Expected) -> bool:
        chosen = [attribute(node, "Algorithm") for signature in message.signatures for node in find(signature, path)]
        return bool(chosen) and set(chosen) <= allowed

    return holds


def _nothing_inside_signatures(message: Message, _: Expected) -> bool:
    return not any(find(signature, "ds:Object | .//ds:Manifest") for signature in message.signatures)


def _attributes_filled(message: Message, _: Expected) -> bool:
    return bool(message.attributes) and all(
        node.get("Name") and find(node, "saml:AttributeValue") for node in message.attributes
    )


def _audience_is_us(message: Message, expected: Expected) -> bool:
    audiences = find(message.conditions, "saml:AudienceRestriction/saml:Audience")
    return [text(audience) for audience in audiences] == [expected.sp_entity_id]


RULES: tuple[Rule, ...] = (
    # -- the Response
    Rule("response-root", "il messaggio è una Response", lambda m, e: m.response.tag == f"{{{SAMLP}}}Response"),
    Rule("response-id", "la Response ha un ID", lambda m, e: bool(m.response.get("ID"))),
    Rule("response-version", "la versione è 2.0", lambda m, e: m.response.get("Version") == "2.0"),
    Rule(
        "response-issue-instant",
        "emessa dopo la richiesta e non nel futuro",
        lambda m, e: _issued_in_window(attribute(m.response, "IssueInstant"), e),
    ),
    Rule("response-age", "emessa da pochi minuti", _fresh),
    Rule(
        "response-in-response-to",
        "risponde alla nostra richiesta",
        lambda m, e: m.response.get("InResponseTo") == e.request_id,
    ),
    Rule(
        "response-destination", "diretta al nostro indirizzo", lambda m, e: m.response.get("Destination") == e.acs_url
    ),
    Rule(
        "response-status",
        "lo stato è Success",
        lambda m, e: attribute(one(m.response, "samlp:Status/samlp:StatusCode"), "Value") == STATUS_SUCCESS,
    ),
    Rule(
        "response-issuer",
        "emessa dal gestore scelto",
        lambda m, e: text(one(m.response, "saml:Issuer")) == e.idp_entity_id,
    ),
    Rule(
        "response-issuer-format",
        "il Format di Issuer, se c'è, è entity",
        lambda m, e: all(node.get("Format") in (None, FORMAT_ENTITY) for node in find(m.response, "saml:Issuer")),
    ),
    # -- signatures: what is read is what is signed
    Rule("one-assertion", "c'è una sola Assertion, in chiaro e al suo posto", _one_assertion),
    Rule("unique-identifiers", "nessun identificativo ripetuto", _identifiers_unique),
    Rule("signatures", "firmate sia la Response sia l'Assertion, e nient'altro", _one_signature_each),
    Rule("signature-reference", "ogni firma copre il nodo che la contiene", _references_its_parent),
    Rule(
        "signature-algorithm",
        "firma RSA con SHA-256 o superiore",
        _algorithms("ds:SignedInfo/ds:SignatureMethod", SIGNATURE_ALGORITHMS),
    ),
    Rule("digest-algorithm", "impronta SHA-256 o superiore", _algorithms(".//ds:DigestMethod", DIGEST_ALGORITHMS)),
    Rule(
        "canonicalization",
        "forma canonica esclusiva",
        _algorithms("ds:SignedInfo/ds:CanonicalizationMethod", EXCLUSIVE_C14N),
    ),
    Rule(
        "transforms",
        "solo le trasformazioni previste (niente XSLT o XPath)",
        _algorithms(".//ds:Transform", EXCLUSIVE_C14N | {ENVELOPED}),
    ),
    Rule("signature-content", "niente oggetti dentro le firme", _nothing_inside_signatures),
    # -- the Assertion
    Rule("assertion-id", "l'Assertion ha un ID", lambda m, e: bool(attribute(m.assertion, "ID"))),
    Rule("assertion-version", "la versione è 2.0", lambda m, e: attribute(m.assertion, "Version") == "2.0"),
    Rule(
        "assertion-issue-instant",
        "emessa dopo la richiesta e non nel futuro",
        lambda m, e: _issued_in_window(attribute(m.assertion, "IssueInstant"), e),
    ),
    Rule(
        "assertion-issuer",
        "emessa dal gestore scelto",
        lambda m, e: text(one(m.assertion, "saml:Issuer")) == e.idp_entity_id,
    ),
    Rule(
        "assertion-issuer-format",
        "il Format di Issuer è entity (le risposte CIE possono non averlo)",
        _issuer_format,
    ),
    Rule("subject-name", "il soggetto ha un NameID", lambda m, e: bool(text(m.name_id))),
    Rule(
        "subject-name-format", "il NameID è transient", lambda m, e: attribute(m.name_id, "Format") == FORMAT_TRANSIENT
    ),
    Rule(
        "subject-name-qualifier",
        "il NameID ha un NameQualifier",
        lambda m, e: bool(attribute(m.name_id, "NameQualifier").strip()),
    ),
    Rule(
        "confirmation-method",
        "conferma di tipo bearer",
        lambda m, e: attribute(m.confirmation, "Method") == METHOD_BEARER,
    ),
    Rule(
        "confirmation-recipient",
        "conferma diretta al nostro indirizzo",
        lambda m, e: attribute(m.confirmation_data, "Recipient") == e.acs_url,
    ),
    Rule(
        "confirmation-in-response-to",
        "conferma per la nostra richiesta",
        lambda m, e: attribute(m.confirmation_data, "InResponseTo") == e.request_id,
    ),
    Rule(
        "confirmation-expiry",
        "conferma non scaduta",
        lambda m, e: _not_on_or_after(attribute(m.confirmation_data, "NotOnOrAfter"), e),
    ),
    Rule("conditions-start", "già valida", lambda m, e: _not_before(attribute(m.conditions, "NotBefore"), e)),
    Rule("conditions-expiry", "non scaduta", lambda m, e: _not_on_or_after(attribute(m.conditions, "NotOnOrAfter"), e)),
    Rule("audience", "destinata a noi soli", _audience_is_us),
    Rule("authentication", "c'è un AuthnStatement con un livello SPID", lambda m, e: m.level is not None),
    Rule("level", "il livello è almeno quello richiesto", _level_reached),
    Rule("attributes", "ci sono attributi e nessuno è vuoto", _attributes_filled),
)
