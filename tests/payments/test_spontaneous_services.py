"""Spontaneous payments behind the pages: what a counter asks through the node, and what happens afterwards."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections, transaction
from django.urls import reverse
from django_scopes import scopes_disabled

from payments.models import DebtKind, Position, SpontaneousPayment, SpontaneousQuestion, SpontaneousService, StationLink
from payments.services.spontaneous import (
    Asked,
    Channel,
    Payer,
    Wanted,
    spontaneous_cancel,
    spontaneous_cancel_stale,
    spontaneous_open,
    spontaneous_settled,
)
from payments.tasks import cancel_stale_spontaneous
from portal import clock
from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.billing.services import charge_settled
from portal.entities.models import Entity, Role
from portal.kernel.errors import DomainError
from portal.messaging.models import Message
from portal.outbox.services import carry_due
from tests.factories.platform import make_person, make_staff
from tests.payments.node_messages import PlainClient, demand, get, post, verify
from tests.payments.spontaneous_requests import COMPANY, MARIO, instalment_of, made, pay

pytestmark = [pytest.mark.usefixtures("every_entity", "pisa")]
NS = "urn:portale-dei-servizi:spontaneous-payment:1"
PROVA = Actor.system("prova")
MONDAY = datetime(2026, 11, 23, 9, tzinfo=clock.ROME)


def data(
    *, kind: str = "SP_SEGRETERIA", code: str = MARIO, payer: str = "F", name: str = "Mario Rossi", reason: str = "",
    how_much: str = "<quantity>1</quantity>",
) -> str:  # fmt: skip
    """What the counter writes."""
    return (
        f'<spontaneousPayment xmlns="{NS}"><kind>{kind}</kind><debtor><type>{payer}</type><taxCode>{code}</taxCode>'
        f"<fullName>{name}</fullName></debtor>{f'<reason>{reason}</reason>' if reason else ''}{how_much}"
        "</spontaneousPayment>"
    )


def service(code: str = "00001", body: str = "PI") -> SpontaneousService:
    with scopes_disabled():
        return SpontaneousService.objects.select_related("entity").get(code=code, entity__code=body)


def wanted(**changes: Any) -> Wanted:
    values: dict[str, Any] = {"payer": Payer("F", MARIO, "Mario Rossi"), "asked": Asked(), "reason": "Attestato"}
    return Wanted(**{**values, **changes})


def opened(row: SpontaneousService | None = None, **changes: Any) -> SpontaneousPayment:
    return spontaneous_open(
        service=row or service(), wanted=wanted(**changes), channel=Channel.WEB, actor=PROVA, token=uuid4()
    )


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Moves the clock."""

    def move(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)
        monkeypatch.setattr(clock, "today", lambda: moment.date())

    return move


@pytest.fixture
def free() -> None:
    """The rent asks no question: a counter can ask for it."""
    with scopes_disabled():
        SpontaneousQuestion.objects.update(required=False)


# --- At a counter, through the node ------------------------------------------------------------------------------


def test_a_counter_gets_a_new_notice_that_can_be_paid_at_once():
    answer = post(demand(data(), service="00001"))
    assert (answer.status, answer.outcome) == (200, "OK")
    nav = answer.text("qrCode/noticeNumber")
    assert answer.text("paymentList/paymentOptionDescription/amount") == "10.00"
    assert answer.text("paymentDescription") == "Diritti di segreteria"
    assert post(verify(nav)).outcome == "OK"
    assert post(get(nav)).outcome == "OK"
    (payment,) = made()
    assert (payment.channel, payment.charge.notice_number) == ("node", nav)


@pytest.mark.parametrize(
    ("code", "message", "cents"),
    [
        ("00004", data(kind="SP_CANONE", how_much="<amount>12.50</amount>", reason="Canone"), 1250),
        ("00002", data(kind="SP_COPIE", how_much="<quantity>7</quantity>"), 350),
        ("00001", data(how_much="<amount>10.00</amount>"), 1000),
        ("00001", data(code="ANONIMO"), 1000),
        ("00001", data(code=COMPANY, payer="G", name="Trasporti S.r.l."), 1000),
    ],
)
def test_every_way_to_make_an_amount_works_at_a_counter(free: None, code: str, message: str, cents: int):
    assert post(demand(message, service=code)).outcome == "OK"
    assert made()[0].charge.amount_cents == cents


@pytest.mark.parametrize(
    ("code", "message", "why"),
    [
        ("99999", data(), "unknown service"),
        ("00001", data(kind="SP_CANONE"), "kind"),
        ("00001", data(how_much="<amount>9.99</amount>"), "amount"),
        ("00001", data(how_much="<quantity>2</quantity>"), "amount"),
        ("00004", data(kind="SP_CANONE", how_much="<amount>4.99</amount>"), "amount_low"),
        ("00004", data(kind="SP_CANONE", how_much="<amount>5000.01</amount>"), "amount_high"),
        ("00004", data(kind="SP_CANONE", how_much="<quantity>3</quantity>"), "amount"),
        ("00002", data(kind="SP_COPIE", how_much="<quantity>101</quantity>"), "quantity"),
        ("00002", data(kind="SP_COPIE", how_much="<amount>1.00</amount>"), "quantity"),
        ("00001", data(code="RSSMRA60D20F205X"), "payer_code"),
        ("00001", data(name="Иван"), "letters"),
    ],
)
def test_a_counter_is_told_which_rule_said_no_and_nothing_is_made(free: None, code: str, message: str, why: str):
    answer = post(demand(message, service=code))
    assert (answer.fault, answer.text("fault/description")) == ("PAA_SEMANTICA", why)
    assert made() == []


def test_a_counter_of_ours_makes_no_notice_that_another_station_publishes(pisa: Entity):
    with scopes_disabled():
        StationLink.objects.filter(entity=pisa).update(provider="gpd")
    assert post(demand(data(), service="00001")).text("fault/description") == "provider"
    assert made() == []


def test_what_has_compulsory_questions_is_not_for_a_counter():
    answer = post(demand(data(kind="SP_COPIE"), service="00002"))
    assert answer.text("fault/description") == "answer"
    assert made() == []


def test_a_service_of_another_body_or_closed_is_unknown(firenze: Entity):
    with scopes_disabled():
        SpontaneousService.objects.filter(entity__code="PI", code="00001").update(valid_until="2026-01-02")
    assert post(demand(data(), service="00001")).text("fault/description") == "unknown service"
    assert made() == []


def test_the_node_that_repeats_itself_gets_the_same_notice(at: Callable[[datetime], None]):
    at(MONDAY)
    first = post(demand(data(), service="00001")).text("qrCode/noticeNumber")
    at(MONDAY + timedelta(seconds=119))
    assert post(demand(data(), service="00001")).text("qrCode/noticeNumber") == first
    assert len(made()) == 1


@pytest.mark.parametrize("other", [data(name="Mario Rossi Bianchi"), data(reason="Altro")])
def test_another_request_is_another_notice(other: str):
    post(demand(data(), service="00001"))
    post(demand(other, service="00001"))
    post(demand(data(), service="00001", subject="00009"))
    assert len(made()) == 3


def test_the_same_person_may_pay_the_same_again_later_or_once_the_first_is_paid(at: Callable[[datetime], None]):
    at(MONDAY)
    post(demand(data(), service="00001"))
    at(MONDAY + timedelta(seconds=121))
    post(demand(data(), service="00001"))
    assert len(made()) == 2
    charge_settled(charge_id=made()[1].charge_id, receipt_reference="x", paid_at=clock.now())
    post(demand(data(), service="00001"))
    assert len(made()) == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", ["node", "page"])
def test_the_same_request_six_times_at_once_makes_one_position(who: str):
    gate, found, token, row = Barrier(6), [], uuid4(), service()

    def ask() -> None:
        gate.wait()
        try:
            payment = spontaneous_open(
                service=row,
                wanted=wanted(),
                channel=Channel.NODE if who == "node" else Channel.WEB,
                actor=PROVA,
                token=None if who == "node" else token,
            )
            found.append(payment.pk)
        finally:
            connections.close_all()

    threads = [Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1
    with scopes_disabled():
        assert Position.objects.count() == 1


# --- Rules behind every door -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"payer": Payer("F", "", "Mario")}, "payer_code"),
        ({"payer": Payer("F", "ANONIMO", "Mario")}, "payer_code"),
        ({"payer": Payer("X", MARIO, "Mario")}, "payer_kind"),
        ({"payer": Payer("F", MARIO, "")}, "payer_name"),
        ({"payer": Payer("F", MARIO, "a" * 71)}, "payer_name"),
        ({"reason": ""}, "reason"),
        ({"reason": "a\x01b"}, "letters"),
        ({"asked": Asked(cents=1)}, "amount"),
    ],
)
def test_the_service_refuses_by_itself_what_a_form_would_refuse(changes: dict[str, Any], code: str):
    with pytest.raises(DomainError) as refused:
        opened(**changes)
    assert refused.value.code == code
    assert made() == []


def test_a_closed_service_is_refused_even_to_who_had_its_page_open():
    row = service()
    with scopes_disabled():
        DebtKind.objects.filter(code="SP_SEGRETERIA").update(confirmed_by="")
    with pytest.raises(DomainError, match="non è attivo"):
        opened(row)


def test_a_body_without_a_station_says_so_and_leaves_nothing_behind(pisa: Entity):
    with scopes_disabled():
        StationLink.objects.filter(entity=pisa).update(active=False)
    with pytest.raises(DomainError) as refused:
        opened()
    assert refused.value.code == "creditor_missing"
    assert made() == []


def test_the_database_takes_a_token_once():
    first = opened()
    with scopes_disabled(), pytest.raises(IntegrityError), transaction.atomic():
        SpontaneousPayment.objects.create(
            entity=first.entity, service=first.service, token=first.token, fingerprint="x", channel="web",
            created_at=first.created_at, open_until=first.open_until,
        )  # fmt: skip


# --- Afterwards --------------------------------------------------------------------------------------------------


def test_the_payer_who_uses_the_portal_is_thanked_once():
    person = make_person("Mario", "Rossi", fiscal_code=MARIO)
    payment = opened()
    pay(payment)
    carry_due()
    spontaneous_settled(charge_id=payment.charge_id or 0)
    with scopes_disabled():
        (message,) = Message.objects.filter(source=payment.source)
    assert message.person == person
    assert message.subject == "Il tuo pagamento è arrivato"
    assert "10,00" in message.body


@pytest.mark.parametrize("payer", [Payer("F", MARIO, "Mario Rossi"), Payer("G", COMPANY, "Trasporti S.r.l.")])
def test_a_payer_who_does_not_use_the_portal_is_sent_nothing(payer: Payer):
    payment = opened(payer=payer)
    pay(payment)
    spontaneous_settled(charge_id=payment.charge_id or 0)
    with scopes_disabled():
        assert not Message.objects.exists()


@pytest.mark.parametrize(("days", "left"), [(30, 0), (45, 0), (46, 1), (400, 1)])
def test_what_nobody_pays_is_taken_back_after_its_days_and_a_grace(
    at: Callable[[datetime], None], days: int, left: int
):
    at(MONDAY)
    payment = opened()
    assert payment.open_until == MONDAY.date() + timedelta(days=30)
    at(MONDAY + timedelta(days=days))
    assert spontaneous_cancel_stale() == left
    assert spontaneous_cancel_stale() == 0, "started again it does nothing"
    assert made()[0].charge.state == ("cancelled" if left else "requested")
    assert bool(instalment_of(payment).option.position.cancellation) is bool(left)
    assert Event.objects.filter(action="payments.spontaneous_left").count() == left
    nav = instalment_of(payment).nav
    assert post(verify(nav)).fault == ("PAA_PAGAMENTO_ANNULLATO" if left else "")


def test_the_grace_is_a_setting(at: Callable[[datetime], None], settings: Any):
    settings.SPONTANEOUS_GRACE_DAYS = 0
    at(MONDAY)
    opened()
    at(MONDAY + timedelta(days=31))
    cancel_stale_spontaneous()
    assert made()[0].charge.state == "cancelled"


def test_what_was_paid_is_never_taken_back(at: Callable[[datetime], None]):
    at(MONDAY)
    payment = opened()
    pay(payment)
    at(MONDAY + timedelta(days=400))
    assert spontaneous_cancel_stale() == 0
    assert spontaneous_cancel(payment_id=payment.pk, entity_id=payment.entity_id) is False
    assert made()[0].charge.state == "settled"


def test_other_charges_are_left_alone(at: Callable[[datetime], None], charged: Callable[..., Any], pisa: Entity):
    at(MONDAY)
    charged(pisa)
    at(MONDAY + timedelta(days=400))
    assert spontaneous_cancel_stale() == 0


# --- The office --------------------------------------------------------------------------------------------------


def desk(entity: Entity, role: Role) -> PlainClient:
    client = PlainClient()
    client.force_login(make_staff(entity, role))
    return client


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:payments_{name}", args=args)


def form_of(entity: Entity, **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "entity": entity.pk, "code": "00009", "debt_kind": "SP_SEGRETERIA", "name": "Visure",
        "description": "Per le visure.",
        "amount_rule": "fixed", "min_cents": "100", "max_cents": "1000", "max_quantity": "10", "piece": "",
        "payers": "FG", "valid_from": "2026-01-01",
        "prices-TOTAL_FORMS": "1", "prices-INITIAL_FORMS": "0", "prices-0-cents": "700",
        "prices-0-valid_from": "2026-01-01", "prices-0-source": "prova", "prices-0-confirmed_by": "prova",
        "questions-TOTAL_FORMS": "1", "questions-INITIAL_FORMS": "0", "questions-0-seq": "1",
        "questions-0-label": "Numero", "questions-0-pattern": "[0-9]{1,9}", "questions-0-required": "on",
    }  # fmt: skip
    return values | changes


def test_the_administrator_makes_a_service_and_it_is_offered(pisa: Entity):
    client = desk(pisa, Role.ADMINISTRATOR)
    response = client.post(url("spontaneousservice_add"), form_of(pisa))
    assert response.status_code == 302, response.content.decode()
    row = service("00009")
    with scopes_disabled():
        assert (row.prices.get().cents, row.questions.get().entity) == (700, pisa)
    assert "Visure" in PlainClient().get("/pagamenti/spontanei/").content.decode()
    assert Event.objects.filter(action="payments.setting_changed").count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "1"}, {"code": "٠٠٠٠٩"}, {"code": "00001"}, {"debt_kind": "NESSUNO"}, {"debt_kind": "TE_BOLLO"},
        {"min_cents": "2000"}, {"min_cents": "0"}, {"amount_rule": "unit"}, {"max_quantity": "10000"},
        {"valid_until": "2025-01-01"}, {"questions-0-pattern": "(a+)+"}, {"questions-0-seq": "4"},
        {"prices-0-cents": "0"}, {"prices-0-source": ""},
    ],
)  # fmt: skip
def test_a_service_that_could_not_work_is_not_saved(pisa: Entity, changes: dict[str, str]):
    response = desk(pisa, Role.ADMINISTRATOR).post(url("spontaneousservice_add"), form_of(pisa, **changes))
    assert response.status_code == 200
    with scopes_disabled():
        assert not SpontaneousService.objects.filter(name="Visure").exists()


@pytest.mark.parametrize("role", [Role.ACCOUNTANT, Role.OFFICER, Role.HEAD])
def test_nobody_else_changes_services_or_their_prices(pisa: Entity, role: Role):
    client, row = desk(pisa, role), service()
    assert client.get(url("spontaneousservice_add")).status_code == 403
    client.post(url("spontaneousservice_change", row.pk), form_of(pisa, name="Preso"))
    assert service().name == "Diritti di segreteria"
    with scopes_disabled():
        assert service().prices.count() == 1


def test_an_administrator_of_another_body_changes_nothing_here(pisa: Entity, firenze: Entity):
    client, row = desk(firenze, Role.ADMINISTRATOR), service()
    assert client.get(url("spontaneousservice_change", row.pk)).status_code in {302, 403, 404}
    client.post(url("spontaneousservice_add"), form_of(pisa))
    with scopes_disabled():
        assert not SpontaneousService.objects.filter(name="Visure").exists()


def test_the_accountant_reads_requests_with_payer_amount_and_state(pisa: Entity, firenze: Entity):
    opened()
    page = desk(pisa, Role.ACCOUNTANT).get(url("spontaneouspayment_changelist"))
    assert "Mario Rossi" in page.content.decode()
    assert "da pagare" in page.content.decode()
    other = desk(firenze, Role.ACCOUNTANT).get(url("spontaneouspayment_changelist"))
    assert "Mario Rossi" not in other.content.decode()
