"""What a person says and no document does: a payment is a double one, a credit pays a fine of a foreign plate."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from payments.domain.outside import State as OutsideState
from payments.fines.domain.references import in_groups
from payments.models import OutsidePayment, ReceiptCase
from payments.reconciliation.domain.accounts import Account, Source
from payments.reconciliation.domain.creditor_references import plates_in, references_in
from payments.reconciliation.domain.explanations import explain
from payments.reconciliation.domain.outcomes import Code, Owner
from payments.reconciliation.models import (
    DuplicateMark,
    FlowLine,
    LedgerPosting,
    Match,
    OutsideCredit,
    ReportingFlow,
    Suggestion,
    TreasuryMovement,
)
from payments.reconciliation.selectors import duplicates
from payments.reconciliation.selectors.duplicates import possible_duplicates
from payments.reconciliation.selectors.foreign import foreign_transfers
from payments.reconciliation.selectors.ledger import balances
from payments.reconciliation.selectors.work import code_queues, owner_queues
from payments.reconciliation.services.books import books_update
from payments.reconciliation.services.duplicates import (
    NotADuplicate,
    Paid,
    RefundUnderWay,
    duplicate_deny,
    duplicate_mark,
    duplicate_unmark,
)
from payments.reconciliation.services.foreign import NothingToRecord, outside_from_credit
from payments.reconciliation.services.linking import CannotLink, Piece, link_by_hand
from payments.reconciliation.services.people import NotAnAccountant, ReasonNeeded
from payments.reconciliation.services.suggestions import suggestion_confirm
from payments.sandbox.treasurer import Credit
from payments.services.outside import outside_confirm, outside_refuse, outside_reverse
from payments.services.refunds import refund_request
from portal import clock
from portal.accounts.models import User
from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.kernel.errors import DomainError
from tests.payments.reconciliation.acts import act, paid
from tests.payments.reconciliation.builders import DAY, line
from tests.payments.reconciliation.debts import numbered
from tests.payments.reconciliation.people import accountant

WHY = "È lo stesso verbale"


@pytest.fixture
def twice(kept, owed):
    """A notice on the windscreen and the fine for the same fact, both paid and in order."""
    notices = [owed(), owed()]
    receipts = [paid(notice, f"RT-{number}") for number, notice in enumerate(notices, 1)]
    kept.flow([line(row.iuv, f"RT-{number}", 4800, seq=number) for number, row in enumerate(notices, 1)])
    kept.run()
    return receipts


def mark(kept, actor, receipt, first, call=duplicate_mark, **changes):
    values = {"first": first, "reason": WHY} | changes
    payment = Paid(receipt_id=receipt.pk)
    return call(entity=kept.entity, payment=payment, user_id=actor.user_id, actor=actor, **values)


def unmark(kept, actor, row, reason="Due soste diverse"):
    return duplicate_unmark(entity=kept.entity, mark_id=row.pk, reason=reason, user_id=actor.user_id, actor=actor)


def test_a_person_calls_a_payment_double_and_the_verdict_and_the_books_follow(kept, twice, anna):
    first, second = twice
    assert ("line", "duplicate_on_act") not in kept.said()
    mark(kept, anna, second, first.nav)
    [verdict] = kept.standing("duplicate_on_act")
    assert verdict.facts | {"by_person": True, "first_iuv": first.iuv} == verdict.facts
    assert LedgerPosting.objects.filter(account="duplicates").values_list("cents", flat=True).get() == -4800
    assert Event.objects.filter(action="reconciliation.duplicate_marked").exists()


def test_what_a_person_called_double_stands_through_every_run(kept, twice, anna):
    mark(kept, anna, twice[1], twice[0].iuv)
    hashed = kept.run().hash
    assert kept.run(full=True).hash == hashed
    assert kept.standing("duplicate_on_act")


def test_what_was_called_double_is_taken_back_by_a_contrary_and_stays_taken_back(kept, twice, anna):
    before = kept.run(full=True).hash
    row = mark(kept, anna, twice[1], twice[0].receipt_id)
    unmark(kept, anna, row)
    assert not kept.standing("duplicate_on_act")
    assert kept.run(full=True).hash == before
    assert sum(LedgerPosting.objects.filter(account="duplicates").values_list("cents", flat=True)) == 0
    with pytest.raises(NotADuplicate):
        unmark(kept, anna, row)


def test_its_refund_starts_from_its_receipt_and_then_the_word_is_not_taken_back(kept, twice, anna):
    row = mark(kept, anna, twice[1], twice[0].nav)
    case = ReceiptCase.objects.get(receipt=twice[1])
    refund_request(
        case_id=case.pk, cents=4800, beneficiary_name="Mario Rossi", iban="IT60X0542811101000000123456",
        reason=WHY, actor=anna,
    )  # fmt: skip
    with pytest.raises(RefundUnderWay):
        unmark(kept, anna, row)


@pytest.mark.parametrize("number", ["", "000", "itself"])
def test_a_double_needs_the_payment_that_it_doubles(kept, twice, anna, number):
    with pytest.raises(NotADuplicate):
        mark(kept, anna, twice[1], twice[1].iuv if number == "itself" else number)


def test_a_double_is_called_so_once_with_a_reason_and_by_an_accountant(kept, twice, anna, livorno):
    with pytest.raises(ReasonNeeded):
        mark(kept, anna, twice[1], twice[0].nav, reason=" ")
    with pytest.raises(NotAnAccountant):
        mark(kept, Actor(label="x", user_id=User.objects.create_user(username="x").pk), twice[1], twice[0].nav)
    mark(kept, anna, twice[1], twice[0].nav)
    with pytest.raises(NotADuplicate):
        mark(kept, anna, twice[1], twice[0].nav)
    with pytest.raises(NotADuplicate):
        mark(kept, anna, twice[0], twice[1].nav)  # the double of a double


@pytest.mark.parametrize("change", [{"reason": "altro"}, {"iuv": "0"}, "delete"])
def test_what_was_said_of_a_double_is_never_rewritten(kept, twice, anna, change):
    rows = DuplicateMark.objects.filter(pk=mark(kept, anna, twice[1], twice[0].nav).pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete() if change == "delete" else rows.update(**change)


def test_two_acts_for_the_same_vehicle_day_and_place_look_like_a_double(kept, twice, anna, pisa, owed):
    for row, place in zip(twice, ["Via Roma 1", " VIA ROMA 1"], strict=True):
        act(ReceiptCase.objects.get(receipt=row).instalment, place=place, country="IT", reference="", plate="AB123CD")
    act(owed(), place="Via Roma 1", country="IT", reference="", plate="AB123CD")  # not paid
    [found] = possible_duplicates([pisa.pk])
    assert (found.receipt, found.first) == (twice[1], twice[0])
    mark(kept, anna, found.receipt, found.first.receipt_id, call=duplicate_deny)
    assert possible_duplicates([pisa.pk]) == []
    assert not DuplicateMark.objects.filter(live=True).exists()


def test_what_nobody_has_decided_is_shown_however_much_was_decided_before(kept, owed, anna, pisa, monkeypatch):
    monkeypatch.setattr(duplicates, "MOST", 1)
    pairs = []
    for plate in ("AB123CD", "EF456GH", "IL789MN"):
        pairs.append([paid(owed(), f"RT-{plate}-{number}") for number in (1, 2)])
        for row in pairs[-1]:
            act(ReceiptCase.objects.get(receipt=row).instalment, country="IT", reference="", plate=plate)
    for first, second in reversed(pairs):
        [found] = possible_duplicates([pisa.pk])
        assert (found.receipt, found.first) == (second, first)  # the newest first
        mark(kept, anna, second, first.receipt_id, call=duplicate_deny)
    assert possible_duplicates([pisa.pk]) == []


def test_the_instalments_of_an_act_are_no_doubles_of_each_other(kept, owed, anna, pisa):
    first = owed(kind="plan")
    notices = [first, numbered(first.option.position, option=first.option), owed()]
    receipts = [paid(notice, f"RT-{number}") for number, notice in enumerate(notices, 1)]
    for notice in (first, notices[2]):
        act(notice, country="IT", reference="", plate="AB123CD")
    assert [(row.receipt, row.first) for row in possible_duplicates([pisa.pk])] == [(receipts[2], receipts[0])]


@pytest.fixture
def abroad(kept, owed):
    """A credit of 48,00 euro for an act of a German plate."""
    fine = act(owed())
    kept.journal([Credit(4800, f"STRAFZETTEL {in_groups(fine.reference)} ITALIEN", "TRN1", "Hans Prova")])
    kept.run()
    return fine


def record(kept, actor, fine, cents=4800):
    movement = TreasuryMovement.objects.get(customer="Hans Prova")
    return outside_from_credit(
        entity=kept.entity, movement_id=movement.pk, fine_id=fine.pk, cents=cents, user_id=actor.user_id, actor=actor
    )


def test_a_transfer_with_our_reference_waits_with_its_act(kept, abroad, pisa):
    assert ("movement", "treasury_not_pagopa") in kept.said()
    [found] = foreign_transfers([pisa.pk])
    assert (found.fine, found.free_cents, found.exact, found.by_plate) == (abroad, 4800, True, False)


def test_one_records_another_confirms_and_the_credit_is_explained(kept, abroad, pisa, anna, bruno):
    credit = record(kept, anna, abroad)
    assert foreign_transfers([pisa.pk]) == []
    kept.run()
    assert ("movement", "treasury_not_pagopa") in kept.said()  # nobody has confirmed it yet
    with pytest.raises(DomainError):
        outside_confirm(outside_id=credit.outside_id, actor=anna)
    outside_confirm(outside_id=credit.outside_id, actor=bruno)
    kept.run()
    [verdict] = [row for row in kept.standing() if row.subject == "movement" and row.cents == 4800]
    assert verdict.code == "reconciled"
    assert "fuori da pagoPA" in explain(Code(verdict.code), verdict.facts)
    assert kept.run(full=True).run_id is None


def test_what_came_from_abroad_is_in_the_books_until_it_is_taken_back(kept, abroad, pisa, anna, bruno):
    def stands() -> tuple[int, int]:
        kept.run()
        books_update(entity=pisa, actor=anna)
        assert books_update(entity=pisa, actor=anna, full=True).postings == 0
        books = balances([pisa.pk], on=clock.today())
        assert books.zero == 0
        return books.of(Account.CREDITS_TO_ATTRIBUTE), books.of(Account.UNALLOCATED)

    books_update(entity=pisa, actor=anna)
    free, unallocated = stands()
    credit = record(kept, anna, abroad)
    assert stands() == (free, unallocated)
    outside_confirm(outside_id=credit.outside_id, actor=bruno)
    assert stands() == (free - 4800, unallocated + 4800)
    assert LedgerPosting.objects.filter(entry__source=Source.OUTSIDE).count() >= 2
    taken_back = outside_reverse(outside_id=credit.outside_id, reason="Non era suo", actor=anna)
    assert stands() == (free - 4800, unallocated + 4800)
    outside_confirm(outside_id=taken_back.pk, actor=bruno)
    assert stands() == (free, unallocated)


def test_a_credit_that_the_treasurer_takes_back_leaves_nothing_in_the_books(kept, abroad, pisa, anna, bruno):
    outside_confirm(outside_id=record(kept, anna, abroad).outside_id, actor=bruno)
    kept.run()
    books_update(entity=pisa, actor=anna)
    back = TreasuryMovement.objects.get(customer="Hans Prova")
    back.pk, back.operation, back.movement_number = None, "STORNATO", "99"
    back.save(force_insert=True)
    kept.run()
    books_update(entity=pisa, actor=anna)
    outside = LedgerPosting.objects.filter(entry__source=Source.OUTSIDE)
    assert outside.exists()
    assert sum(posting.cents for posting in outside if posting.account == Account.UNALLOCATED) == 0
    assert books_update(entity=pisa, actor=anna, full=True).postings == 0


def test_a_recording_that_is_refused_frees_its_credit(kept, abroad, pisa, anna, bruno):
    credit = record(kept, anna, abroad)
    outside_refuse(outside_id=credit.outside_id, reason="Non è arrivato", actor=bruno)
    kept.run()
    assert len(foreign_transfers([pisa.pk])) == 1
    record(kept, anna, abroad)
    assert OutsideCredit.objects.count() == 2


def test_a_part_of_a_credit_leaves_the_rest_unexplained(kept, abroad, anna, bruno):
    outside_confirm(outside_id=record(kept, anna, abroad, 4000).outside_id, reason="Acconto", actor=bruno)
    kept.run()
    found = {(row.code, row.cents) for row in kept.standing() if row.subject == "movement"}
    assert {("reconciled", 4000), ("treasury_not_pagopa", 800)} <= found


def test_a_credit_that_is_in_part_of_a_flow_leaves_a_problem_and_is_not_called_outside(kept, abroad, anna, bruno):
    kept.flow([line(f"{9:017d}", "RT-9", 1000)])
    money, paper = TreasuryMovement.objects.get(customer="Hans Prova"), ReportingFlow.objects.get()
    outside_confirm(outside_id=record(kept, anna, abroad, 3000).outside_id, reason="Acconto", actor=bruno)
    piece = Piece(money.pk, 1000, flow_id=paper.pk)
    link_by_hand(entity=kept.entity, pieces=[piece], reason=WHY, user_id=anna.user_id, actor=anna)
    kept.on(DAY + timedelta(1))
    kept.run(full=True)
    found = {row.code: row for row in kept.standing() if row.movement_id == money.pk}
    assert {code: row.cents for code, row in found.items()} == {"reconciled": 4000}
    sentence = explain(Code.RECONCILED, found["reconciled"].facts)
    assert "in parte un pagamento fuori da pagoPA" in sentence
    assert paper.iuf in sentence
    kept.on(DAY + timedelta(20))
    kept.run()
    [rest] = [row for row in kept.standing(Code.TREASURY_WITHOUT_FLOW) if row.movement_id == money.pk]
    assert rest.cents == 800
    assert "restano" in explain(Code(rest.code), rest.facts)


def test_who_must_act_is_told_that_the_money_of_a_payment_outside_pagopa_went_back(kept, abroad, pisa, anna, bruno):
    def taken_back(root):
        root.find("informazioni_conto_evidenza/movimento_conto_evidenza/tipo_operazione").text = "STORNATO"

    credit = record(kept, anna, abroad)
    outside_confirm(outside_id=credit.outside_id, actor=bruno)
    kept.run()
    kept.ledger["number"] = 0
    kept.journal([Credit(4800, "STRAFZETTEL", "TRN1", "Hans Prova")], day=DAY + timedelta(1), change=taken_back)
    kept.run()
    [verdict] = kept.standing(Code.OUTSIDE_TAKEN_BACK)
    assert (verdict.movement, verdict.cents, verdict.since) == (credit.movement, 4800, DAY + timedelta(1))
    assert abroad.reference in explain(Code.OUTSIDE_TAKEN_BACK, verdict.facts)
    assert [
        box.count
        for box in owner_queues(code_queues(entity_ids=[pisa.pk], user_id=anna.user_id))
        if box.owner is Owner.ACCOUNTING
    ] == [1]
    taken_back = outside_reverse(outside_id=credit.outside_id, reason="Il denaro è tornato indietro", actor=anna)
    outside_confirm(outside_id=taken_back.pk, actor=bruno)
    kept.run()
    assert kept.standing(Code.OUTSIDE_TAKEN_BACK) == []
    assert [row.movement for row in kept.standing(Code.REVERSED)] == [credit.movement]
    assert kept.run(full=True).run_id is None


def test_no_more_than_the_credit_and_no_credit_that_is_gone(kept, abroad, anna, pisa):
    with pytest.raises(NothingToRecord):
        record(kept, anna, abroad, 4801)
    with pytest.raises(NothingToRecord):
        outside_from_credit(entity=pisa, movement_id=0, fine_id=abroad.pk, cents=1, user_id=anna.user_id, actor=anna)
    assert not OutsidePayment.objects.filter(state=OutsideState.REQUESTED).exists()


@pytest.mark.parametrize("confirmed", [False, True])
@pytest.mark.parametrize("cents", [4800, 1000])
def test_a_credit_recorded_outside_pagopa_is_not_given_to_a_flow_as_well(kept, owed, anna, bruno, confirmed, cents):
    fine = act(owed())
    kept.flow([line("01000000000004285", "RT-9", 4800)])
    kept.journal([Credit(4800, "ACCREDITO Poste di prova", "TRN1", "Hans Prova")])
    kept.run()
    [proposed] = Suggestion.objects.filter(state="open")
    row = record(kept, anna, fine, cents)
    if confirmed:
        outside_confirm(outside_id=row.outside_id, reason="Acconto", actor=bruno)
    with pytest.raises(CannotLink, match="attribuita ad altro"):
        suggestion_confirm(entity=kept.entity, suggestion_id=proposed.pk, user_id=bruno.user_id, actor=bruno)
    assert Suggestion.objects.get(pk=proposed.pk).state == "open"
    assert not Match.objects.filter(movement__isnull=False, live=True).exists()


def test_a_flow_that_was_linked_meanwhile_takes_no_second_credit_from_a_proposal(kept, anna):
    kept.flow([line("01000000000004285", "RT-9", 4800)])
    kept.journal([Credit(4800, "ACCREDITO Poste di prova", f"TRN{number}", "Prova") for number in (1, 2)])
    kept.run()
    flow, proposed = ReportingFlow.objects.get(), Suggestion.objects.filter(state="open").first()
    Match.objects.create(
        entity=kept.entity, kind="flow_movement", flow=flow, made_by_id=anna.user_id, rule="by_hand", confidence="none",
        movement=TreasuryMovement.objects.exclude(pk__in=proposed.movements).get(cents=4800), cents=4800,
    )  # fmt: skip
    with pytest.raises(CannotLink):
        suggestion_confirm(entity=kept.entity, suggestion_id=proposed.pk, user_id=anna.user_id, actor=anna)


@pytest.mark.parametrize(("cents", "found"), [(4800, 1), (4700, 0)])
def test_a_plate_is_enough_only_with_the_amount_that_was_due(kept, owed, pisa, cents, found):
    act(owed())
    kept.journal([Credit(cents, "PAYMENT CAR M-AB 1234", "TRN1", "Hans Prova")], day=DAY + timedelta(1))
    kept.run()
    assert len(foreign_transfers([pisa.pk])) == found


@pytest.mark.parametrize(
    "text",
    ["{r}", "PAGAMENTO {r} CAR", "x{s}", "/ROC/{g} MULTA 12", "strafzettel {l}"],
)
def test_the_reference_is_read_as_banks_write_it(text):
    reference = "RF18539007547034"
    written = text.format(r=reference, s=" " + reference, g=in_groups(reference), l=in_groups(reference).lower())
    assert reference in references_in(written)


def test_what_only_looks_like_a_reference_is_none():
    assert references_in("ARF18539007547034 RF19539007547034 /RFS/010000000000042/48.00") == ()
    assert plates_in("BONIFICO MULTA") == ()


def desk(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def test_the_pages_call_a_payment_double_lead_to_its_refund_and_take_it_back(kept, twice, anna):
    client, page = desk(anna), reverse("admin:payments_reconciliation_double", args=[twice[1].pk])
    values = {"ricevuta": twice[1].pk, "primo": twice[0].nav, "motivo": WHY, "azione": "doppio"}
    case = ReceiptCase.objects.get(receipt=twice[1])
    assert client.post(page, values).url == reverse("admin:payments_receiptcase_refund", args=[case.pk])
    assert WHY in client.get(page).content.decode()
    assert WHY in client.get(reverse("admin:payments_reconciliation_doubles")).content.decode()
    client.post(page, {"ricevuta": twice[1].pk, "motivo": "Due soste", "azione": "annulla"})
    assert not DuplicateMark.objects.filter(live=True).exists()


def test_the_page_of_possible_doubles_asks_a_person_and_keeps_a_no(kept, twice, anna):
    for row in twice:
        act(ReceiptCase.objects.get(receipt=row).instalment, country="IT", reference="", plate="AB123CD")
    client, page = desk(anna), reverse("admin:payments_reconciliation_doubles")
    assert "AB123CD" in client.get(page).content.decode()
    values = {"ricevuta": twice[1].pk, "primo": twice[0].receipt_id, "motivo": "Due soste", "azione": "no"}
    assert client.post(page, values).status_code == 302
    assert "AB123CD" not in client.get(page).content.decode()


@pytest.mark.parametrize(
    "change", [{"azione": "altro"}, {"ricevuta": "x"}, {"motivo": "x" * 301}, {"motivo": ""}, {"primo": "\x00"}]
)
def test_what_cannot_be_read_calls_nothing_double(kept, twice, anna, change):
    values = {"ricevuta": twice[1].pk, "primo": twice[0].nav, "motivo": WHY, "azione": "doppio"} | change
    page = reverse("admin:payments_reconciliation_double", args=[twice[1].pk])
    assert desk(anna).post(page, values).status_code == 302
    assert not DuplicateMark.objects.exists()


def test_the_page_of_foreign_transfers_records_and_shows_who_must_confirm(kept, abroad, anna):
    client, page = desk(anna), reverse("admin:payments_reconciliation_foreign")
    shown = client.get(page).content.decode()
    assert abroad.reference in shown
    assert 'value="48,00"' in shown
    values = {"movimento": TreasuryMovement.objects.get(customer="Hans Prova").pk, "verbale": abroad.pk}
    assert client.post(page, values | {"importo": "molto"}).url == page
    assert not OutsideCredit.objects.exists()
    answer = client.post(page, values | {"importo": "48,00"})
    assert answer.url == reverse("admin:payments_outsidepayment_change", args=[OutsideCredit.objects.get().outside_id])
    assert "da confermare" in client.get(page).content.decode()


@pytest.mark.parametrize("name", ["doubles", "foreign", "double", "double_line"])
def test_the_pages_of_another_body_are_closed(kept, twice, livorno, name):
    other = desk(accountant(livorno, "carla"))
    args = {"double": [twice[1].pk], "double_line": [FlowLine.objects.earliest("pk").pk]}.get(name, [])
    answer = other.get(reverse(f"admin:payments_reconciliation_{name}", args=args))
    assert answer.status_code == (404 if args else 200)
    values = {"ricevuta": twice[1].pk, "primo": twice[0].nav, "motivo": WHY, "azione": "doppio"}
    if name != "foreign":
        assert other.post(answer.request["PATH_INFO"], values).status_code == 404
