"""A fine paid too little: the difference is asked for once, or let go with a reason. And fines paid without pagoPA."""

from datetime import date
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import DatabaseError, connections, transaction
from django.urls import reverse
from django_scopes import scope, scopes_disabled
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.outside import How
from payments.fines.domain.amounts import Sanction, amounts
from payments.fines.domain.rests import DECISION_LABELS, Decision, RestTerm, due_on, shortfall, term_on
from payments.fines.domain.stages import ServedHow
from payments.fines.domain.terms import terms
from payments.fines.law import law, rest_terms
from payments.fines.models import FineRest
from payments.fines.selectors import in_doubt, missing, rest_of
from payments.fines.services.rests import fine_rest_ask, fine_rest_let_go
from payments.fines.services.serving import fine_serve
from payments.models import OutsidePayment, Position, ReceiptCase
from payments.services.desk import position_withdraw
from payments.services.outside import Arrived, outside_confirm, outside_record
from payments.services.receipts import receipt_case_resolve
from portal.accounts.models import User
from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.entities.models import Role
from portal.kernel.errors import DomainError
from portal.people.acting import Acting
from tests.factories.platform import make_person, make_staff
from tests.factories.world import citizen_client
from tests.payments import node_messages as node
from tests.payments.fines.conftest import numbers_of
from tests.payments.fines.test_fine_desk import browser, change, move

pytestmark = pytest.mark.django_db
# Served on the 10th of March: the discount ends on the 16th (the 15th is a Sunday), so the 17th is too late for it.
SERVED = {"data_notifica": "10/03/2026", "modo_notifica": "consegna"}
IBAN = "IT60X0542811101000000123456"


@pytest.fixture(autouse=True)
def _in_march():
    with time_machine.travel("2026-03-20T12:00:00+01:00", tick=False):
        yield


def person(entity, name):
    user = make_staff(entity, Role.ACCOUNTANT, name=name)
    return Actor(label=str(user), user_id=user.pk)


@pytest.fixture
def clerk(body):
    return person(body, "Paola Conti")


@pytest.fixture
def second(body):
    return person(body, "Bruno Neri")


def pay(nav, amount, day, *, receipt_id="a" * 32):
    costs = "16.50"
    sanction = f"{float(amount) - 16.5:.2f}"
    shares = ((1, sanction, "80000410508", IBAN), (2, costs, "80000410508", IBAN))
    receipt = node.Receipt(nav, receipt_id=receipt_id, amount=amount, transfers=shares, paid_at=f"{day}T10:00:00")
    return node.post(node.send(receipt))


@pytest.fixture
def late(fined):
    """The discounted number of a fine of 42 to 173 euro, paid on the day after its last one."""
    fine = fined(**SERVED)
    pay(numbers_of(fine)[True].nav, "45.90", "2026-03-17")
    return fine


def ask(fine, actor):
    with scope(entity=fine.entity):
        return fine_rest_ask(fine_id=fine.pk, actor=actor)


def let_go(fine, actor, reason="Ritardo di un giorno per lo sciopero delle banche"):
    with scope(entity=fine.entity):
        return fine_rest_let_go(fine_id=fine.pk, reason=reason, actor=actor)


def test_the_difference_is_what_was_due_that_day_less_what_was_paid(late):
    with scope(entity=late.entity):
        short = missing(late)
    assert (short.paid_on, short.paid, short.due, short.cents) == (date(2026, 3, 17), 4590, 5850, 1260)


def test_the_office_asks_for_the_difference_with_a_notice_of_its_own(late, clerk):
    rest = ask(late, clerk)
    with scopes_disabled():
        position = Position.objects.select_related("charge", "debt_kind").get(pk=rest.position_id)
        case = ReceiptCase.objects.get()
    assert position.charge.amount_cents == 1260
    assert position.debt_kind.code == "CDS_SANZIONE"
    assert position.description == "Differenza del verbale n. V1001/2026 del 10/03/2026 - targa AB123CD"
    assert position.charge.due_on == date(2026, 4, 19)
    assert position.debtor_fiscal_code == "RSSMRA60D20F205C"
    assert case.state == "resolved"
    assert "12,60" in case.note
    assert not in_doubt(late)
    assert b"<outcome>OK</outcome>" in node.post(node.verify(position.charge.notice_number)).content


def test_asked_twice_there_is_one_difference(late, clerk, second):
    assert ask(late, clerk) == ask(late, second)
    with scopes_disabled():
        assert FineRest.objects.count() == 1


def test_what_was_let_go_is_not_asked_for_any_more(late, clerk):
    first = let_go(late, clerk)
    assert let_go(late, clerk) == first
    with pytest.raises(DomainError, match="già stato deciso"):
        ask(late, clerk)
    with scopes_disabled():
        assert ReceiptCase.objects.get().note.startswith("Accettato come saldo: Ritardo")


def test_letting_go_wants_a_reason(late, clerk):
    with pytest.raises(DomainError, match="agli atti"):
        let_go(late, clerk, reason="  ")
    assert in_doubt(late)


def test_a_difference_that_was_cancelled_may_be_decided_again(late, clerk):
    rest = ask(late, clerk)
    with scope(entity=late.entity):
        position_withdraw(position_id=rest.position_id, reason="Errore", actor=clerk)
        assert rest_of(late) is None
        assert missing(late).cents == 1260
    again = ask(late, clerk)
    assert again.pk != rest.pk
    assert rest_of(late) == again


@pytest.mark.parametrize(("number", "amount", "day"), [(True, "45.90", "2026-03-16"), (False, "58.50", "2026-03-17")])
def test_who_paid_what_was_due_owes_nothing_more(fined, clerk, number, amount, day):
    fine = fined(**SERVED)
    pay(numbers_of(fine)[number].nav, amount, day)
    with scope(entity=fine.entity):
        assert missing(fine) is None
    for decide in (ask, let_go):
        with pytest.raises(DomainError, match="non manca niente"):
            decide(fine, clerk)


def test_nothing_is_asked_for_a_fine_not_paid_or_whose_day_of_service_nobody_knows(fined, clerk):
    fine = fined()
    with pytest.raises(DomainError):
        ask(fine, clerk)
    pay(numbers_of(fine)[True].nav, "45.90", "2026-03-17")
    with pytest.raises(DomainError):
        ask(fine, clerk)


def test_a_receipt_already_said_to_be_enough_is_not_opened_again(late, clerk):
    with scope(entity=late.entity):
        receipt_case_resolve(case_id=ReceiptCase.objects.get().pk, note="Va bene così", actor=clerk)
        assert missing(late) is None


def test_without_a_confirmed_term_nobody_is_asked(late, clerk, monkeypatch):
    monkeypatch.setattr("payments.fines.services.rests.rest_terms", lambda: (RestTerm(30, date(2022, 1, 1), "atto"),))
    with pytest.raises(DomainError, match="termine confermato"):
        ask(late, clerk)
    with scopes_disabled():
        assert not FineRest.objects.exists()


def test_both_decisions_are_in_the_audit_trail(late, clerk):
    ask(late, clerk)
    event = Event.objects.get(action="fines.rest_decided")
    assert event.data["cents"] == 1260
    assert "Rossi" not in str(event.data)


def test_a_decision_stays_as_it_was(late, clerk):
    rest = let_go(late, clerk)
    with scopes_disabled():
        with pytest.raises(DatabaseError, match="evidence"), transaction.atomic():
            FineRest.objects.filter(pk=rest.pk).update(reason="altro")
        with pytest.raises(DatabaseError, match="evidence"), transaction.atomic():
            FineRest.objects.filter(pk=rest.pk).delete()


def test_the_anomaly_page_tells_the_difference_and_offers_both_ways(late):
    client = browser(late.entity, Role.ACCOUNTANT, office=None)
    with scopes_disabled():
        page = reverse("admin:payments_receiptcase_change", args=[ReceiptCase.objects.get().pk])
    text = client.get(page).content.decode()
    assert "12,60" in text
    for words in ("Chiedi la differenza", "Accetta come saldo"):
        assert words in text
    asked = client.get(f"/admin/payments_fines/fine/{late.pk}/azione/differenza/").content.decode()
    assert "12,60" in asked
    assert "Fatto: Chiedi la differenza" in move(client, late, "differenza").content.decode()
    text = client.get(page).content.decode()
    assert "è stata chiesta la differenza di 12,60" in text
    assert "Chiedi la differenza" not in text
    assert "Chiedi la differenza" not in client.get(change(late)).content.decode()
    assert "chiesti 12,60" in client.get(change(late)).content.decode()


def test_letting_go_from_the_page_wants_a_reason(late):
    client = browser(late.entity)
    assert "Scrivi il motivo" in move(client, late, "saldo", reason="").content.decode()
    move(client, late, "saldo", reason="Un giorno solo")
    assert "accettato come saldo: Un giorno solo" in client.get(change(late)).content.decode()


def test_the_office_of_another_body_decides_nothing(late, firenze):
    client = browser(firenze)
    for name in ("differenza", "saldo", "fuori-pagopa"):
        assert client.post(f"/admin/payments_fines/fine/{late.pk}/azione/{name}/", {"reason": "x"}).status_code == 404
    with scopes_disabled():
        assert not FineRest.objects.exists()


def test_the_debtor_finds_the_difference_on_the_page_of_the_fine_and_back(late, clerk):
    mario = citizen_client(Acting(make_person("Mario", "Rossi", fiscal_code="RSSMRA60D20F205C")))
    fine_page = reverse("payments:position", args=[late.position.charge.uuid])
    assert "l'ufficio controlla" in mario.get(fine_page).content.decode()
    rest = ask(late, clerk)
    with scopes_disabled():
        asked = rest.position.charge
    text = mario.get(fine_page).content.decode()
    assert "l'ufficio ha chiesto la differenza di <strong>12,60" in text
    rest_page = reverse("payments:position", args=[asked.uuid])
    assert rest_page in text
    text = mario.get(rest_page).content.decode()
    assert "Perché ti chiediamo questa somma" in text
    assert fine_page in text
    shares = ((1, "12.60", "80000410508", IBAN),)
    node.post(node.send(node.Receipt(asked.notice_number, receipt_id="c" * 32, amount="12.60", transfers=shares)))
    assert "Risulta pagata anche la differenza" in mario.get(fine_page).content.decode()


FOREIGN = {"targa": "M-XY 1234", "nazione": "DE", "codice_fiscale": "", "debitore": "Erika Mustermann"}


def transfer(fine, actor, cents, day, position_id=None):
    with scope(entity=fine.entity):
        arrived = Arrived(day, cents, How.TRANSFER, "TRN 0123456789")
        return outside_record(position_id=position_id or fine.position_id, arrived=arrived, actor=actor)


def confirm(row, actor, reason=""):
    with scope(entity=row.entity):
        return outside_confirm(outside_id=row.pk, reason=reason, actor=actor)


@pytest.mark.parametrize(
    ("cents", "day", "discounted"), [(4590, date(2026, 3, 16), True), (5850, date(2026, 3, 17), False)]
)
def test_a_foreign_driver_pays_by_bank_transfer_what_was_due_on_the_day_of_credit(
    fined, clerk, second, cents, day, discounted
):
    fine = fined(**SERVED, **FOREIGN)
    row = confirm(transfer(fine, clerk, cents, day), second)
    numbers = numbers_of(fine)
    assert row.instalment_id == numbers[discounted].pk
    assert b"PAA_PAGAMENTO_DUPLICATO" in node.post(node.verify(numbers[discounted].nav)).content
    other = node.post(node.verify(numbers[not discounted].nav)).content
    assert b"<outcome>KO</outcome>" in other
    assert missing(fine) is None


def test_the_discount_credited_a_day_late_is_short_of_the_reduced_amount(fined, clerk, second):
    fine = fined(**SERVED, **FOREIGN)
    row = transfer(fine, clerk, 4590, date(2026, 3, 17))
    with pytest.raises(DomainError, match="scrivi perché"):
        confirm(row, second)
    row = confirm(row, second, "Spese bancarie all'estero")
    assert row.amount_cents - row.due_cents == -1260
    assert missing(fine) is None


def test_a_transfer_found_late_when_the_day_of_service_comes_goes_back_to_the_office(fined, clerk, second):
    fine = fined(**FOREIGN)
    confirm(transfer(fine, clerk, 4590, date(2026, 3, 17)), second)
    assert not in_doubt(fine)
    with scope(entity=fine.entity):
        fine_serve(fine_id=fine.pk, served_on=date(2026, 3, 10), how=ServedHow.MAIL, actor=clerk)
    fine.refresh_from_db()
    assert in_doubt(fine)
    rest = ask(fine, clerk)
    assert rest.cents == 1260
    row = transfer(fine, clerk, 1260, date(2026, 3, 20), position_id=rest.position_id)
    confirm(row, second)
    with scopes_disabled():
        assert Position.objects.get(pk=rest.position_id).state == "paid"


def test_the_desk_of_fines_finds_a_fine_by_what_the_transfer_says_and_records_it(fined, body):
    fine = fined(**SERVED, **FOREIGN)
    client = browser(body)
    reference = " ".join(fine.reference[start : start + 4] for start in range(0, len(fine.reference), 4))
    nav = numbers_of(fine)[False].nav
    for words in (fine.reference, reference, reference.lower(), "M-XY 1234", "1001", nav, f"{nav[:4]} {nav[4:]}"):
        found = client.get("/admin/payments_fines/fine/", {"q": words}).context["cl"].queryset
        assert [row.pk for row in found] == [fine.pk], words
    assert "Registra un pagamento fuori da pagoPA" in client.get(change(fine)).content.decode()
    said = {"credited_on": "2026-03-17", "euro": "58,50", "how": "transfer", "reference": "TRN 1", "note": ""}
    wrong = client.post(f"/admin/payments_fines/fine/{fine.pk}/azione/fuori-pagopa/", {**said, "reference": ""})
    assert wrong.status_code == 422
    move(client, fine, "fuori-pagopa", **said)
    with scopes_disabled():
        row = OutsidePayment.objects.get()
    assert (row.position_id, row.amount_cents, row.state) == (fine.position_id, 5850, "requested")
    assert "da confermare" in client.get(change(fine)).content.decode()
    assert User.objects.get(pk=row.requested_by_id).username.startswith("officer")


def test_the_fine_says_that_it_was_paid_without_pagopa(fined, clerk, second):
    fine = fined(**SERVED)
    confirm(transfer(fine, clerk, 5850, date(2026, 3, 17)), second)
    mario = citizen_client(Acting(make_person("Mario", "Rossi", fiscal_code="RSSMRA60D20F205C")))
    text = mario.get(reverse("payments:position", args=[fine.position.charge.uuid])).content.decode()
    assert "Pagato con bonifico il 17/03/2026, fuori da pagoPA." in text
    assert "Questa multa risulta pagata: non c'è altro da pagare." in text


@given(
    st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 10**5), st.booleans(), st.integers(0, 120),
    st.integers(1, 10**6),
)  # fmt: skip
def test_a_shortfall_is_always_a_positive_difference(minimum, more, costs, discountable, days, paid):
    day = date(2026, 3, 10)
    found = amounts(Sanction(minimum, minimum + more, costs, discountable), law=law(), on=day)
    due = terms(day, law=law(), on=day)
    on = date.fromordinal(day.toordinal() + days)
    short = shortfall(found, due, paid_on=on, paid=paid)
    assert (short is None) == (paid >= due_on(found, due, on))
    assert short is None or short.cents == short.due - short.paid > 0


def test_only_a_confirmed_term_in_force_holds():
    rows = (RestTerm(30, date(2022, 1, 1), "atto", "x"), RestTerm(60, date(2026, 1, 1), "atto"))
    assert term_on(rows, date(2025, 12, 31)) == rows[0]
    assert term_on(rows, date(2026, 1, 1)) is None
    assert term_on(rows, date(2021, 1, 1)) is None
    assert all(row.source for row in rest_terms())
    assert set(DECISION_LABELS) == set(Decision)


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_open_one_position(late, clerk, second):
    barrier, found = Barrier(2), []

    def run(actor):
        with scopes_disabled():
            barrier.wait()
            found.append(fine_rest_ask(fine_id=late.pk, actor=actor).pk)
            connections.close_all()

    threads = [Thread(target=run, args=[actor]) for actor in (clerk, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
