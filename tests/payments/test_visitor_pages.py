"""Paying without logging in: two codes open one notice, and nothing tells a debt from a number nobody issued."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pdfplumber
import pytest
import requests
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from payments import visitor
from payments.domain.codes import grouped, issue
from payments.domain.masking import masked
from payments.gateways import checkout
from payments.models import Instalment, PaymentOption
from portal import clock
from portal.audit.actor import Actor
from portal.billing.models import Charge
from portal.billing.services import cancel_charge
from portal.billing.socket import Payer
from tests.payments.node_messages import PlainClient, Receipt, post, send
from tests.portal.site.pages import read
from tests.portal.site.test_public_pages import broken_policy
from tests.test_lists_and_queries import each_row_again

pytestmark = pytest.mark.usefixtures("every_entity")
MARIO = "RSSMRA60D20F205C"
GIULIA = "BNCGLI85M41G702G"
FORM, PAGE = "/pagamenti/", "/pagamenti/aperto/"
NOBODYS = issue(segregation_code=1, sequence=987654).nav
SAME_WORDS = "Non troviamo un avviso con questo codice e questo codice fiscale."


def search(nav: str, code: str = MARIO, client: Any = None) -> Any:
    return (client or PlainClient()).post(FORM, {"avviso": nav, "codice_fiscale": code})


@pytest.fixture
def charged(charged: Callable[..., Instalment]) -> Callable[..., Instalment]:
    """As the other charges, of a debtor whose tax code is right to the last character."""
    payer = Payer("F", MARIO, "Mario Rossi", "mario.rossi@posta.example")
    return lambda entity, **extra: charged(entity, **{"payer": payer, **extra})


@pytest.fixture
def visitor_of(notice: Instalment) -> Any:
    """A browser that opened the notice with its two codes."""
    client = PlainClient()
    assert search(notice.nav, client=client)["Location"] == PAGE
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


class Checkout:
    """The other side of the wire."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, error: Exception | None = None) -> None:
        self.bodies: list[Any] = []
        self.error = error
        monkeypatch.setattr(checkout.requests, "post", self.post)

    def post(self, url: str, json: Any, **options: Any) -> requests.Response:
        self.bodies.append(json)
        if self.error:
            raise self.error
        answer = requests.Response()
        answer.status_code = 302
        answer.headers["Location"] = "https://checkout.example/c/1"
        return answer


# --- Finding it --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [str, grouped, lambda nav: f" {nav[:4]}.{nav[4:9]}-{nav[9:]} "])
def test_the_two_codes_open_the_notice_however_the_number_is_written(notice, write: Callable[[str], str]):
    client = PlainClient()
    response = search(write(notice.nav), " rssmra60d20 f205c ", client)
    assert (response.status_code, response["Location"]) == (302, PAGE)
    page = text(client.get(PAGE))
    assert "48,00\N{NO-BREAK SPACE}€" in page
    assert "30/06/2027" in page
    assert "da pagare" in page
    assert "Imposta di bollo" in page
    assert "DEMO1" in page, "the codes to pay at a counter"


def test_a_company_s_notice_opens_with_its_tax_code(pisa, charged):
    row = charged(pisa, payer=Payer("G", "00743110157", "Trasporti S.r.l."))
    assert search(row.nav, "00743110157").status_code == 302


def test_the_name_is_masked_and_neither_code_of_the_person_is_on_the_page(visitor_of):
    page = text(visitor_of.get(PAGE))
    assert "M*** R***" in page
    for secret in ("Rossi", "Mario", MARIO, "mario.rossi"):
        assert secret not in page


def test_neither_code_is_ever_in_an_address(visitor_of, notice):
    page = text(visitor_of.get(PAGE))
    assert f"avviso={notice.nav}" not in page
    assert 'method="post"' in text(PlainClient().get(FORM))


def test_a_code_on_paper_may_bring_the_number_and_never_the_tax_code(notice):
    page = text(PlainClient().get(FORM, {"avviso": notice.nav, "codice_fiscale": MARIO}, follow=True))
    assert f'value="{grouped(notice.nav)}"' in page
    assert MARIO not in page


@pytest.mark.parametrize("number", ["1", "abc", "<script>", "0" * 18, "301000000000000001"])
def test_a_number_that_is_none_is_not_shown_in_the_form(pisa, number: str):
    response = PlainClient().get(FORM, {"avviso": number})
    assert response.status_code == 200
    assert f'value="{number}"' not in text(response)


@pytest.mark.parametrize("page", [FORM, PAGE])
def test_the_pages_keep_to_the_policy_and_out_of_every_cache(visitor_of, page: str):
    response = visitor_of.get(page)
    assert broken_policy(read(response)) == []
    assert "no-store" in response["Cache-Control"]


# --- One answer for everybody who guesses ------------------------------------------------------------------------


def guess(nav: str, code: str) -> tuple[int, int, str, int]:
    client = PlainClient()
    client.get(FORM)
    with CaptureQueriesContext(connection) as queries:
        response = search(nav, code, client)
    words = text(response).replace(nav, "NUMBER").replace(code, "CODE")
    token = response.context["csrf_token"]
    return response.status_code, len(response.content), words.replace(str(token), "TOKEN"), len(queries)


def test_unknown_number_wrong_code_other_body_and_anonymous_debtor_have_the_same_answer(pisa, firenze, charged):
    known = charged(pisa).nav
    of_florence = charged(firenze, source="case:2").nav
    anonymous = charged(pisa, source="case:3", payer=Payer("F", "ANONIMO", "Ospite")).nav
    answers = [
        guess(NOBODYS, MARIO),
        guess(known, GIULIA),
        guess(of_florence, MARIO),
        guess(anonymous, MARIO),
    ]
    assert len(set(answers)) == 1
    assert SAME_WORDS in answers[0][2]
    assert answers[0][0] == 422


def test_a_cancelled_and_a_paid_notice_answer_a_wrong_code_as_a_number_nobody_issued(pisa, charged, notice):
    post(send(Receipt(notice.nav)))
    gone = charged(pisa, source="case:2")
    cancel_charge(charge_id=gone.option.position.charge_id, actor=Actor.system("prova"))
    assert len({guess(nav, GIULIA) for nav in (NOBODYS, notice.nav, gone.nav)}) == 1


@pytest.mark.parametrize("number", [NOBODYS, "known"])
def test_anonymous_is_no_tax_code_and_the_page_says_where_to_pay_instead(pisa, charged, number: str):
    anonymous = charged(pisa, payer=Payer("F", "ANONIMO", "Ospite")).nav
    response = search(anonymous if number == "known" else number, "anonimo")
    assert response.status_code == 422
    assert "non si paga da questa pagina" in text(response)


@pytest.mark.parametrize(
    ("nav", "code", "words"),
    [
        ("", MARIO, "Scrivi il codice dell&#x27;avviso."),
        ("30100000000000018", MARIO, "ha 18 cifre"),
        ("3010000000000001850", MARIO, "ha 18 cifre"),
        ("9" * 41, MARIO, "ha 18 cifre"),
        (NOBODYS[:-1] + str((int(NOBODYS[-1]) + 1) % 10), MARIO, "errore di battitura"),
        ("0" * 18, MARIO, "soli zeri"),
        ("٣" * 18, MARIO, "ha 18 cifre"),
        (NOBODYS, "", "Scrivi il codice fiscale"),
        (NOBODYS, "RSSMRA60D20F205X", "non è giusto"),
        (NOBODYS, "12345678901", "non è giusto"),
        (NOBODYS, "'; DROP TABLE x; --", "non è giusto"),
    ],
)
def test_a_code_written_wrong_is_pointed_at_and_nothing_is_looked_up(pisa, nav: str, code: str, words: str):
    with CaptureQueriesContext(connection) as queries:
        response = search(nav, code)
    assert response.status_code == 422
    assert words in text(response)
    assert not [query for query in queries if "payments_instalment" in query["sql"]]


def test_an_address_that_guesses_is_told_to_wait(pisa):
    client = PlainClient()
    statuses = [search("", client=client).status_code for _ in range(21)]
    assert statuses == [422] * 20 + [429]
    assert search("", client=client)["Retry-After"] == "600"
    assert client.get(FORM).status_code == 200, "reading costs nothing"


def test_a_number_is_tried_ten_times_an_hour_from_wherever(notice):
    answers = [PlainClient(REMOTE_ADDR=f"10.0.0.{last}").post(
        FORM, {"avviso": notice.nav, "codice_fiscale": GIULIA}) for last in range(11)]  # fmt: skip
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert answers[-1]["Retry-After"] == "3600"
    assert search(NOBODYS, GIULIA).status_code == 422, "another number may be tried"


def test_a_tax_code_is_tried_thirty_times_an_hour_along_the_sequence_of_numbers(pisa):
    statuses = [
        PlainClient(REMOTE_ADDR=f"10.0.1.{n}")
        .post(FORM, {"avviso": issue(segregation_code=1, sequence=n).nav, "codice_fiscale": MARIO})
        .status_code
        for n in range(31)
    ]
    assert statuses == [422] * 30 + [429]


def test_the_form_wants_its_token(notice):
    assert search(notice.nav, client=PlainClient(enforce_csrf_checks=True)).status_code == 403


# --- Half an hour, this browser -----------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["", "avviso.pdf", "ricevuta.pdf", "ritorno/ok/"])
def test_who_opened_nothing_is_asked_for_the_codes(notice, what: str):
    response = PlainClient().get(PAGE + what)
    assert (response.status_code, response["Location"]) == (302, FORM)


@pytest.mark.parametrize("what", ["", "avviso.pdf", "ritorno/ok/"])
def test_after_half_an_hour_the_codes_are_asked_again(visitor_of, monkeypatch, what: str):
    later = clock.now() + timedelta(minutes=30)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert visitor_of.get(PAGE + what)["Location"] == FORM
    assert "mezz&#x27;ora" in text(visitor_of.get(FORM))


def test_a_little_earlier_it_is_still_open(visitor_of, monkeypatch):
    later = clock.now() + timedelta(minutes=29)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert visitor_of.get(PAGE).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "eyJpbnN0YWxtZW50IjoxfQ:1:x"])
def test_a_token_that_is_not_ours_opens_nothing(visitor_of, token: str):
    session = visitor_of.session
    session[visitor.KEY] = token
    session.save()
    assert visitor_of.get(PAGE)["Location"] == FORM


def test_closing_forgets_the_notice(visitor_of):
    assert visitor_of.get(PAGE + "chiudi/").status_code == 405
    assert visitor_of.post(PAGE + "chiudi/")["Location"] == FORM
    assert visitor_of.get(PAGE)["Location"] == FORM


def test_the_page_asks_no_more_for_more_rows(visitor_of):
    with CaptureQueriesContext(connection) as few, each_row_again(1):
        visitor_of.get(PAGE)
    with CaptureQueriesContext(connection) as many, each_row_again(4):
        visitor_of.get(PAGE)
    assert len(many) == len(few) <= 6


# --- Paying ------------------------------------------------------------------------------------------------------


def test_paying_sends_a_cart_without_the_debtor_s_address_and_comes_back_without_codes(
    visitor_of, notice, monkeypatch, settings
):
    settings.CHECKOUT_URL = "https://checkout.example/ec/v2"
    wire = Checkout(monkeypatch)
    policy = visitor_of.get(PAGE)["Content-Security-Policy"]
    assert "form-action 'self' https://checkout.example" in policy
    response = visitor_of.post(PAGE + "paga/")
    assert (response.status_code, response["Location"]) == (302, "https://checkout.example/c/1")
    (body,) = wire.bodies
    assert body["paymentNotices"][0]["noticeNumber"] == notice.nav
    assert body["paymentNotices"][0]["amount"] == 4800
    assert "emailNotice" not in body
    assert {url.split("/ritorno/")[1] for url in body["returnUrls"].values()} == {
        "ok/", "annullato/", "errore/", "attesa/",
    }  # fmt: skip
    assert notice.nav not in str(body["returnUrls"])


@pytest.mark.parametrize("error", [requests.ConnectionError(), requests.Timeout()])
def test_when_the_checkout_is_down_the_page_says_what_to_do(visitor_of, monkeypatch, settings, error):
    settings.CHECKOUT_URL = "https://checkout.example"
    Checkout(monkeypatch, error=error)
    response = visitor_of.post(PAGE + "paga/")
    assert response.status_code == 502
    assert "in questo momento non risponde" in text(response)


def test_without_a_checkout_there_is_no_button_and_the_counter_stays(visitor_of, settings):
    settings.SANDBOX_BASE_URL = ""
    page = text(visitor_of.get(PAGE))
    assert "Paga on line" not in page
    assert "DEMO1" in page


def test_paid_while_the_page_is_open_nobody_is_sent_to_pay_again(visitor_of, notice, monkeypatch):
    wire = Checkout(monkeypatch)
    assert "Paga on line" in text(visitor_of.get(PAGE))
    post(send(Receipt(notice.nav)))
    assert visitor_of.post(PAGE + "paga/")["Location"] == PAGE
    assert wire.bodies == []
    page = text(visitor_of.get(PAGE))
    assert "non pagarlo una seconda volta" in page
    assert "Paga on line" not in page
    assert visitor_of.get(PAGE + "avviso.pdf").status_code == 404


@pytest.mark.parametrize(
    ("outcome", "words"),
    [("ok", "in corso di conferma"), ("attesa", "in corso di conferma"), ("annullato", "Hai annullato"),
     ("errore", "non è riuscito")],
)  # fmt: skip
def test_coming_back_changes_nothing_and_promises_nothing(visitor_of, outcome: str, words: str):
    before = Charge.objects.values().get()
    page = text(visitor_of.get(f"{PAGE}ritorno/{outcome}/"))
    assert words in page
    assert "Scarica la ricevuta" not in page
    assert Charge.objects.values().get() == before


def test_an_invented_outcome_does_not_exist(visitor_of):
    assert visitor_of.get(PAGE + "ritorno/gratis/").status_code == 404


def test_the_notice_and_then_the_receipt_are_downloaded_and_never_cached(visitor_of, notice):
    paper = visitor_of.get(PAGE + "avviso.pdf")
    assert b"".join(paper.streaming_content).startswith(b"%PDF-")
    assert visitor_of.get(PAGE + "ricevuta.pdf").status_code == 404
    post(send(Receipt(notice.nav)))
    receipt = visitor_of.get(PAGE + "ricevuta.pdf")
    assert "no-store" in receipt["Cache-Control"]
    with pdfplumber.open(BytesIO(b"".join(receipt.streaming_content))) as document:
        assert "Ricevuta di pagamento" in document.pages[0].extract_text()


# --- What cannot be paid says why --------------------------------------------------------------------------------


def test_a_cancelled_notice_says_not_to_pay(visitor_of):
    cancel_charge(charge_id=Charge.objects.get().pk, actor=Actor.system("prova"))
    page = text(visitor_of.get(PAGE))
    assert "ha annullato questo avviso: non pagarlo" in page
    assert "Paga on line" not in page
    assert visitor_of.get(PAGE + "avviso.pdf").status_code == 404


def test_a_late_notice_can_be_paid_unless_its_option_refuses(pisa, charged):
    row = charged(pisa, due_on=date(2020, 1, 31))
    client = PlainClient()
    search(row.nav, client=client)
    assert "Paga on line" in text(client.get(PAGE))
    PaymentOption.objects.update(refused_after_due=True)
    page = text(client.get(PAGE))
    assert "È passato l&#x27;ultimo giorno" in page or "È passato l'ultimo giorno" in page
    assert "Paga on line" not in page


def test_a_notice_for_later_says_from_when(visitor_of):
    PaymentOption.objects.update(valid_from=date(2099, 1, 1))
    assert "dal 01/01/2099" in text(visitor_of.get(PAGE))


@pytest.mark.parametrize("page", ["/", "/mappa/", "/assistenza/", "/accessibilita/"])
def test_the_way_to_it_is_on_the_pages_where_one_looks(pisa, page: str):
    assert 'href="/pagamenti/"' in text(PlainClient().get(page))


@given(name=st.text(max_size=70))
def test_a_masked_name_shows_one_letter_of_each_word_and_not_its_length(name: str):
    assert [len(word) for word in masked(name).split()] == [4] * len(name.split())
