"""«Dov'è il mio pagamento?»: found by what the caller has in hand, read by who may, told up to the treasury."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django_scopes import scope, scopes_disabled

from payments.models import Position
from payments.reconciliation.models import Channel
from payments.reconciliation.selectors.story import MOST_FOUND, story
from payments.reconciliation.services.flows import ingest_flow
from payments.reconciliation.services.journals import ingest_journal
from payments.reconciliation.services.matching import reconcile
from portal.audit.actor import Actor
from portal.entities.models import Role
from tests.factories.world import browser_of_staff
from tests.payments import node_messages as node
from tests.payments.reconciliation.builders import credit, flow_bundle, journal, line

FIND = "admin:payments_reconciliation_followedpayment_changelist"
TOLD = "admin:payments_reconciliation_followedpayment_change"
ACTOR = Actor.system("prova")


@pytest.fixture
def phone(pisa):
    """Somebody of the accounts, answering."""
    return browser_of_staff(pisa, Role.ACCOUNTANT)


def asked(client, text):
    response = client.post(reverse(FIND), {"text": text})
    assert response.status_code == 200
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def in_the_treasury(settings, tmp_path, pisa, notice, time_machine):
    """The notice paid, reported by a flow and credited by a transfer."""
    settings.DATA_DIR = tmp_path
    node.post(node.send(node.Receipt(notice.nav, paid_at="2026-11-11T10:00:00")))
    with scope(entity=pisa):
        flow = flow_bundle(pisa.fiscal_code, [line(notice.iuv, "a" * 32, 4800)])
        ingest_flow(entity=pisa, content=flow, name="flusso.json", channel=Channel.API, actor=ACTOR)
        books = journal(pisa, [credit(4800)])
        ingest_journal(entity=pisa, content=books, name="giornale.xml", channel=Channel.FOLDER, actor=ACTOR)
        reconcile(entity=pisa, actor=ACTOR)
    return notice


@pytest.mark.parametrize("of", [
    lambda notice: notice.nav,
    lambda notice: f"{notice.nav[:4]} {notice.nav[4:]}",
    lambda notice: notice.iuv,
    lambda notice: "rssmra60d20f205r",
    lambda notice: "A" * 32,
])  # fmt: skip
def test_whatever_the_caller_has_in_hand_leads_to_the_story(phone, in_the_treasury, of):
    page = asked(phone, of(in_the_treasury))
    assert "Il pagamento di 48,00 € del 11/11/2026 è arrivato. Il denaro è in tesoreria dal" in page
    for step in ("Avviso emesso", "Pagato", "Rendicontato", "In tesoreria", "Reversale da emettere"):
        assert step in page


def test_nothing_found_is_said_without_telling_what_others_have(phone, pisa):
    assert "Non c'è nulla con questo numero" in asked(phone, "301000000000004285").replace("&#x27;", "'")


def test_an_empty_question_is_refused_with_a_sentence(phone, pisa):
    response = phone.post(reverse(FIND), {"text": "  "})
    assert response.status_code == 422
    assert "Scrivi quello che chi chiama ha in mano" in response.content.decode()


def test_a_person_with_many_payments_is_given_a_choice(phone, pisa, charged):
    for number in range(MOST_FOUND + 1):
        charged(pisa, source=f"case:{number + 10}")
    page = asked(phone, "RSSMRA60D20F205R")
    assert page.count("/change/") == MOST_FOUND
    assert "Ce ne sono altri" in page


def test_a_receipt_of_no_notice_of_ours_is_found_by_the_accounts(phone, pisa):
    stray = "301999999999999999"
    node.post(node.send(node.Receipt(stray)))
    assert "Ricevute senza posizione" in asked(phone, stray)


def test_another_body_finds_nothing_and_reads_nothing(in_the_treasury, firenze):
    client = browser_of_staff(firenze, Role.ACCOUNTANT)
    assert "Il pagamento" not in asked(client, in_the_treasury.nav)
    position = in_the_treasury.option.position_id
    assert client.get(reverse(TOLD, args=[position])).status_code == 404


def test_an_officer_reads_only_the_payments_of_what_he_works_on(pisa, charged):
    client = browser_of_staff(pisa, Role.OFFICER)
    assert "Da pagare" not in asked(client, charged(pisa, source=f"case:{uuid4()}").nav)


def test_the_question_never_stands_in_an_address(phone, notice):
    assert "RSSMRA60D20F205R" not in phone.get(reverse(FIND), {"text": "RSSMRA60D20F205R"}).content.decode()


def test_a_story_takes_as_many_queries_for_one_receipt_as_for_many(in_the_treasury, django_assert_num_queries):
    with scopes_disabled():
        row = Position.objects.select_related("charge", "entity").get(pk=in_the_treasury.option.position_id)
        day = row.created_at.date()
        with django_assert_num_queries(14):
            few = len(story(row, on=day).steps)
        for number in range(5):
            node.post(node.send(node.Receipt(in_the_treasury.nav, receipt_id=str(number) * 32)))
        with django_assert_num_queries(14):
            assert len(story(row, on=day).steps) > few
