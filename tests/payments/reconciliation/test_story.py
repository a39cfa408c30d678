"""The story of a payment in words: every stage of its way, and what to say on the phone."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest

from payments.reconciliation.domain.story import (
    Cover,
    CreditFacts,
    FlowFacts,
    NoticeFacts,
    OutsideFacts,
    PaymentFacts,
    RefundFacts,
    StepState,
    answer,
    timeline,
)

THURSDAY = date(2026, 11, 12)
LATER = THURSDAY + timedelta(days=20)
NOTICE = NoticeFacts(4800, date(2026, 11, 2), date(2026, 11, 30))
CREDIT = CreditFacts("812", 2026, date(2026, 11, 16))
TAKEN = CreditFacts("812", 2026, date(2026, 11, 16), Cover.WHOLE, ("77/2026",), date(2026, 11, 20))
DECIDED = {
    "rimborso in corso": RefundFacts(4800, "da approvare", False, LATER),
    "rimborsato": RefundFacts(4800, "eseguito", True, LATER),
}


def paid(**changes):
    values = {"receipt_id": "RT-1", "cents": 4800, "paid_on": THURSDAY, "psp": "Poste di prova", "accepted": True}
    return PaymentFacts(**values | changes)


def flow(*credits_):
    return FlowFacts("2026-11-13POSTE-1", date(2026, 11, 13), tuple(credits_))


def states(payments, *, notice=NOTICE, today=THURSDAY):
    return [(step.title, step.state) for step in timeline(notice, payments, today=today)]


def test_a_notice_nobody_paid_is_to_be_paid():
    assert states([]) == [("Avviso emesso", StepState.DONE), ("Da pagare", StepState.WAITING)]
    assert "Non risulta nessun pagamento" in answer(NOTICE, [], today=THURSDAY)


def test_a_notice_that_cannot_be_paid_says_why():
    stopped = NoticeFacts(4800, date(2026, 11, 2), None, hindrance="sospeso per ricorso")
    assert states([], notice=stopped)[-1] == ("Non si può pagare", StepState.PROBLEM)
    assert "sospeso per ricorso" in answer(stopped, [], today=THURSDAY)


def test_a_payment_goes_from_the_receipt_to_the_collection_order():
    steps = states([paid(flows=(flow(TAKEN),))], today=LATER)
    assert [title for title, _state in steps] == [
        "Avviso emesso", "Pagato", "Rendicontato", "In tesoreria", "Reversale emessa",
    ]  # fmt: skip
    assert {state for _title, state in steps} == {StepState.DONE}


@pytest.mark.parametrize(
    ("flows", "missing"), [((), "Rendicontato"), ((flow(),), "In tesoreria")], ids=["flow", "credit"]
)
def test_what_is_still_to_come_waits_three_working_days_and_then_is_late(flows, missing):
    assert states([paid(flows=flows)], today=THURSDAY + timedelta(days=1))[-1] == (missing, StepState.WAITING)
    assert states([paid(flows=flows)], today=LATER)[-1] == (missing, StepState.PROBLEM)
    assert "in ritardo" in answer(NOTICE, [paid(flows=flows)], today=LATER)


def test_a_transfer_made_for_one_payment_alone_needs_no_flow():
    alone = paid(credits=(CREDIT,))
    titles = [title for title, _state in states([alone], today=LATER)]
    assert titles == ["Avviso emesso", "Pagato", "In tesoreria", "Reversale da emettere"]
    assert "in tesoreria dal 16/11/2026" in answer(NOTICE, [alone], today=LATER)


def test_an_open_provisional_waits_for_its_order():
    assert states([paid(flows=(flow(CREDIT),))], today=LATER)[-1] == ("Reversale da emettere", StepState.WAITING)
    assert "in tesoreria dal 16/11/2026" in answer(NOTICE, [paid(flows=(flow(CREDIT),))], today=LATER)


@pytest.mark.parametrize(
    ("changes", "state", "words"),
    [
        ({}, StepState.WAITING, "Il provvisorio 812/2026 è ancora aperto."),
        ({"cover": Cover.WHOLE}, StepState.DONE, "Il provvisorio 812/2026 risulta coperto da una reversale."),
        (
            {"cover": Cover.WHOLE, "orders": ("77/2026", "78/2026")}, StepState.DONE,
            "Il provvisorio 812/2026 è coperto dalla reversale 77/2026, 78/2026.",
        ),
        (
            {"cover": Cover.PART, "orders": ("77/2026",)}, StepState.WAITING,
            "Il provvisorio 812/2026 è coperto solo in parte (reversale 77/2026): il resto è ancora aperto.",
        ),
    ],
)  # fmt: skip
def test_what_the_treasurer_says_of_the_order_is_told(changes, state, words):
    last = timeline(NOTICE, [paid(flows=(flow(replace(CREDIT, **changes)),))], today=LATER)[-1]
    assert (last.state, last.text) == (state, words)


def test_a_payment_that_only_a_flow_reports_is_told_as_the_flow_tells_it():
    alone = paid(accepted=False, received=False, anomalies=("la ricevuta non è arrivata",), flows=(flow(CREDIT),))
    assert states([alone], today=LATER)[1] == ("Pagato", StepState.PROBLEM)
    said = answer(NOTICE, [alone], today=LATER)
    assert said.startswith("Poste di prova riporta un pagamento di 48,00")
    assert said.endswith("Il denaro è in tesoreria dal 16/11/2026.")


def test_a_revoked_payment_waits_for_no_transfer():
    back = FlowFacts("2026-11-16POSTE-2", date(2026, 11, 16), revoked=True)
    for payment in (paid(flows=(flow(CREDIT), back)), paid(flows=(back,))):
        assert states([payment], today=LATER)[-1] == ("Revocato", StepState.PROBLEM)
        assert "revocato" in answer(NOTICE, [payment], today=LATER)
    odd = paid(accepted=False, anomalies=("secondo pagamento",), flows=(flow(CREDIT), back))
    assert "un flusso lo dichiara revocato" in answer(NOTICE, [paid(), odd], today=LATER)


def test_money_for_others_is_not_looked_for_in_the_treasury():
    assert states([paid(travels=False)], today=LATER)[-1] == ("Versato ad altri", StepState.DONE)
    assert "non passa dalla tesoreria" in answer(NOTICE, [paid(travels=False)], today=LATER)


@pytest.mark.parametrize(("name", "refund"), DECIDED.items(), ids=list(DECIDED))
def test_a_second_payment_is_told_apart_and_so_is_its_refund(name, refund):
    second = paid(receipt_id="RT-2", accepted=False, anomalies=("secondo pagamento",), refunds=(refund,))
    said = answer(NOTICE, [paid(flows=(flow(CREDIT),)), second], today=LATER)
    assert "è in tesoreria" in said
    assert "C'è anche un pagamento di 48,00" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert ("è stato rimborsato" in said) is refund.done
    assert states([second], today=LATER)[-1][0] == "Rimborso"


@pytest.mark.parametrize(
    ("name", "words"),
    [("rimborso in corso", "Rimborso di 48,00 €: da approvare."), ("rimborsato", "48,00 € sono stati rimborsati.")],
)
def test_who_asks_of_a_payment_called_double_is_told_of_its_refund(name, words):
    said = answer(NOTICE, [paid(flows=(flow(CREDIT),), refunds=(DECIDED[name],))], today=LATER)
    assert said.replace("\N{NO-BREAK SPACE}", " ").endswith(words)


def test_a_payment_to_be_examined_is_never_said_to_be_good():
    odd = paid(accepted=False, anomalies=("importo inferiore al dovuto",))
    said = answer(NOTICE, [odd], today=THURSDAY)
    assert "lo deve controllare (importo inferiore al dovuto)" in said
    assert states([odd])[1] == ("Pagato", StepState.PROBLEM)


def test_of_a_plan_the_paid_instalments_are_counted():
    plan = NoticeFacts(9600, date(2026, 11, 2), None, instalments=3)
    said = answer(plan, [paid(), paid(receipt_id="RT-2")], today=THURSDAY)
    assert said.startswith("Sono pagate 2 rate su 3, per 96,00")


def test_money_outside_pagopa_is_told_once_two_people_have_said_it():
    row = OutsideFacts(4800, THURSDAY, "con bonifico", confirmed=False)
    waiting = NoticeFacts(4800, date(2026, 11, 2), None, outside=(row,))
    assert states([], notice=waiting)[-1] == ("Pagato fuori da pagoPA", StepState.WAITING)
    assert "aspetta la conferma" in answer(waiting, [], today=THURSDAY)
    told = NoticeFacts(4800, date(2026, 11, 2), None, outside=(replace(row, confirmed=True),))
    assert states([], notice=told)[-1] == ("Pagato fuori da pagoPA", StepState.DONE)
    assert answer(told, [], today=THURSDAY).startswith("Risulta pagato con bonifico il 12/11/2026")
    second = paid(accepted=False, anomalies=("secondo pagamento",))
    assert "C'è anche un pagamento" in answer(told, [second], today=THURSDAY)


def test_every_story_begins_with_the_notice_and_says_something():
    flows = ((), (flow(),), (flow(CREDIT),), (flow(TAKEN), flow()))
    for accepted, travels, carried, day in product((True, False), (True, False), flows, (THURSDAY, LATER)):
        odd = () if accepted else ("da verificare",)
        payments = [paid(accepted=accepted, travels=travels, flows=carried, anomalies=odd)]
        steps = timeline(NOTICE, payments, today=day)
        assert steps[0].title == "Avviso emesso"
        assert all(step.text.endswith(".") for step in steps)
        assert answer(NOTICE, payments, today=day).endswith(".")
