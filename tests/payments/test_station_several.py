"""A body on several stations at once: each number is asked through its own, a receipt comes through any of them."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scopes_disabled

from payments.domain.states import State
from payments.models import Broker, DebtKind, Instalment, Position, QuarantinedMessage, Receipt, Station, StationLink
from payments.node import demand
from payments.sandbox import node as sandbox_node
from portal.entities.models import Entity
from tests.payments.node_messages import Answer, To, get, post, send, verify
from tests.payments.node_messages import Receipt as Message
from tests.payments.node_messages import demand as demanding
from tests.payments.test_station_demand import DATA

PISA = "80000410508"
FIRST, SECOND = To(), To(station=f"{PISA}_02")
PARTNER = To(broker="01199250158", station="01199250158_01")
WRONG = "PAA_STAZIONE_INT_ERRATA"
ASKING = {
    "verify": lambda nav, to: verify(nav, to=to),
    "get": lambda nav, to: get(nav, to=to, v2=False),
    "get_v2": lambda nav, to: get(nav, to=to),
}


def link(entity: Entity, to: To, *, code: int) -> StationLink:
    """The body joins one more station."""
    with scopes_disabled():
        broker, _ = Broker.objects.get_or_create(entity=entity, fiscal_code=to.broker, defaults={"name": to.broker})
        station = Station.objects.create(entity=entity, broker=broker, code=to.station)
        creditor = StationLink.objects.get(entity=entity, issues=True).creditor
        return StationLink.objects.create(
            entity=entity, creditor=creditor, station=station, segregation_code=code, issues=False
        )


@pytest.fixture
def second(pisa: Entity) -> StationLink:
    return link(pisa, SECOND, code=7)


def told(answer: Answer) -> str:
    return answer.fault or answer.outcome


@pytest.mark.parametrize("operation", ASKING)
def test_a_number_is_asked_through_its_own_station_only(pisa, second, notice, operation):
    link(pisa, PARTNER, code=8)
    assert told(post(ASKING[operation](notice.nav, FIRST))) == "OK"
    # Both are stations of this body, with their own brokers: it is the number that is not theirs.
    assert told(post(ASKING[operation](notice.nav, SECOND))) == WRONG
    assert told(post(ASKING[operation](notice.nav, PARTNER))) == WRONG


def test_a_kind_of_debt_with_a_station_of_its_own_is_asked_there(pisa, second, charged):
    with scopes_disabled():
        DebtKind.objects.filter(entity=pisa, code="TE_BOLLO").update(link=second)
    notice = charged(pisa)
    assert notice.nav[1:3] == "07"
    assert told(post(verify(notice.nav, to=SECOND))) == "OK"
    assert told(post(verify(notice.nav, to=FIRST))) == WRONG


def test_the_wrong_station_is_told_before_the_state_of_the_notice(second, notice):
    with scopes_disabled():
        Position.objects.update(state=State.DRAFT)
    assert told(post(verify(notice.nav, to=SECOND))) == WRONG
    assert told(post(verify("301000000000999999", to=SECOND))) == "PAA_PAGAMENTO_SCONOSCIUTO"


def test_when_its_own_station_is_off_no_other_answers_for_a_number(second, notice):
    with scopes_disabled():
        StationLink.objects.exclude(pk=second.pk).update(active=False)
    assert told(post(verify(notice.nav, to=SECOND))) == WRONG
    assert told(post(verify(notice.nav, to=FIRST))) == WRONG


def test_a_position_without_a_link_is_of_the_station_that_issues_or_of_its_numbers_code(second, notice):
    with scopes_disabled():
        Position.objects.update(link=None)
    assert told(post(verify(notice.nav, to=FIRST))) == "OK"
    assert told(post(verify(notice.nav, to=SECOND))) == WRONG
    with scopes_disabled():
        StationLink.objects.update(issues=False)
        StationLink.objects.filter(pk=second.pk).update(issues=True)
    assert told(post(verify(notice.nav, to=FIRST))) == "OK"
    assert told(post(verify(notice.nav, to=SECOND))) == "OK"


def test_a_station_linked_twice_answers_for_both_codes(pisa, notice):
    with scopes_disabled():
        known = StationLink.objects.get(entity=pisa)
        StationLink.objects.create(
            entity=pisa, creditor=known.creditor, station=known.station, segregation_code=9, issues=False
        )
    assert told(post(verify(notice.nav))) == "OK"


def test_a_verify_with_several_stations_is_still_one_query(second, notice):
    with CaptureQueriesContext(connection) as queries:
        post(verify(notice.nav))
    assert len([row for row in queries if row["sql"].lstrip().startswith(("SELECT", "WITH"))]) == 1


def test_a_receipt_is_taken_through_any_station_of_the_body(second, notice):
    assert told(post(send(Message(notice.nav), to=SECOND))) == "OK"
    with scopes_disabled():
        assert (Receipt.objects.count(), QuarantinedMessage.objects.count()) == (1, 0)
        assert Position.objects.get().state == State.PAID


def test_a_new_number_may_be_of_another_station_than_the_one_that_asked(pisa, second, charged, monkeypatch):
    made: list[Instalment] = []

    def handler(entity_id: int, service: str, data: Any) -> str:
        with scopes_disabled():
            DebtKind.objects.filter(entity=pisa, code="TE_BOLLO").update(link=second)
        made.append(charged(pisa))
        return made[0].nav

    monkeypatch.setattr(demand, "_handlers", [handler])
    answer = post(demanding(DATA))
    assert (answer.outcome, answer.text("qrCode/noticeNumber")) == ("OK", made[0].nav)
    assert told(post(verify(made[0].nav, to=SECOND))) == "OK"


def test_the_node_of_the_demonstration_reads_the_station_in_the_number():
    florence = "80016450480"
    assert sandbox_node.head_of(florence, "312000000000000142").station == f"{florence}_02"
    assert sandbox_node.head_of(florence, "302000000000000142").station == f"{florence}_01"
    assert sandbox_node.head_of(PISA, "312000000000000142").station == f"{PISA}_01"
