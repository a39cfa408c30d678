"""Pages of a position that can be paid in more ways than one, or with a digital stamp."""

from datetime import date, timedelta
from hashlib import sha256

import pytest

from payments.models import DatedAmount, DebtKind, Instalment, Position
from payments.services.positions import position_suspend
from portal import clock
from portal.audit.actor import Actor
from portal.billing.socket import ChargeLineDraft, Payer, PlannedInstalment, biller
from tests.factories.platform import make_person
from tests.payments.node_messages import PlainClient, Receipt, post, send
from tests.payments.test_citizen_pages import browser, downloaded, fake_checkout, page_of
from tests.payments.test_visitor_pages import MARIO, PAGE, search

__all__ = ["fake_checkout"]
pytestmark = pytest.mark.usefixtures("every_entity")
DEBTOR = Payer("F", MARIO, "Mario Rossi")
PLAN = (PlannedInstalment(2000, date(2027, 4, 30)), PlannedInstalment(2800, date(2027, 6, 30)))


@pytest.fixture
def mario(pisa):
    return browser(make_person("Mario", "Rossi", fiscal_code=MARIO))


@pytest.fixture
def planned(pisa, charged_many):
    """48,00 euro at once, or 20,00 and 28,00: the three instalments."""
    charged_many(pisa, plan=PLAN, payer=DEBTOR)
    return list(Instalment.objects.order_by("pk"))


def paid(row, *shares, total=None):
    """The node delivers the receipt of an instalment, with its shares in euro."""
    transfers = tuple((seq, share, "80000410508", "IT60X") for seq, share in enumerate(shares, start=1))
    total = total or f"{row.amount_cents / 100:.2f}"
    assert post(send(Receipt(row.nav, receipt_id=row.nav, amount=total, transfers=transfers))).outcome == "OK"


@pytest.fixture
def notice(pisa, charged):
    """A plain notice of Mario."""
    return charged(pisa, payer=DEBTOR)


def text_of(client, charge=None):
    return client.get(page_of(charge)).content.decode()


def test_both_ways_are_offered_with_their_numbers(mario, planned):
    text = text_of(mario)
    assert "Tutto in una volta" in text
    assert "Rata 2 di 2" in text
    for row in planned:
        assert f'name="avviso" value="{row.nav}"' in text


def test_a_plain_notice_shows_no_choice(mario, notice):
    assert "Come puoi pagare" not in text_of(mario)


def test_the_chosen_instalment_goes_to_the_checkout(mario, planned, fake_checkout, settings):
    settings.CHECKOUT_URL = "https://checkout.example/ec/v2"
    wire = fake_checkout()
    mario.post(page_of(what="paga/"), {"avviso": planned[1].nav})
    (row,) = wire.bodies[0][1]["paymentNotices"]
    assert (row["noticeNumber"], row["amount"]) == (planned[1].nav, 2000)


def test_a_number_of_somebody_else_s_is_not_paid_from_here(mario, planned, charged, firenze, fake_checkout, settings):
    settings.CHECKOUT_URL = "https://checkout.example/ec/v2"
    other = charged(firenze, source="case:9")
    wire = fake_checkout()
    mario.post(page_of(planned[0].option.position.charge, "paga/"), {"avviso": other.nav})
    (row,) = wire.bodies[0][1]["paymentNotices"]
    assert row["noticeNumber"] == planned[0].nav


def test_the_first_instalment_closes_the_single_payment_and_gives_its_own_receipt(mario, planned):
    single, first, second = planned
    paid(first, "20.00")
    text = text_of(mario)
    assert Position.objects.get().state == "partly_paid"
    assert "Come hai pagato" in text
    assert "La prossima rata" in text
    assert f'value="{second.nav}"' in text
    assert f'value="{single.nav}"' not in text
    assert f"ricevuta-{first.nav}.pdf" in text
    assert downloaded(mario.get(page_of(what=f"ricevuta-{first.nav}.pdf"))).startswith(b"%PDF")
    assert mario.get(page_of(what=f"ricevuta-{second.nav}.pdf")).status_code == 404


def test_the_last_instalment_settles_the_whole(mario, planned):
    _single, first, second = planned
    paid(first, "20.00")
    paid(second, "12.00", "16.00")
    assert Position.objects.get().state == "paid"
    assert "Hai pagato" in text_of(mario)


def test_the_page_and_the_checkout_say_what_it_costs_today(mario, notice, fake_checkout, settings):
    settings.CHECKOUT_URL = "https://checkout.example/ec/v2"
    today = clock.today()
    for since, cents in ((today, 6100), (today + timedelta(days=1), 9900)):
        DatedAmount.objects.create(entity=notice.entity, instalment=notice, valid_from=since, cents=cents, rule="prova")
    assert "61,00\N{NO-BREAK SPACE}€" in text_of(mario)
    wire = fake_checkout()
    mario.post(page_of(what="paga/"))
    assert wire.bodies[0][1]["paymentNotices"][0]["amount"] == 6100


def test_a_suspended_position_says_so_and_offers_neither_button_nor_notice(mario, notice):
    position_suspend(position_id=notice.option.position_id, reason="Ricorso", actor=Actor.system("prova"))
    text = text_of(mario)
    assert "ha sospeso questo pagamento" in text
    assert "Paga adesso" not in text
    assert "avviso.pdf" not in text
    assert "Ricorso" not in text


def test_a_digital_stamp_is_paid_on_line_only(mario, pisa, charged):
    DebtKind.objects.filter(entity=pisa, code="TE_BOLLO").update(digital_stamp=True)
    stamp = ChargeLineDraft("bollo", "Marca da bollo", 1600, "TE_BOLLO", sha256(b"istanza").hexdigest(), "PI")
    charged(pisa, lines=[stamp], payer=DEBTOR)
    text = text_of(mario)
    assert "Paga adesso" in text
    assert "soltanto on line" in text
    assert "avviso.pdf" not in text
    assert mario.get(page_of(what="avviso.pdf")).status_code == 404


def test_a_visitor_sees_the_number_they_typed_and_not_the_plan(planned):
    client = PlainClient()
    assert search(planned[1].nav, client=client)["Location"] == PAGE
    text = client.get(PAGE).content.decode()
    assert "20,00\N{NO-BREAK SPACE}€" in text
    assert planned[0].nav not in text


def test_a_visitor_with_the_other_number_is_told_not_to_pay_again(planned):
    single, first, _second = planned
    paid(first, "20.00")
    client = PlainClient()
    search(single.nav, client=client)
    assert "non pagare anche questo" in client.get(PAGE).content.decode()


def test_a_paper_with_an_amount_that_is_no_longer_due_is_not_offered(mario, notice):
    DatedAmount.objects.create(
        entity=notice.entity, instalment=notice, valid_from=clock.today(), cents=6100, rule="prova"
    )
    assert "avviso.pdf" not in text_of(mario)
    assert mario.get(page_of(what="avviso.pdf")).status_code == 404
    assert "Avviso PDF" not in listed(mario)
    assert "Avviso PDF" not in mario.get("/area/").content.decode()


def listed(client):
    return client.get("/area/pagamenti/").content.decode()


def test_the_list_says_what_each_costs_today_and_the_total_follows(mario, notice):
    DatedAmount.objects.create(
        entity=notice.entity, instalment=notice, valid_from=clock.today(), cents=6100, rule="prova"
    )
    text = listed(mario)
    assert "Hai un avviso da pagare, di 61,00\N{NO-BREAK SPACE}€" in text
    assert "48,00" not in text


def test_what_is_suspended_stays_in_the_list_without_the_button_and_out_of_what_waits(mario, notice):
    position_suspend(position_id=notice.option.position_id, reason="Ricorso", actor=Actor.system("prova"))
    text = listed(mario)
    assert "Non hai niente da pagare" in text
    assert "sospesa" in text
    assert "Paga adesso" not in text
    assert "Paga gli oneri" not in mario.get("/area/").content.decode()


def test_what_was_paid_is_what_the_receipts_say(mario, notice):
    paid(notice, "40.00", "16.00", total="56.00")
    text = listed(mario)
    assert "56,00\N{NO-BREAK SPACE}€" in text
    assert "56,00\N{NO-BREAK SPACE}€" in mario.get("/area/pagamenti/ricevute/").content.decode()
    assert Position.objects.get().charge.final_cents == 5600


@pytest.mark.parametrize("how_many", [1, 6])
def test_standings_ask_as_many_queries_for_one_as_for_many(pisa, charged, django_assert_num_queries, how_many):
    charges = [charged(pisa, source=f"case:{n}", payer=DEBTOR).option.position.charge for n in range(how_many)]
    with django_assert_num_queries(2):
        found = biller().standings(charges, on=clock.today())
    assert {row.pk for row in charges} == set(found)
