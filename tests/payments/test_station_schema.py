"""Our schema accepts and refuses what the official one does, in requests and in answers."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from payments.node import soap, writing
from payments.node.faults import FaultCode, StationFault
from payments.node.messages import Debtor, DueTransfer, Operation, PaymentAnswer, VerifyAnswer
from tests.payments.node_messages import Receipt, demand, get, send, verify
from tests.standards import STANDARDS, need

NAV = "301000000000004285"
REQUESTS = {
    "verify": verify(NAV),
    "get": get(NAV, v2=False),
    "get_v2": get(NAV, transfer_type="PAGOPA"),
    "demand": demand("<a/>"),
    "send": send(Receipt(NAV), v2=False),
    "send_v2": send(Receipt(NAV, extra="<standIn>true</standIn>")),
    "send_stamp": send(Receipt(NAV, transfers=((1, "16.00", "80000410508", b"<marca/>"),))),
}
TEXTS = ["", " ", "F", "X", "OK", "EQ", "it", "IT", "a@b", "à", "true", "POSTAL", "AAAA", "2026-11-22", "2026-13-01"]
TEXTS += ["2026-11-22+02:00", "2026-11-22T10:00:00Z", "8" * 11, "8" * 12, "3" * 17, "3" * 18]
NUMBERS = ["0", "0.00", "1", "1.0", "1.00", "48.001", "999999999.99", "1000000000.00", "-1.00", "2", "5", "6", "01"]
LENGTHS = ["x" * length for length in (16, 17, 20, 21, 35, 36, 70, 71, 140, 141, 210, 211)]
VALUES = st.sampled_from([*TEXTS, *NUMBERS, *LENGTHS])


@pytest.fixture(scope="module")
def official():
    return etree.XMLSchema(file=str(need(STANDARDS / "pagopa" / "wsdl" / "xsd" / "paForNode.xsd")))


def element(message):
    return soap.open_envelope(message.encode())[1]


@pytest.mark.parametrize("name", REQUESTS)
def test_the_samples_are_valid_for_both(official, name):
    node = element(REQUESTS[name])
    assert (soap.schema().validate(node), official.validate(node)) == (True, True)


@pytest.mark.parametrize("name", REQUESTS)
@given(place=st.integers(0, 400), value=VALUES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_changed_value_is_judged_the_same_by_both(official, name, place, value):
    node = element(REQUESTS[name])
    leaves = [leaf for leaf in node.iter() if len(leaf) == 0]
    leaves[place % len(leaves)].text = value
    assert soap.schema().validate(node) == official.validate(node)


@pytest.mark.parametrize("name", REQUESTS)
@given(place=st.integers(0, 400), what=st.sampled_from(["remove", "repeat", "rename", "swap"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_changed_structure_is_judged_the_same_by_both(official, name, place, what):
    node = element(REQUESTS[name])
    inner = list(node.iterdescendants())
    chosen = inner[place % len(inner)]
    parent = chosen.getparent()
    if what == "remove":
        parent.remove(chosen)
    elif what == "repeat":
        parent.append(etree.fromstring(etree.tostring(chosen)))
    elif what == "rename":
        chosen.tag = "altro"
    else:
        parent.insert(0, chosen)
    assert soap.schema().validate(node) == official.validate(node)


def answers():
    debtor = Debtor("G", "01234567897", "Trasporti & Figli", "a@b.example")
    rows = tuple(
        DueTransfer(seq, 100, "80000410508", "Provincia", "IT60X", "Causale", "9/0301107TP/", "IT07")
        for seq in range(1, 6)
    )
    payment = PaymentAnswer("01000000000004285", 500, date(2027, 1, 1), "Causale", "Provincia", "", debtor, rows)
    stamped = replace(
        payment,
        transfers=(*rows[:4], replace(rows[4], iban="", backing_iban="", stamp_hash="A" * 44, stamp_province="PI")),
    )
    check = VerifyAnswer(500, None, "Causale", False, "80000410508", "Provincia", "Ufficio", NAV)
    yield writing.verify_element(check)
    yield writing.demand_element(check)
    yield writing.payment_element(Operation.GET_V2, stamped)
    yield writing.payment_element(Operation.GET, payment)
    yield writing.payment_element(Operation.GET_V2, payment)
    yield soap.answer_element(Operation.SEND, "OK")
    yield soap.answer_element(Operation.SEND_V2, "OK")
    for operation in Operation:
        for code in FaultCode:
            fault = soap.fault_answer(operation, StationFault(code, "dettaglio"), emitter="80000410508")
            yield etree.fromstring(fault).find("{*}Body/*")


def test_every_answer_we_can_give_is_valid_for_both(official):
    for answer in answers():
        alone = etree.fromstring(etree.tostring(answer))
        assert soap.schema().validate(alone), soap.schema().error_log
        assert official.validate(alone), official.error_log
