"""A file of the back office becomes positions with their numbers: all of its rows, or none; once."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django_scopes import scope, scopes_disabled

from payments.fines.domain.imports import State
from payments.fines.models import FileKind, Fine, FineFile, FineImport
from payments.fines.services.files import file_check, file_queue, file_receive
from payments.fines.services.importing import import_run
from payments.models import DebtKind, Instalment, IuvSequence, Notice, PaymentOption, Position
from portal.audit.models import Event
from portal.billing.models import Charge
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from portal.kernel.states import MoveNotAllowed
from portal.outbox.models import OutboxMessage
from portal.outbox.services import carry_due
from tests.payments.fines.conftest import DESK, fine_of, numbers_of, take
from tests.payments.fines.fine_files import served, table

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


@pytest.fixture
def _at_noon() -> Any:
    with time_machine.travel("2026-11-20T12:00:00+01:00", tick=False):
        yield


def count(model: Any) -> int:
    with scopes_disabled():
        return model.objects.count()


def test_a_fine_has_two_single_options_each_with_its_number_and_costs_apart(body: Entity):
    take(body, table({"costo_send": "5,00"}))
    fine = fine_of(body)
    rows = numbers_of(fine)
    assert (rows[True].amount_cents, rows[False].amount_cents) == (2940 + 2150, 4200 + 2150)
    assert rows[True].nav != rows[False].nav
    for row in rows.values():
        assert row.option.kind == PaymentOption.Kind.SINGLE
        assert row.due_on is None
        assert not row.dated()
        with scopes_disabled():
            transfers = list(row.transfers.order_by("seq").values_list("debt_kind__code", "amount_cents"))
        assert transfers == [("CDS_SANZIONE", row.amount_cents - 2150), ("CDS_SPESE", 2150)]
    position = fine.position
    assert position.description == "Verbale n. V1001/2026 del 10/03/2026 - targa AB123CD"
    assert position.debtor_address == "Vicolo Corto 12, 56100 Pisa PI"
    assert (position.charge.amount_cents, position.charge.source) == (6350, f"fine:{fine.pk}")
    assert position.charge.notice_number == rows[False].nav


def test_a_fine_without_discount_or_costs_has_one_option_and_one_transfer(body: Entity):
    take(body, table({"sconto": "N", "spese": "0"}))
    rows = numbers_of(fine_of(body))
    assert list(rows) == [False]
    with scopes_disabled():
        assert [row.amount_cents for row in rows[False].transfers.all()] == [4200]


def test_a_day_of_service_in_the_file_sets_both_due_dates_and_the_amount_after_them(body: Entity):
    take(body, table({"data_notifica": "20/10/2026", "modo_notifica": "consegna"}))
    fine = fine_of(body)
    rows = numbers_of(fine)
    assert (rows[True].due_on, rows[False].due_on) == (date(2026, 10, 26), date(2026, 12, 19))
    assert [(row.valid_from, row.cents) for row in rows[False].dated()] == [(date(2026, 12, 20), 8650 + 1650)]
    assert fine.position.charge.due_on == date(2026, 12, 19)


def test_debtors_without_a_code_are_anonymous_and_foreign_plates_get_a_reference(body: Entity):
    take(body, table({"nazione": "DE", "codice_fiscale": "", "debitore": "Jörg Müller", "stato_debitore": "DE"}))
    fine = fine_of(body)
    assert fine.reference.startswith("RF")
    assert fine.position.debtor_fiscal_code == "ANONIMO"


def test_the_file_is_kept_with_one_event_and_no_notice_is_printed(body: Entity):
    reading = take(body, table({}, {"numero_verbale": "1002"}))
    assert (reading.state, reading.new_rows, reading.known_rows) == (State.DONE, 2, 0)
    with scope(entity=body):
        assert bytes(FineFile.objects.get().content) == table({}, {"numero_verbale": "1002"})
    assert Event.objects.filter(action="fines.file_imported").count() == 1
    assert Event.objects.filter(action="fines.file_received").count() == 1
    assert not Event.objects.filter(action="charge.requested").exists()
    assert not OutboxMessage.objects.filter(handler="payments.notice").exists()
    assert count(Notice) == 0


def test_the_same_file_again_changes_nothing(body: Entity):
    first = take(body, table({}))
    assert take(body, table({}), name="un altro nome.csv").pk == first.pk
    assert (count(Fine), count(Position), count(Charge), count(FineFile)) == (1, 1, 1, 1)


def test_acts_already_there_are_passed_over_in_another_file(body: Entity):
    take(body, table({}))
    reading = take(body, table({}, {"numero_verbale": "1002"}))
    assert (reading.state, reading.new_rows, reading.known_rows) == (State.DONE, 1, 1)
    assert count(Fine) == 2


def test_an_act_already_there_with_other_facts_refuses_the_file(body: Entity):
    take(body, table({}))
    reading = take(body, table({"importo_minimo": "50,00"}, {"numero_verbale": "1002"}))
    assert reading.state == State.REFUSED
    assert [error["line"] for error in reading.totals["errors"]] == [2]
    assert count(Fine) == 1


def test_one_wrong_row_keeps_all_the_others_out(body: Entity):
    rows = [{"numero_verbale": str(number)} for number in range(30)]
    rows[29]["importo_minimo"] = "gratis"
    reading = take(body, table(*rows))
    assert (reading.state, reading.totals["rows"], reading.totals["errors_count"]) == (State.REFUSED, 30, 1)
    assert (count(Fine), count(Charge), count(Position)) == (0, 0, 0)
    assert count(IuvSequence) == 0


def test_errors_that_come_out_while_writing_take_everything_back(body: Entity, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("payments.fines.conf.BATCH", 1)
    content = table({"numero_verbale": "1"}, {"numero_verbale": "2"})
    reading = file_receive(entity=body, kind=FileKind.ACTS, name="a.csv", content=content, actor=DESK)
    assert reading.state == State.READY
    take(body, table({"numero_verbale": "2", "targa": "ZZ999ZZ"}))  # meanwhile the second act came in, different
    after = import_run(import_id=reading.pk, entity_id=body.pk, actor=DESK)
    assert after.state == State.REFUSED
    with scopes_disabled():
        assert list(Fine.objects.values_list("number", flat=True)) == ["2"]
    assert count(Charge) == 1


def test_a_second_run_of_the_same_import_changes_nothing(body: Entity):
    reading = take(body, table({}))
    assert import_run(import_id=reading.pk, entity_id=body.pk, actor=DESK).done_at == reading.done_at
    assert count(Fine) == 1


def test_a_body_without_kinds_of_debt_or_station_is_told_at_the_check(pisa: Entity):
    reading = take(pisa, table({}))
    assert reading.state == State.REFUSED
    assert "CDS_SANZIONE" in reading.totals["errors"][0]["message"]


def test_a_refused_file_can_be_checked_again_when_the_body_is_ready(pisa: Entity):
    reading = take(pisa, table({}))
    with scope(entity=pisa):
        DebtKind.objects.create(
            entity=pisa, code="CDS_SANZIONE", description="x", taxonomy_code="DEMO04TS", valid_from=date(2026, 1, 1),
            source="x", confirmed_by="x",
        )  # fmt: skip
        DebtKind.objects.create(
            entity=pisa, code="CDS_SPESE", description="x", taxonomy_code="DEMO04TS", valid_from=date(2026, 1, 1),
            source="x", confirmed_by="x",
        )  # fmt: skip
        assert file_check(file_id=reading.file_id).state == State.READY


def test_a_checked_file_waits_for_somebody_and_a_worker_imports_it(body: Entity):
    reading = file_receive(entity=body, kind=FileKind.ACTS, name="a.csv", content=table({}), actor=DESK)
    assert (reading.state, reading.totals["sanction_cents"], reading.totals["costs_cents"]) == (State.READY, 4200, 1650)
    assert count(Fine) == 0
    with scope(entity=body):
        file_queue(import_id=reading.pk, actor=DESK)
        with pytest.raises(MoveNotAllowed):
            file_queue(import_id=reading.pk, actor=DESK)
    carry_due()
    assert count(Fine) == 1
    with scope(entity=body):
        assert FineImport.objects.get().state == State.DONE


def test_a_file_that_is_too_large_is_not_kept(body: Entity, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("payments.fines.conf.MOST_BYTES", 10)
    with pytest.raises(DomainError, match="supera"):
        file_receive(entity=body, kind=FileKind.ACTS, name="a.csv", content=table({}), actor=DESK)
    assert count(FineFile) == 0


def test_two_bodies_may_have_acts_with_the_same_number(body: Entity, firenze: Entity):
    from payments.fines.seeds import seed_kinds

    seed_kinds(firenze)
    take(body, table({}))
    take(firenze, table({}))
    assert count(Fine) == 2
    assert fine_of(body).position_id != fine_of(firenze).position_id


def test_kept_files_cannot_be_changed(body: Entity):
    take(body, table({}))
    with scope(entity=body), pytest.raises(IntegrityError), transaction.atomic():
        FineFile.objects.update(name="altro")


def test_numbers_follow_each_other_and_are_all_used(body: Entity):
    take(body, table(*({"numero_verbale": str(number)} for number in range(10))))
    with scope(entity=body):
        assert len(set(Instalment.objects.values_list("nav", flat=True))) == 20
        assert IuvSequence.objects.get().next_value == 21


@pytest.mark.parametrize(
    "name", ["Nicolò D'Àngelo", "O’Connor-Müller", "x" * 140, 'ŁÓDŹ "S.p.A."; figli & C.', "李小龍", "Мария"]
)
def test_whatever_the_name_the_position_holds_what_pagopa_takes_of_it(body: Entity, name: str):
    take(body, table({"debitore": name}))
    fine = fine_of(body)
    assert fine.position.charge.payer_name == " ".join(name.split())
    assert fine.position.debtor_name == name[:70]


def test_days_of_service_come_in_a_file_of_their_own(body: Entity):
    take(body, table({}, {"numero_verbale": "1002"}))
    reading = take(body, served(("1001", "20/10/2026"), ("1002", "21/10/2026")), kind=FileKind.SERVED)
    assert (reading.state, reading.new_rows) == (State.DONE, 2)
    rows = numbers_of(fine_of(body))
    assert (rows[True].due_on, rows[False].due_on) == (date(2026, 10, 26), date(2026, 12, 19))
    again = take(body, served(("1001", "20/10/2026")), kind=FileKind.SERVED)
    assert (again.state, again.new_rows, again.known_rows) == (State.DONE, 0, 1)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("9999", "20/10/2026")], "non c'è"),
        ([("1001", "09/03/2026")], "precedente"),
        ([("1001", "20/10/2026"), ("1001", "21/10/2026")], "già alla riga 2"),
    ],
)
def test_days_of_service_that_cannot_be_refuse_their_file(body: Entity, rows: list[tuple[str, str]], words: str):
    take(body, table({}))
    reading = take(body, served(*rows), kind=FileKind.SERVED)
    assert reading.state == State.REFUSED
    assert words in reading.totals["errors"][0]["message"]
    assert fine_of(body).served_on is None


def test_another_day_of_service_by_file_is_an_error(body: Entity):
    take(body, table({"data_notifica": "20/10/2026"}))
    reading = take(body, served(("1001", "21/10/2026")), kind=FileKind.SERVED)
    assert reading.state == State.REFUSED


def test_two_foreign_acts_with_the_same_reference_are_told_apart_before_they_come_in(body: Entity):
    foreign = {"nazione": "DE", "codice_fiscale": ""}
    same = take(body, table({**foreign, "numero_verbale": "1/2"}, {**foreign, "numero_verbale": "12"}))
    assert same.state == State.REFUSED
    assert "riga 2" in same.totals["errors"][0]["message"]
    take(body, table({**foreign, "numero_verbale": "1/2"}))
    assert take(body, table({**foreign, "numero_verbale": "12"})).state == State.REFUSED
    assert count(Fine) == 1


def test_a_day_of_service_in_a_file_of_acts_already_there_is_not_lost_in_silence(body: Entity):
    take(body, table({}))
    told = table({"data_notifica": "16/03/2026", "modo_notifica": "consegna"})
    reading = take(body, told)
    assert reading.state == State.REFUSED
    assert "file delle notifiche" in reading.totals["errors"][0]["message"]
    take(body, served(("1001", "16/03/2026")), kind=FileKind.SERVED)
    again = take(body, told + b"\r\n")  # other bytes, the same facts
    assert (again.state, again.known_rows) == (State.DONE, 1)
