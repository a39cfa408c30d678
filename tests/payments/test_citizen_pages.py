"""The citizen's pages: only their own, never a promise that the receipt has not made."""

from io import BytesIO
from uuid import uuid4

import pdfplumber
import pytest
import requests

from payments.gateways import checkout
from portal import clock
from portal.audit.actor import Actor
from portal.billing.models import Charge
from portal.billing.selectors import charges_of
from portal.billing.services import cancel_charge
from portal.billing.socket import Payer, biller
from portal.people.acting import Acting
from portal.people.session import MANDATE_KEY
from tests.factories.platform import make_company, make_mandate, make_person, make_staff
from tests.payments.node_messages import PlainClient, Receipt, post, send

pytestmark = pytest.mark.usefixtures("every_entity")
MARIO = "RSSMRA60D20F205R"


@pytest.fixture
def mario(notice):
    """The debtor of the notice, logged in."""
    return browser(make_person("Mario", "Rossi", fiscal_code=MARIO))


def browser(person, mandate=None):
    client = PlainClient()
    client.force_login(person.user)
    if mandate is not None:
        session = client.session
        session[MANDATE_KEY] = mandate.pk
        session.save()
    return client


def page_of(charge=None, what=""):
    return f"/pagamenti/avviso/{(charge or Charge.objects.get()).uuid}/{what}"


def downloaded(response):
    """The bytes of a file; the test client closes it after the last one."""
    return b"".join(response.streaming_content)


class FakeCheckout:
    """Stands on the other side of the wire; the client itself is the real one."""

    def __init__(self, status=302, location="https://checkout.example/c/1", error=None):
        self.status, self.location, self.error, self.bodies = status, location, error, []

    def post(self, url, json, **options):
        self.bodies.append((url, json, options))
        if self.error:
            raise self.error
        answer = requests.Response()
        answer.status_code = self.status
        answer.headers["Location"] = self.location
        return answer


@pytest.fixture
def fake_checkout(monkeypatch):
    def install(**options):
        fake = FakeCheckout(**options)
        monkeypatch.setattr(checkout.requests, "post", fake.post)
        return fake

    return install


def test_the_page_says_how_much_by_when_and_offers_to_pay(mario):
    response = mario.get(page_of())
    text = response.content.decode()
    assert response.status_code == 200
    assert "48,00\N{NO-BREAK SPACE}€" in text
    assert "30/06/2027" in text
    assert "Paga adesso" in text
    assert "avviso.pdf" in text
    assert "ricevuta.pdf" not in text
    assert "style=" not in text
    assert response["Cache-Control"].startswith("max-age=0")


def test_the_address_of_the_page_costs_no_query(notice, django_assert_num_queries):
    charge = Charge.objects.get()
    with django_assert_num_queries(0):
        assert biller().page_url(charge) == page_of(charge)


@pytest.mark.parametrize("how_many", [1, 7])
def test_the_list_of_the_personal_area_asks_as_many_queries_for_one_as_for_many(
    pisa, charged, django_assert_num_queries, how_many
):
    for number in range(how_many):
        charged(pisa, source=f"case:{number}")
    acting = Acting(make_person(fiscal_code=MARIO))
    with django_assert_num_queries(1):
        rows = list(charges_of(acting))
        assert [biller().page_url(row) for row in rows]
    assert len(rows) == how_many


@pytest.mark.parametrize("what", ["", "avviso.pdf", "ricevuta.pdf", "ritorno/ok/"])
def test_to_a_stranger_it_does_not_exist(notice, what):
    assert browser(make_person("Giulia", "Neri")).get(page_of(what=what)).status_code == 404
    assert browser(make_person("Senza", "Codice", fiscal_code=None)).get(page_of(what=what)).status_code == 404


@pytest.mark.parametrize("what", ["", "avviso.pdf", "ricevuta.pdf", "ritorno/ok/"])
def test_a_visitor_is_asked_to_log_in_and_comes_back(notice, what):
    response = PlainClient().get(page_of(what=what))
    assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accedi/")


def test_staff_have_the_admin_for_this(notice):
    client = PlainClient()
    client.force_login(make_staff(notice.entity))
    assert client.get(page_of()).status_code == 404


def test_a_guessed_address_does_not_exist(mario):
    assert mario.get(f"/pagamenti/avviso/{uuid4()}/").status_code == 404


def test_a_company_s_notice_is_seen_only_while_acting_for_it(pisa, charged):
    company, person = make_company(), make_person()
    mandate = make_mandate(person, company)
    charged(pisa, payer=Payer("G", company.fiscal_code, company.name))
    assert browser(person).get(page_of()).status_code == 404
    assert browser(person, mandate).get(page_of()).status_code == 200


def test_the_notice_is_downloaded_as_a_private_file(mario):
    response = mario.get(page_of(what="avviso.pdf"))
    assert response["Content-Type"] == "application/pdf"
    assert "no-store" in response["Cache-Control"]
    assert downloaded(response).startswith(b"%PDF-")


def test_after_the_payment_there_is_a_receipt_and_nothing_to_pay(mario, notice):
    post(send(Receipt(notice.nav)))
    text = mario.get(page_of()).content.decode()
    assert "Hai pagato" in text
    assert "ricevuta.pdf" in text
    assert "Paga adesso" not in text
    response = mario.get(page_of(what="ricevuta.pdf"))
    with pdfplumber.open(BytesIO(downloaded(response))) as document:
        printed = document.pages[0].extract_text()
    for field in ("Ricevuta di pagamento", "48,00", "3010 0000 0000 0001", "a" * 32, "PSP di prova", "Mario Rossi"):
        assert field in printed


def test_a_cancelled_notice_is_neither_payable_nor_printable(mario, notice):
    downloaded(mario.get(page_of(what="avviso.pdf")))
    cancel_charge(charge_id=Charge.objects.get().pk, actor=Actor.system("prova"))
    text = mario.get(page_of()).content.decode()
    assert "annullata" in text
    assert "Paga adesso" not in text
    assert mario.get(page_of(what="avviso.pdf")).status_code == 404
    assert mario.get(f"/area/pagamenti/{Charge.objects.get().uuid}/avviso.pdf").status_code == 404


def test_paying_sends_a_cart_and_follows_its_address(mario, notice, fake_checkout, settings):
    settings.CHECKOUT_URL, settings.CHECKOUT_SUBSCRIPTION_KEY = "https://checkout.example/ec/v2", "chiave"
    fake = fake_checkout()
    response = mario.post(page_of(what="paga/"))
    assert (response.status_code, response["Location"]) == (302, "https://checkout.example/c/1")
    ((url, body, options),) = fake.bodies
    assert url == "https://checkout.example/ec/v2/carts"
    assert body["paymentNotices"] == [
        {
            "noticeNumber": notice.nav,
            "fiscalCode": "80000410508",
            "amount": 4800,
            "companyName": "Provincia di Pisa",
            "description": "Autorizzazione al trasporto eccezionale",
        }
    ]
    assert body["returnUrls"]["returnWaitingUrl"].endswith(page_of(what="ritorno/attesa/"))
    assert options["headers"] == {"Ocp-Apim-Subscription-Key": "chiave"}
    assert options["allow_redirects"] is False


def test_the_policy_of_the_page_lets_the_form_reach_the_checkout_and_nothing_else(mario, settings):
    settings.CHECKOUT_URL = "https://checkout.example/ec/v2"
    policy = mario.get(page_of())["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["form-action"] == "'self' https://checkout.example"


@pytest.mark.parametrize(
    "broken",
    [
        {"error": requests.ConnectionError()},
        {"error": requests.Timeout()},
        {"status": 500},
        {"status": 200},
        {"location": "javascript:alert(1)"},
        {"location": ""},
    ],
    ids=str,
)
def test_when_the_checkout_is_down_the_page_says_what_to_do(mario, fake_checkout, settings, broken):
    settings.CHECKOUT_URL = "https://checkout.example"
    fake_checkout(**broken)
    response = mario.post(page_of(what="paga/"))
    assert response.status_code == 502
    assert "in questo momento non risponde" in response.content.decode()


def test_a_paid_notice_is_not_sent_to_the_checkout(mario, notice, fake_checkout):
    fake = fake_checkout()
    post(send(Receipt(notice.nav)))
    assert mario.post(page_of(what="paga/"))["Location"] == page_of()
    assert fake.bodies == []


def test_without_a_checkout_the_button_is_not_there(mario, settings):
    settings.SANDBOX_BASE_URL = ""
    assert "Paga adesso" not in mario.get(page_of()).content.decode()


def test_paying_wants_a_post_with_its_token(mario):
    assert mario.get(page_of(what="paga/")).status_code == 405
    strict = PlainClient(enforce_csrf_checks=True)
    strict.cookies = mario.cookies
    assert strict.post(page_of(what="paga/")).status_code == 403


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        ("ok", "in corso di conferma"),
        ("attesa", "in corso di conferma"),
        ("annullato", "Hai annullato"),
        ("errore", "non è riuscito"),
    ],
)
def test_coming_back_changes_nothing_and_promises_nothing(mario, outcome, text):
    before = Charge.objects.values().get()
    response = mario.get(page_of(what=f"ritorno/{outcome}/"))
    assert text in response.content.decode()
    assert "Hai pagato" not in response.content.decode()
    assert Charge.objects.values().get() == before


def test_coming_back_after_the_receipt_says_it_arrived(mario, notice):
    post(send(Receipt(notice.nav)))
    assert "Il pagamento è arrivato" in mario.get(page_of(what="ritorno/ok/")).content.decode()


def test_an_invented_outcome_does_not_exist(mario):
    assert mario.get(page_of(what="ritorno/gratis/")).status_code == 404


def test_the_page_of_a_late_notice_can_still_be_paid(pisa, charged):
    charged(pisa, due_on=clock.today().replace(year=2020))
    client = browser(make_person(fiscal_code=MARIO))
    assert "Paga adesso" in client.get(page_of()).content.decode()
