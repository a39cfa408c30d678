"""A plan, what is left of it, and a decision: on the desk of the office and on the pages of who pays."""

from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from typing import Any

import pdfplumber
import pytest
import time_machine
from django_scopes import scope, scopes_disabled

from payments.domain.states import State
from payments.fines.desk_views import MOVES, moves_of
from payments.fines.domain.phases import Phase, phase
from payments.fines.domain.stages import SUSPENDED, AppealTo, ServedHow, Stage
from payments.fines.models import Fine
from payments.fines.services.serving import fine_serve
from payments.fines.services.stages import fine_appeal
from payments.models import Position
from payments.providers.snapshot import snapshot
from payments.selectors_dashboard import overdue_positions
from payments.services.reminders import reminder_send
from portal.entities.models import Entity, Role
from portal.people.models import Person
from tests.factories.platform import make_person
from tests.payments.fines.conftest import DESK, fine_of, numbers_of
from tests.payments.fines.test_fine_desk import browser as desk
from tests.payments.fines.test_fine_desk import move
from tests.payments.fines.test_fine_pages import CODE, amount_on_top, opened, page
from tests.payments.fines.test_fine_pages import browser as citizen
from tests.payments.fines.test_fine_plans import forfeit, grant, in_force, on_day, pay_row, plan_of

pytestmark = pytest.mark.django_db
PLAN = {"count": "4", "income": "1000", "relatives": "0"}


@pytest.fixture(autouse=True)
def _in_march() -> Iterator[None]:
    with time_machine.travel("2026-03-20T12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def owner(db: None) -> Person:
    return make_person("Mario", "Rossi", fiscal_code=CODE)


@pytest.fixture
def fine(fined: Callable[..., Fine]) -> Fine:
    """416,50 euro to pay within 60 days, 816,50 after."""
    made = fined(importo_minimo="400", importo_massimo="1600", dati_conducente="S")
    with scope(entity=made.entity):
        return fine_serve(fine_id=made.pk, served_on=date(2026, 3, 20), how=ServedHow.MAIL, actor=DESK)


def text_of(response: Any) -> str:
    return response.content.decode().replace("\xa0", " ").replace("&#x27;", "'")


# --- the desk --------------------------------------------------------------------------------------------------


def names(fine: Fine) -> set[str]:
    return {each.name for each in moves_of(fine_of(fine.entity, fine.number))}


def test_the_desk_offers_what_the_fine_allows(fine: Fine):
    assert names(fine) == {"notifica", "send", "ricorso", "rate", "annulla", "punti", "fuori-pagopa"}
    rows = grant(fine)
    assert names(fine) == {"fine-rate", "decadenza", "annulla", "punti", "fuori-pagopa"}
    pay_row(rows[0])
    assert names(fine) == {"decadenza", "punti", "fuori-pagopa"}
    with on_day("2026-05-21"):
        forfeit(fine)
    assert names(fine) == {"punti", "fuori-pagopa"}
    assert {each.name for each in MOVES} >= names(fine)


def test_a_plan_is_granted_lost_and_shown_on_the_desk(body: Entity, fine: Fine):
    client = desk(body)
    text = text_of(move(client, fine, "rate", **PLAN))
    assert "Rateazione (art. 202-bis CdS), rata 1" in text
    assert text.count("ritirata dall'ufficio") == 2
    with on_day("2026-05-21"):
        client = desk(body, Role.ACCOUNTANT, None)  # a session does not last two months
        assert move(client, fine, "decadenza", reason="  ").status_code == 422
        text = text_of(move(client, fine, "decadenza", reason="Rata 1 non pagata"))
    assert "Importo rimasto dopo la decadenza dalla rateazione" in text
    assert "Rata 1 non pagata" in text
    assert fine_of(body).stage == Stage.FORFEITED


def test_a_plan_in_time_is_not_lost_and_the_desk_says_why(body: Entity, fine: Fine):
    client = desk(body)
    move(client, fine, "rate", **PLAN)
    assert "Nessuna rata è scaduta" in text_of(move(client, fine, "decadenza", reason="x"))
    assert fine_of(body).stage == Stage.IN_INSTALMENTS


@pytest.mark.parametrize(
    ("said", "status", "stage"),
    [
        ({}, 200, Stage.OPEN),
        ({"amount": "833.00", "due_on": "2026-04-30"}, 200, Stage.DECIDED),
        ({"amount": "833.00"}, 422, Stage.APPEALED),
        ({"due_on": "2026-04-30"}, 422, Stage.APPEALED),
        ({"amount": "0", "due_on": "2026-04-30"}, 422, Stage.APPEALED),
        ({"amount": "-1", "due_on": "2026-04-30"}, 422, Stage.APPEALED),
        ({"amount": "NaN", "due_on": "2026-04-30"}, 422, Stage.APPEALED),
        ({"amount": "8.333", "due_on": "2026-04-30"}, 422, Stage.APPEALED),
        ({"amount": "100", "due_on": "2025-04-30"}, 200, Stage.APPEALED),
    ],
)
def test_a_rejected_appeal_says_a_sum_with_its_day_or_neither(
    body: Entity, fine: Fine, said: dict[str, str], status: int, stage: Stage
):
    with scope(entity=body):
        fine_appeal(fine_id=fine.pk, to=AppealTo.PREFECT, actor=DESK)
    assert move(desk(body), fine, "ricorso-respinto", **said).status_code == status
    assert fine_of(body).stage == stage


def test_another_bodys_office_neither_grants_nor_takes_a_plan(fine: Fine, firenze: Entity):
    client = desk(firenze)
    for name, said in (("rate", PLAN), ("fine-rate", {}), ("decadenza", {"reason": "x"}), ("ricorso-respinto", {})):
        assert move(client, fine, name, **said).status_code == 404
    assert fine_of(fine.entity).stage == Stage.OPEN
    assert plan_of(fine) == []


# --- who pays --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stage", "paid"), [(stage, paid) for stage in Stage for paid in (True, False)])
def test_every_stage_has_a_phase(stage: Stage, paid: bool):
    found = phase(stage=stage, paid=paid, due=None, discountable=True, on=date(2026, 3, 20))
    assert (found is Phase.PAID) is paid
    assert (found is Phase.APPEALED) is (stage in SUSPENDED and not paid)


def test_the_page_lists_the_instalments_and_what_was_paid(fine: Fine, owner: Person):
    rows = grant(fine)
    text = page(owner, fine)
    assert amount_on_top(text) == "104,53"
    assert "<strong>4 rate</strong>" in text
    assert "3,93 € di interessi" in text
    assert "In tutto sono <strong>420,43 €</strong>" in text
    assert all(f'value="{row.nav}"' in text for row in rows)
    assert all(row.nav not in text.replace(" ", "") for row in numbers_of(fine).values())
    assert "58,50" not in text
    assert "Devi dirci chi guidava" in text
    pay_row(rows[1])
    text = page(owner, fine)
    assert amount_on_top(text) == "104,53"
    assert "Hai pagato 1 di 4 rate, in tutto 104,91 €: restano <strong>315,52 €</strong>" in text
    assert "pagata in parte" in text


def test_the_page_of_a_lost_plan_asks_for_what_is_left_and_shows_what_was_paid(fine: Fine, owner: Person):
    rows = grant(fine)
    pay_row(rows[0])
    with on_day("2026-05-21"):
        forfeit(fine)
    text = page(owner, fine, "2026-05-21")
    (row,) = in_force(fine)
    assert amount_on_top(text) == "711,97"
    assert "La prossima rata" not in text
    assert "104,53 €, è stato tolto dal conto" in text
    assert "Restano <strong>711,97 €</strong>" in text
    assert f'value="{row.nav}"' in text
    assert all(each.nav not in text.replace(" ", "") for each in rows[1:])


def test_the_page_of_a_decision_asks_for_its_sum(body: Entity, fine: Fine, owner: Person):
    with scope(entity=body):
        fine_appeal(fine_id=fine.pk, to=AppealTo.PREFECT, actor=DESK)
    move(desk(body), fine, "ricorso-respinto", amount="833", due_on="2026-04-30")
    text = page(owner, fine)
    assert amount_on_top(text) == "833,00"
    assert "<strong>833,00 €</strong> entro il <strong>30/04/2026</strong>" in text
    assert "Entro 5 giorni" not in text


def test_without_logging_in_a_withdrawn_number_leads_to_the_one_in_its_place(fine: Fine):
    rows = grant(fine)
    client = opened(numbers_of(fine)[False].nav)
    text = text_of(client.get("/pagamenti/aperto/"))
    assert "L'ufficio ha ritirato questo codice" in text
    assert "Che cosa pagare al suo posto" in text
    assert f'value="{rows[0].nav}"' in text
    assert "Scarica l'avviso" not in text


def test_the_printed_notice_of_a_plan_has_its_numbers_and_amounts(fine: Fine, owner: Person):
    rows = grant(fine)
    response = citizen(owner).get(f"/pagamenti/avviso/{fine.position.charge.uuid}/avviso.pdf")
    with pdfplumber.open(BytesIO(b"".join(response.streaming_content))) as pdf:
        text = "".join("".join((each.extract_text() or "") for each in pdf.pages).split())
    assert all(row.nav in text for row in rows)
    assert "104,53" in text
    assert all(row.nav not in text for row in numbers_of(fine).values())


# --- the rest of payments --------------------------------------------------------------------------------------


def test_withdrawn_numbers_are_neither_reminded_nor_overdue(fine: Fine, owner: Person):
    grant(fine)
    reduced = numbers_of(fine)[False]
    with on_day("2026-05-16"):
        assert not reminder_send(instalment_id=reduced.pk, entity_id=fine.entity_id, on=date(2026, 5, 16))
    with scopes_disabled():
        everything = Position.objects.all()
        assert not overdue_positions(everything, on=date(2026, 4, 20)).exists()
        late = overdue_positions(everything, on=date(2026, 5, 21)).get()
    assert late.late_cents == 10_453 + 10_491


def test_what_is_left_of_a_lost_plan_is_overdue_once(fine: Fine):
    rows = grant(fine)
    pay_row(rows[0])
    with on_day("2026-05-21"):
        forfeit(fine)
    with scopes_disabled():
        late = overdue_positions(Position.objects.all(), on=date(2026, 6, 1)).get()
    assert (late.state, late.late_cents) == (State.PARTLY_PAID, 71_197)


def test_an_intermediary_is_told_the_plan_and_no_longer_the_two_numbers(fine: Fine):
    grant(fine)
    with scope(entity=fine.entity):
        told = snapshot(fine.position_id, on=date(2026, 3, 20))
    assert [(len(option.instalments), option.withdrawn) for option in told.options] == [
        (1, True), (1, True), (4, False),
    ]  # fmt: skip
    assert [part.closed for part in told.instalments] == [True, True, False, False, False, False]
    assert len(told.in_force.instalments) == 4
