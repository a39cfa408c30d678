"""Texts for the IO app: ready on their day, once, with the right amount; none when there is nothing left to say."""

from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django_scopes import scope, scopes_disabled
from hypothesis import given
from hypothesis import strategies as st

from payments.fines.domain.courtesy import MARKDOWN, SUBJECT, Rule, belongs, faults, is_wanted
from payments.fines.domain.stages import AppealTo, ServedHow, Stage
from payments.fines.domain.terms import terms
from payments.fines.law import law
from payments.fines.models import Fine, ReadyNotice
from payments.fines.services.notices import notice_prepare, notices_prepare, render, rules
from payments.fines.services.paid import fine_settled, points_sent
from payments.fines.services.serving import fine_serve
from payments.fines.services.stages import fine_appeal, fine_cancel, fine_instalments
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from tests.payments.fines.conftest import DESK, fine_of, numbers_of
from tests.payments.fines.fine_files import table
from tests.payments.fines.test_fine_station import pay

pytestmark = pytest.mark.django_db
Fined = Callable[..., Fine]
SERVED = date(2026, 3, 20)
LAST = date(2026, 5, 19)  # the sixtieth day
TEMPLATES = Path("templates/payments/fines/io")


@pytest.fixture(autouse=True)
def _in_march() -> Any:
    with time_machine.travel("2026-03-20T12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def fine(fined: Fined) -> Fine:
    made = fined(dati_conducente="S")
    with scope(entity=made.entity):
        return fine_serve(fine_id=made.pk, served_on=SERVED, how=ServedHow.MAIL, actor=DESK)


def on(day: date) -> list[str]:
    """What is ready after the worker has run on a day."""
    with time_machine.travel(f"{day.isoformat()}T08:00:00+01:00", tick=False):
        notices_prepare()
    with scopes_disabled():
        return sorted(ReadyNotice.objects.values_list("code", flat=True))


def text_of(code: str) -> ReadyNotice:
    with scopes_disabled():
        return ReadyNotice.objects.get(code=code)


def test_every_text_has_a_template_and_the_other_way_round():
    assert {rule.code for rule in rules()} == {path.stem for path in TEMPLATES.glob("*.md")}


def test_no_text_ever_says_that_it_serves_the_act():
    for path in TEMPLATES.glob("*.md"):
        assert faults("x" * 20, path.read_text()[:1] + "y" * 100) == []
        assert "notificat" not in path.read_text().lower()


def test_each_text_leaves_on_its_day_and_once(fine: Fine):
    assert on(LAST - timedelta(days=16)) == []
    assert on(LAST - timedelta(days=15)) == ["dati_conducente"]
    assert on(LAST - timedelta(days=4)) == ["dati_conducente"]
    assert on(LAST - timedelta(days=3)) == ["dati_conducente", "promemoria_60_giorni"]
    assert on(LAST) == ["dati_conducente", "promemoria_60_giorni"]
    assert on(LAST + timedelta(days=1)) == ["dati_conducente", "promemoria_60_giorni", "termine_passato"]
    assert len(on(LAST + timedelta(days=119))) == 3
    assert "prima_della_riscossione" in on(LAST + timedelta(days=120))
    assert len(on(LAST + timedelta(days=121))) == 4


def test_texts_carry_the_amount_and_the_number_of_their_day(fine: Fine):
    on(LAST - timedelta(days=3))
    on(LAST + timedelta(days=1))
    before, after = text_of("promemoria_60_giorni"), text_of("termine_passato")
    number = numbers_of(fine)[False].nav
    assert (before.cents, before.nav, before.due_on) == (5850, number, LAST)
    assert "58,50" in before.markdown
    assert "103,00" in before.markdown
    assert (after.cents, after.nav) == (10300, number)
    assert "103,00" in after.markdown
    assert "19/05/2026" in after.markdown
    assert text_of("dati_conducente").nav == ""


def test_every_ready_text_is_within_the_lengths_of_the_app(fine: Fine):
    on(LAST - timedelta(days=15))
    on(LAST - timedelta(days=3))
    on(LAST + timedelta(days=1))
    on(LAST + timedelta(days=120))
    with scope(entity=fine.entity):
        points_sent(fine_id=fine.pk, actor=DESK)
    pay(numbers_of(fine)[True], "45.90", paid_on=SERVED)
    fine_settled(charge_id=fine.position.charge_id)
    with scopes_disabled():
        rows = list(ReadyNotice.objects.all())
    assert {row.code for row in rows} == {rule.code for rule in rules()}
    for row in rows:
        assert len(row.subject) in SUBJECT
        assert len(row.markdown) in MARKDOWN
        assert "{" not in row.markdown


@pytest.mark.parametrize("stop", ["paid", "appealed", "instalments", "cancelled"])
def test_nothing_about_money_is_prepared_once_it_is_not_to_be_paid(fined: Fined, body: Entity, stop: str):
    fine = fined(importo_minimo="400", importo_massimo="1600")
    with scope(entity=body):
        fine_serve(fine_id=fine.pk, served_on=SERVED, how=ServedHow.MAIL, actor=DESK)
        if stop == "appealed":
            fine_appeal(fine_id=fine.pk, to=AppealTo.JUDGE, actor=DESK)
        elif stop == "instalments":
            fine_instalments(fine_id=fine.pk, count=4, income_cents=0, relatives=0, actor=DESK)
        elif stop == "cancelled":
            fine_cancel(fine_id=fine.pk, reason="x", actor=DESK)
    if stop == "paid":
        pay(numbers_of(fine)[True], "296.50", paid_on=SERVED)
    for days in (-3, 1, 120):
        assert on(LAST + timedelta(days=days)) == []


def test_the_driver_is_asked_for_even_when_the_fine_is_paid(fine: Fine):
    pay(numbers_of(fine)[True], "45.90", paid_on=SERVED)
    assert on(LAST - timedelta(days=15)) == ["dati_conducente"]


def test_a_payment_prepares_its_text_once(fine: Fine):
    pay(numbers_of(fine)[True], "45.90", paid_on=SERVED)
    for _again in range(2):
        fine_settled(charge_id=fine.position.charge_id)
    assert "45,90" in text_of("pagamento_ricevuto").markdown


def test_points_are_told_once_and_not_of_a_cancelled_fine(fine: Fine, body: Entity):
    with scope(entity=body):
        points_sent(fine_id=fine.pk, actor=DESK)
        with pytest.raises(DomainError):
            points_sent(fine_id=fine.pk, actor=DESK)


def test_who_has_no_codice_fiscale_is_not_written_to(fined: Fined, body: Entity):
    fine = fined(nazione="DE", codice_fiscale="", data_notifica="15/03/2026")
    assert not notice_prepare(fine_id=fine.pk, entity_id=body.pk, code="promemoria_60_giorni", on=date(2026, 5, 14))
    fine_settled(charge_id=fine.position.charge_id)
    assert on(date(2026, 5, 12)) == []


@pytest.mark.parametrize(
    ("subject", "markdown"),
    [("corto", "x" * 100), ("x" * 121, "x" * 100), ("x" * 20, "x" * 79), ("x" * 20, "x" * 10_001),
     ("Ti abbiamo notificato un verbale", "x" * 100), ("x" * 20, "Questo verbale ti è notificato. " * 4)],
)  # fmt: skip
def test_texts_that_the_app_or_the_law_would_refuse_are_noticed(subject: str, markdown: str):
    assert len(faults(subject, markdown)) == 1


def test_a_text_that_came_out_wrong_is_not_kept(fine: Fine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("payments.fines.domain.courtesy.SUBJECT", range(200, 300))
    with pytest.raises(ValueError, match="subject"):
        render("pagamento_ricevuto", {"fine": fine, "entity": fine.entity, "cents": 1})


RULE = Rule("x", date(2026, 1, 1), "prova", "prova", of="reduced_until", from_day=-3, to_day=0)


@given(days=st.integers(min_value=-100, max_value=200))
def test_a_rule_belongs_to_its_days_alone(days: int):
    due = terms(SERVED, law=law(), on=SERVED)
    assert belongs(RULE, terms=due, on=LAST + timedelta(days=days)) is (-3 <= days <= 0)


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.OPEN])
def test_a_fine_that_is_not_open_has_nothing_to_say(stage: Stage):
    assert not is_wanted(RULE, stage=stage, paid=False, driver_missing=True)


def test_an_unconfirmed_rule_is_not_used():
    unconfirmed = Rule("x", date(2026, 1, 1), "prova", "", of="reduced_until")
    assert not belongs(unconfirmed, terms=terms(SERVED, law=law(), on=SERVED), on=LAST)


def test_the_command_imports_a_file_and_says_the_errors(body: Entity, tmp_path: Path):
    good, bad = tmp_path / "buono.csv", tmp_path / "cattivo.csv"
    good.write_bytes(table({}))
    bad.write_bytes(table({"numero_verbale": "2", "targa": ""}))
    said, errors = StringIO(), StringIO()
    call_command("fines_import", str(good), "--entity", "PI", "--check", stdout=said)
    with scopes_disabled():
        assert not Fine.objects.exists()
    call_command("fines_import", str(good), "--entity", "PI", stdout=said)
    assert "1 nuove" in said.getvalue()
    assert fine_of(body).plate == "AB123CD"
    with pytest.raises(CommandError, match="1 errori"):
        call_command("fines_import", str(bad), "--entity", "PI", stderr=errors)
    assert "riga 2, targa: La cella è vuota." in errors.getvalue()


@pytest.mark.parametrize("arguments", [["nessuno.csv", "--entity", "PI"], ["nessuno.csv", "--entity", "XX"]])
def test_the_command_says_what_is_missing(body: Entity, arguments: list[str]):
    with pytest.raises(CommandError):
        call_command("fines_import", *arguments)


def test_the_text_of_a_payment_says_what_was_paid(fine: Fine):
    pay(numbers_of(fine)[True], "50.00", paid_on=SERVED)
    fine_settled(charge_id=fine.position.charge_id)
    assert "50,00" in text_of("pagamento_ricevuto").markdown


def test_who_paid_the_discount_after_its_term_is_not_told_that_all_is_done(fine: Fine):
    pay(numbers_of(fine)[True], "45.90", paid_on=SERVED + timedelta(days=9))
    fine_settled(charge_id=fine.position.charge_id)
    text = text_of("pagamento_ricevuto").markdown
    assert "Non devi fare altro" not in text
    assert "controlla se devi ancora qualcosa" in text
