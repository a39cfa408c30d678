"""Positions: numbers unique for ever, amounts that add up, cancellation, papers."""

from datetime import date
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django_scopes import scope, scopes_disabled
from django_scopes.exceptions import ScopeError

from payments.domain import codes
from payments.domain.states import State
from payments.models import CreditorEntity, DebtKind, Instalment, IuvSequence, Notice, Position, Transfer
from payments.seeds import seed
from payments.services.documents import notice_document, receipt_document
from payments.services.positions import position_open, position_report
from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.billing.models import Charge
from portal.billing.services import cancel_charge
from portal.billing.socket import ChargeLineDraft, Payer, biller
from portal.documents.models import Document
from portal.kernel.errors import DomainError
from portal.kernel.states import MoveNotAllowed
from portal.outbox.models import OutboxMessage
from portal.outbox.services import carry_due
from tests.factories.platform import make_company, make_person
from tests.payments.node_messages import Receipt, post, send

pytestmark = pytest.mark.usefixtures("every_entity")
SYSTEM = Actor.system("prova")


def test_a_charge_opens_a_position_with_a_number_of_the_body(notice):
    number = codes.parse(notice.nav)
    assert (number.aux, number.prefix, number.iuv) == (3, "01", notice.iuv)
    assert number.check_is_right
    assert notice.option.position.state == State.PUBLISHED
    assert Charge.objects.get().notice_number == notice.nav
    rows = notice.transfers.values_list("seq", "amount_cents", "category", "remittance")
    assert list(rows) == [
        (1, 3200, "DEMO02TS", "Imposta di bollo assolta in modo virtuale"),
        (2, 1600, "DEMO01TS", "Trasporti eccezionali - oneri di istruttoria"),
    ]


def test_lines_of_one_kind_become_one_transfer(pisa, charged):
    lines = [ChargeLineDraft(f"riga-{n}", f"Riga {n}", 100, "TE_BOLLO") for n in range(1, 8)]
    notice = charged(pisa, lines=lines)
    assert [row.amount_cents for row in notice.transfers.all()] == [700]


def test_more_than_five_kinds_do_not_fit_in_a_notice(pisa, charged):
    for n in range(6):
        DebtKind.objects.create(
            entity=pisa,
            code=f"K{n}",
            description="Prova",
            taxonomy_code="0301107TP",
            valid_from=date(2020, 1, 1),
            source="prova",
            confirmed_by="prova",
        )
    with pytest.raises(DomainError, match="cinque"):
        charged(pisa, lines=[ChargeLineDraft(f"k{n}", "Prova", 100, f"K{n}") for n in range(6)])
    assert not Position.objects.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"confirmed_by": ""}, "debt_kind_unconfirmed"),
        ({"valid_until": date(2026, 1, 2)}, "debt_kind_missing"),
        ({"valid_from": date(2999, 1, 1)}, "debt_kind_missing"),
    ],
)
def test_a_kind_of_debt_out_of_date_or_unconfirmed_asks_for_no_money(pisa, charged, change, code):
    DebtKind.objects.filter(code="TE_BOLLO").update(**change)
    with pytest.raises(DomainError) as error:
        charged(pisa)
    assert error.value.code == code
    assert not Charge.objects.exists()


def test_the_latest_row_of_a_kind_is_the_one_in_force(pisa, charged):
    kind = DebtKind.objects.get(entity=pisa, code="TE_BOLLO")
    kind.pk, kind.valid_from, kind.description = None, date(2026, 6, 1), "Bollo nuovo"
    kind.save(force_insert=True)
    assert charged(pisa).transfers.get(seq=1).remittance == "Bollo nuovo"


def test_a_body_without_pagopa_data_cannot_ask_for_money(db, charged):
    from tests.factories.platform import make_entity

    with pytest.raises(DomainError, match="pagoPA"):
        charged(make_entity("LI"))


def test_numbers_follow_each_other_and_bodies_have_their_own(pisa, firenze, charged):
    first, second = charged(pisa, source="case:1"), charged(pisa, source="case:2")
    other = charged(firenze, source="case:3")
    sequences = [int(codes.parse(row.nav).sequence) for row in (first, second, other)]
    assert sequences == [1, 2, 1]
    assert len({first.nav, second.nav, other.nav}) == 3


@pytest.mark.parametrize("field", ["nav", "iuv"])
def test_the_database_refuses_a_number_used_before(pisa, charged, field):
    first, second = charged(pisa, source="case:1"), charged(pisa, source="case:2")
    copy = Instalment.objects.get(pk=second.pk)
    copy.pk, copy.number, copy.nav, copy.iuv = None, 2, "302" + "9" * 15, "02" + "9" * 15
    setattr(copy, field, getattr(first, field))
    with pytest.raises(IntegrityError, match="unique_for_ever"), transaction.atomic():
        copy.save(force_insert=True)


def test_the_database_refuses_transfers_that_do_not_add_up(notice):
    with pytest.raises(IntegrityError, match="transfers of instalment"), transaction.atomic():
        Transfer.objects.filter(seq=1).update(amount_cents=3201)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("change", [{"seq": 6}, {"seq": 0}, {"amount_cents": 0}, {"iban": ""}])
def test_the_database_refuses_impossible_transfers(notice, change):
    with pytest.raises(IntegrityError), transaction.atomic():
        Transfer.objects.filter(seq=1).update(**change)


@pytest.mark.django_db(transaction=True)
def test_twelve_charges_at_once_get_twelve_numbers(pisa, charged):
    gate, found = Barrier(12), []

    def open_one(number):
        gate.wait()
        try:
            with scopes_disabled():
                found.append(charged(pisa, source=f"case:{number}").nav)
        finally:
            connections.close_all()

    threads = [Thread(target=open_one, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 12
    assert IuvSequence.objects.get().next_value == 13


def test_a_refused_charge_leaves_no_position_behind(pisa, charged):
    with pytest.raises(RuntimeError), transaction.atomic():
        charged(pisa)
        raise RuntimeError
    assert not Position.objects.exists()
    assert charged(pisa).nav


def test_an_unpaid_position_is_cancelled_with_its_charge(notice):
    cancel_charge(charge_id=Charge.objects.get().pk, actor=SYSTEM)
    assert Position.objects.get().state == State.CANCELLED


def test_a_paid_position_cannot_be_cancelled(notice):
    post(send(Receipt(notice.nav)))
    with pytest.raises(DomainError, match="già pagato"):
        biller().cancel(Charge.objects.get())


def test_a_position_is_reported_once_it_is_paid(notice):
    with pytest.raises(MoveNotAllowed):
        position_report(position_id=Position.objects.get().pk)
    post(send(Receipt(notice.nav)))
    assert position_report(position_id=Position.objects.get().pk).state == State.REPORTED


def test_every_move_leaves_an_event(notice):
    post(send(Receipt(notice.nav)))
    actions = set(Event.objects.values_list("action", flat=True))
    assert {"payments.position_opened", "payments.receipt_arrived", "payments.receipt_judged"} <= actions
    assert "payments.position_moved" in actions
    assert "Rossi" not in str(list(Event.objects.values_list("data", flat=True)))


def test_positions_are_not_read_without_a_scope_and_one_scope_hides_the_other(notice, firenze):
    with scope(entity=firenze):
        assert not Position.objects.exists()
        assert not Transfer.objects.exists()
    with scope(entity=notice.entity):
        assert Position.objects.count() == 1


def test_without_a_scope_the_tables_refuse_to_answer(notice):
    with scope(), pytest.raises(ScopeError):
        list(Position.objects.all())


def test_the_worker_prints_the_notice_once_for_its_holder(pisa, charged):
    company = make_company("Trasporti S.r.l.")
    from portal.billing.socket import Payer

    charged(pisa, payer=Payer("G", company.fiscal_code, company.name))
    message = OutboxMessage.objects.get(handler="payments.notice")
    carry_due()
    OutboxMessage.objects.filter(pk=message.pk).update(state="pending")
    carry_due()
    printed = Notice.objects.get()
    assert printed.document.holder_company == company
    assert printed.document.file.content_type == "application/pdf"
    assert Document.objects.count() == 1


def test_who_asks_before_the_worker_gets_the_notice_at_once(notice):
    document = biller().notice_document(Charge.objects.get())
    assert document is not None
    with document.file.file.open("rb") as file:
        assert file.read(5) == b"%PDF-"
    carry_due()
    assert Document.objects.count() == 1


def test_a_cancelled_position_is_not_printed(notice):
    charge = Charge.objects.get()
    cancel_charge(charge_id=charge.pk, actor=SYSTEM)
    assert biller().notice_document(charge) is None


def test_the_receipt_exists_only_after_the_payment_and_is_printed_once(pisa, charged):
    person = make_person(fiscal_code="RSSMRA60D20F205R")
    notice = charged(pisa)
    charge = Charge.objects.get()
    assert biller().receipt_document(charge) is None
    post(send(Receipt(notice.nav)))
    first = biller().receipt_document(charge)
    carry_due()
    assert biller().receipt_document(charge) == first
    assert first.holder_person == person
    assert Document.objects.filter(kind="payments.receipt").count() == 1


def test_a_stranger_s_scope_prints_nothing(notice, firenze):
    with pytest.raises(Position.DoesNotExist):
        notice_document(position_id=notice.option.position_id, entity_id=firenze.pk)
    with pytest.raises(Instalment.DoesNotExist):
        receipt_document(instalment_id=notice.pk, entity_id=firenze.pk)


def test_a_position_is_made_once_for_a_charge(notice):
    with pytest.raises(IntegrityError), transaction.atomic():
        position_open(charge=Charge.objects.get(), payer=Payer("F", "RSSMRA60D20F205R", "Mario Rossi"))


def test_seeding_twice_changes_nothing(pisa):
    before = list(CreditorEntity.objects.values()), list(DebtKind.objects.values())
    seed()
    assert (list(CreditorEntity.objects.values()), list(DebtKind.objects.values())) == before
