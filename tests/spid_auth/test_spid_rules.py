"""Every rule of the table, broken one at a time by a Response that is otherwise good and well signed.

The numbers are those of the official test suite for service providers.
"""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from spid_auth.saml import backend
from spid_auth.saml.response import Refused, judge
from spid_auth.saml.rules import RULES, Message, broken
from tests.spid_auth.factory import NOON, Exchange, Mutation, drop, empty, idp_info, put, unset, write
from tests.standards import STANDARDS, need

ROOT, ASSERTION = "/samlp:Response", "saml:Assertion"
NAME_ID = f"{ASSERTION}/saml:Subject/saml:NameID"
CONFIRMATION = f"{ASSERTION}/saml:Subject/saml:SubjectConfirmation"
DATA = f"{CONFIRMATION}/saml:SubjectConfirmationData"
CONDITIONS = f"{ASSERTION}/saml:Conditions"
RESTRICTION = f"{CONDITIONS}/saml:AudienceRestriction"
STATEMENT = f"{ASSERTION}/saml:AuthnStatement"
CONTEXT = f"{STATEMENT}/saml:AuthnContext"
CLASS = f"{CONTEXT}/saml:AuthnContextClassRef"
ATTRIBUTE = f"{ASSERTION}/saml:AttributeStatement/saml:Attribute"
STATUS = "samlp:Status"
ISSUER, INNER_ISSUER = "saml:Issuer", f"{ASSERTION}/saml:Issuer"
BEFORE, FUTURE, LONG_AGO = "2026-11-20T10:57:00Z", "2099-01-01T00:00:00Z", "2018-01-01T00:00:00Z"
OTHER = "https://altro.example/"
EMAIL_FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"

# (official case, rule broken, how)
BEFORE_SIGNING: list[tuple[str, str, Mutation]] = [
    ("10", "response-version", put(ROOT, "Version", "1.1")),
    ("11", "response-issue-instant", put(ROOT, "IssueInstant", "")),
    ("12", "response-issue-instant", unset(ROOT, "IssueInstant")),
    ("13", "response-issue-instant", put(ROOT, "IssueInstant", "2026-11-20 11:00:00")),
    ("14", "response-issue-instant", put(ROOT, "IssueInstant", LONG_AGO)),
    ("14, un minuto", "response-issue-instant", put(ROOT, "IssueInstant", BEFORE)),
    ("15", "response-issue-instant", put(ROOT, "IssueInstant", FUTURE)),
    ("16", "response-in-response-to", put(ROOT, "InResponseTo", "")),
    ("17", "response-in-response-to", unset(ROOT, "InResponseTo")),
    ("18", "response-in-response-to", put(ROOT, "InResponseTo", "_altra")),
    ("19", "response-destination", put(ROOT, "Destination", "")),
    ("20", "response-destination", unset(ROOT, "Destination")),
    ("21", "response-destination", put(ROOT, "Destination", OTHER)),
    ("21, prefisso", "response-destination", put(ROOT, "Destination", "http://127.0.0.1:8000/spid/acs/finish")),
    ("22", "response-status", empty(STATUS)),
    ("23", "response-status", drop(STATUS)),
    ("24", "response-status", unset(f"{STATUS}/samlp:StatusCode", "Value")),
    ("27", "response-issuer", write(ISSUER, "")),
    ("28", "response-issuer", drop(ISSUER)),
    ("29", "response-issuer", write(ISSUER, OTHER)),
    ("30", "response-issuer-format", put(ISSUER, "Format", EMAIL_FORMAT)),
    ("32", "one-assertion", drop(ASSERTION)),
    ("35", "assertion-version", put(ASSERTION, "Version", "1.1")),
    ("36", "assertion-issue-instant", put(ASSERTION, "IssueInstant", "")),
    ("37", "assertion-issue-instant", unset(ASSERTION, "IssueInstant")),
    ("38", "assertion-issue-instant", put(ASSERTION, "IssueInstant", "2026-11-20T11:00:00+01:00")),
    ("39", "assertion-issue-instant", put(ASSERTION, "IssueInstant", BEFORE)),
    ("40", "assertion-issue-instant", put(ASSERTION, "IssueInstant", "2026-11-20T11:01:30Z")),
    ("41", "subject-name", empty(f"{ASSERTION}/saml:Subject")),
    ("42", "subject-name", drop(f"{ASSERTION}/saml:Subject")),
    ("43", "subject-name", write(NAME_ID, "")),
    ("44", "subject-name", drop(NAME_ID)),
    ("45", "subject-name-format", put(NAME_ID, "Format", "")),
    ("46", "subject-name-format", unset(NAME_ID, "Format")),
    ("47", "subject-name-format", put(NAME_ID, "Format", EMAIL_FORMAT)),
    ("48", "subject-name-qualifier", put(NAME_ID, "NameQualifier", "")),
    ("49", "subject-name-qualifier", unset(NAME_ID, "NameQualifier")),
    ("51", "confirmation-method", empty(CONFIRMATION)),
    ("52", "confirmation-method", drop(CONFIRMATION)),
    ("53", "confirmation-method", put(CONFIRMATION, "Method", "")),
    ("54", "confirmation-method", unset(CONFIRMATION, "Method")),
    ("55", "confirmation-method", put(CONFIRMATION, "Method", "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches")),
    ("56", "confirmation-recipient", drop(DATA)),
    ("57", "confirmation-recipient", put(DATA, "Recipient", "")),
    ("58", "confirmation-recipient", unset(DATA, "Recipient")),
    ("59", "confirmation-recipient", put(DATA, "Recipient", "http://127.0.0.1:8000/spid/acs?x=1")),
    ("60", "confirmation-in-response-to", put(DATA, "InResponseTo", "")),
    ("61", "confirmation-in-response-to", unset(DATA, "InResponseTo")),
    ("62", "confirmation-in-response-to", put(DATA, "InResponseTo", "_altra")),
    ("63", "confirmation-expiry", put(DATA, "NotOnOrAfter", "")),
    ("64", "confirmation-expiry", unset(DATA, "NotOnOrAfter")),
    ("65", "confirmation-expiry", put(DATA, "NotOnOrAfter", "domani")),
    ("66", "confirmation-expiry", put(DATA, "NotOnOrAfter", "2026-11-20T10:58:59Z")),
    ("68", "assertion-issuer", drop(INNER_ISSUER)),
    ("69", "assertion-issuer", write(INNER_ISSUER, OTHER)),
    ("70", "assertion-issuer-format", put(INNER_ISSUER, "Format", "")),
    ("71", "assertion-issuer-format", unset(INNER_ISSUER, "Format")),
    ("72", "assertion-issuer-format", put(INNER_ISSUER, "Format", EMAIL_FORMAT)),
    ("73", "conditions-start", empty(CONDITIONS)),
    ("74", "conditions-start", drop(CONDITIONS)),
    ("75", "conditions-start", put(CONDITIONS, "NotBefore", "")),
    ("76", "conditions-start", unset(CONDITIONS, "NotBefore")),
    ("77", "conditions-start", put(CONDITIONS, "NotBefore", "oggi")),
    ("78", "conditions-start", put(CONDITIONS, "NotBefore", "2026-11-20T11:01:01Z")),
    ("79", "conditions-expiry", put(CONDITIONS, "NotOnOrAfter", "")),
    ("80", "conditions-expiry", unset(CONDITIONS, "NotOnOrAfter")),
    ("81", "conditions-expiry", put(CONDITIONS, "NotOnOrAfter", "2026-02-30T11:00:00Z")),
    ("82", "conditions-expiry", put(CONDITIONS, "NotOnOrAfter", "2026-11-20T10:59:00Z")),
    ("83", "audience", empty(RESTRICTION)),
    ("85", "audience", write(f"{RESTRICTION}/saml:Audience", "")),
    ("86", "audience", drop(f"{RESTRICTION}/saml:Audience")),
    ("87", "audience", write(f"{RESTRICTION}/saml:Audience", OTHER)),
    ("88", "authentication", empty(STATEMENT)),
    ("89", "authentication", drop(STATEMENT)),
    ("90", "authentication", empty(CONTEXT)),
    ("92", "authentication", write(CLASS, "")),
    ("93", "authentication", drop(CLASS)),
    ("97", "authentication", write(CLASS, "urn:oasis:names:tc:SAML:2.0:ac:classes:SpidL2")),
    ("94", "level", write(CLASS, "https://www.spid.gov.it/SpidL1")),
    ("98", "attributes", empty(f"{ASSERTION}/saml:AttributeStatement")),
    ("99", "attributes", empty(f"{ATTRIBUTE}[2]")),
]
AFTER_SIGNING: list[tuple[str, str, Mutation]] = [
    ("8", "response-id", put(ROOT, "ID", "")),
    ("9", "response-id", unset(ROOT, "ID")),
    ("33", "assertion-id", put(ASSERTION, "ID", "")),
    ("34", "assertion-id", unset(ASSERTION, "ID")),
    ("2", "signatures", drop("ds:Signature")),
    ("3", "signatures", drop(f"{ASSERTION}/ds:Signature")),
    ("xslt", "transforms", put(".//ds:Transform", "Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116")),
    ("-", "canonicalization", put(".//ds:CanonicalizationMethod", "Algorithm", "http://www.w3.org/TR/xpath")),
    ("-", "signature-reference", put(".//ds:Reference", "URI", "#_altro")),
    ("-", "signature-reference", put(".//ds:Reference", "URI", "")),
    ("-", "unique-identifiers", lambda root: root.set("ID", str(root[-1].get("ID")))),
]
# Broken by the tests of test_spid_signatures.py
ELSEWHERE = {"response-root", "response-age", "signature-algorithm", "digest-algorithm", "signature-content"}
SIGNATURE_CASES = {"4", "5", "100", *(f"xsw{number}" for number in range(1, 9))}
ANOMALY_CASES = {"26", "104", "105", "106", "107", "108", "111"}
ACCEPTED_CASES = {"1", "31", "94", "95", "96", "103", "109", "110"}


def _refusal(xml: bytes, exchange: Exchange) -> Refused:
    with pytest.raises(Refused) as caught:
        judge(xml, expected=exchange.expected, idp=idp_info())
    return caught.value


def test_a_good_response_is_accepted() -> None:
    exchange = Exchange()

    assertion = judge(exchange.response(), expected=exchange.expected, idp=idp_info())

    assert assertion.level == 2
    assert assertion.attributes["fiscalNumber"] == "TINIT-BNCGLI85C52Y999U"
    assert assertion.response_issued_at == NOON


@pytest.fixture(autouse=True)
def _it_is_noon(time_machine_at_noon: None) -> None:
    """The toolkit reads the clock by itself."""


@pytest.mark.parametrize(("case", "rule", "mutate"), BEFORE_SIGNING, ids=[f"{c} {r}" for c, r, _ in BEFORE_SIGNING])
def test_one_broken_rule_is_enough_to_refuse(case: str, rule: str, mutate: Mutation) -> None:
    exchange = Exchange()

    refusal = _refusal(exchange.response(mutate), exchange)

    assert refusal.code == "response"
    assert rule in refusal.reasons


@pytest.mark.parametrize(("case", "rule", "mutate"), AFTER_SIGNING, ids=[f"{c} {r}" for c, r, _ in AFTER_SIGNING])
def test_what_a_signature_holds_together_cannot_be_taken_apart(case: str, rule: str, mutate: Mutation) -> None:
    exchange = Exchange()

    refusal = _refusal(exchange.tampered(mutate), exchange)

    assert refusal.code == "response"
    assert rule in refusal.reasons


def test_every_rule_of_the_table_is_broken_by_some_test() -> None:
    tried = {rule for _, rule, _ in BEFORE_SIGNING + AFTER_SIGNING} | ELSEWHERE

    assert {rule.name for rule in RULES} == tried


def rule_table() -> str:
    """The rules as docs/identity.md shows them: what each says, and the official cases that break it here."""
    tried = BEFORE_SIGNING + AFTER_SIGNING
    lines = ["| Rule | What it says | Broken by |", "|---|---|---|"]
    for rule in RULES:
        cases = dict.fromkeys(case for case, name, _ in tried if name == rule.name)
        broken_by = "; ".join(case for case in cases if case != "-") or "our own tests"
        where = "test_spid_signatures.py" if rule.name in ELSEWHERE else f"test_spid_rules.py: {broken_by}"
        lines.append(f"| `{rule.name}` | {rule.says} | {where} |")
    return "\n".join(lines)


def test_the_table_of_the_docs_is_the_table_of_the_rules() -> None:
    page = (Path(__file__).parents[2] / "docs" / "identity.md").read_text(encoding="utf-8")
    written = page.partition("<!-- rules -->")[2].partition("<!-- /rules -->")[0].strip()

    assert written == rule_table(), f"put this in docs/identity.md:\n{rule_table()}"


def test_rule_names_are_unique() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_every_case_of_the_official_suite_is_tried() -> None:
    path = need(STANDARDS / "identity" / "spid-sp-test_response_tests_1.2.18.json")
    official = json.loads(path.read_text())
    refused = {case.split(",")[0] for case, _, _ in BEFORE_SIGNING + AFTER_SIGNING} | SIGNATURE_CASES | ANOMALY_CASES

    assert {number for number, case in official.items() if 200 not in case["status_codes"]} <= refused
    assert {number for number, case in official.items() if 200 in case["status_codes"]} == ACCEPTED_CASES


@pytest.mark.parametrize(
    "mutate",
    [
        pytest.param(unset(ISSUER, "Format"), id="31 Issuer della Response senza Format"),
        pytest.param(
            unset(f"{ASSERTION}/saml:AttributeStatement/saml:Attribute", "NameFormat"), id="109 senza NameFormat"
        ),
        pytest.param(put(ROOT, "IssueInstant", "2026-11-20T11:00:00.123456Z"), id="110 microsecondi"),
        pytest.param(put(ROOT, "IssueInstant", "2026-11-20T10:58:00Z"), id="orologio indietro di un minuto"),
        pytest.param(put(ROOT, "IssueInstant", "2026-11-20T11:01:00Z"), id="orologio avanti di un minuto"),
        pytest.param(put(CONDITIONS, "NotBefore", "2026-11-20T11:01:00Z"), id="valida tra un minuto"),
        pytest.param(write(INNER_ISSUER, "\n  http://localhost:8001/idp\n "), id="spazi attorno all'Issuer"),
        pytest.param(write(CLASS, "https://www.spid.gov.it/SpidL3"), id="96 livello più alto"),
    ],
)
def test_what_the_rules_allow_is_accepted(mutate: Mutation) -> None:
    exchange = Exchange()

    assert judge(exchange.response(mutate), expected=exchange.expected, idp=idp_info()).level >= 2


@pytest.mark.parametrize("asked", [1, 2, 3])
@pytest.mark.parametrize("given", [1, 2, 3])
def test_the_level_is_at_least_the_one_asked_for(asked: int, given: int) -> None:
    exchange = Exchange(level=asked)
    message = Message(backend.parse(exchange.response(level=given)))

    assert ("level" in broken(message, exchange.expected)) == (given < asked)


def test_an_old_response_to_a_patient_person_is_refused() -> None:
    exchange = Exchange(sent=NOON - timedelta(minutes=20))

    refusal = _refusal(exchange.response(put(ROOT, "IssueInstant", "2026-11-20T10:53:59Z")), exchange)

    assert refusal.reasons == ("response-age",)


def test_a_message_that_is_no_response_is_refused() -> None:
    exchange = Exchange()
    xml = exchange.response().replace(b"samlp:Response", b"samlp:ArtifactResponse")

    assert "response-root" in _refusal(xml, exchange).reasons
