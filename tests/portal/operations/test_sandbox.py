"""The sandbox host: mail sink, store, and pages that share nothing with the portal."""

import smtplib
import threading
from email.message import EmailMessage

import pytest
import requests
from django.core.exceptions import ImproperlyConfigured

from portal.operations.ports import any_free
from portal.operations.sandbox.mail import newest, smtp_server
from portal.operations.sandbox.server import sandbox_application, sandbox_server
from portal.operations.sandbox.store import Store


@pytest.fixture(autouse=True)
def own_data(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.SANDBOXES = [("posta", "portal.operations.sandbox.urls")]


@pytest.fixture
def address():
    server = sandbox_server("127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def send():
    port = any_free(but=set())
    server = smtp_server("127.0.0.1", port)
    server.start()

    def deliver(message: EmailMessage) -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.send_message(message)

    yield deliver
    server.stop()


def a_message(subject="La tua domanda è stata ricevuta", text="Numero 0000123/2026\nhttp://127.0.0.1/area/"):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "portale@example.it", "anna@example.it", subject
    message.set_content(text)
    return message


def test_mail_arrives_and_is_read_on_its_page(send, address):
    send(a_message())
    listing = requests.get(f"{address}/posta/", timeout=10).text
    assert "La tua domanda è stata ricevuta" in listing
    page = requests.get(f"{address}/posta/{newest()[0].name}/", timeout=10)
    assert "Numero 0000123/2026" in page.text


def test_hostile_mail_is_shown_as_text(send, address):
    message = a_message(subject="<script>alert(1)</script>", text="javascript:alert(1) <img src=x onerror=alert(1)>")
    message.add_alternative("<script>alert(2)</script>", subtype="html")
    message.add_attachment(b"x", maintype="text", subtype="plain", filename="<b>.txt")
    send(message)
    for url in (f"{address}/posta/", f"{address}/posta/{newest()[0].name}/"):
        text = requests.get(url, timeout=10).text
        assert "<script" not in text
        assert "<img" not in text
        assert "<b>" not in text


@pytest.mark.parametrize("name", ["..%2F..%2Fsecret_key", "20260101T000000000000-00000000", "%00"])
def test_guessed_names_of_mails_are_not_found(address, name):
    assert requests.get(f"{address}/posta/{name}/", timeout=10).status_code == 404


def test_the_sandbox_sets_no_cookie_and_has_its_own_policy(address):
    answer = requests.get(f"{address}/", timeout=10)
    assert "Posta in uscita" in answer.text
    assert not answer.cookies
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_the_portals_pages_are_not_there(address):
    answer = requests.get(f"{address}/admin/", timeout=10)
    assert answer.status_code == 404
    assert "Ambiente dimostrativo" in answer.text


def test_the_sandbox_refuses_production(settings):
    settings.PRODUCTION = True
    with pytest.raises(ImproperlyConfigured, match="produzione"):
        sandbox_application()


def test_the_store_gives_back_what_it_was_given(tmp_path):
    store = Store(tmp_path)
    store.put("ricevute", "301/../..", {"stato": "pagata", "importo": "16.00"})
    assert store.get("ricevute", "301/../..") == {"stato": "pagata", "importo": "16.00"}
    assert store.list("ricevute") == [("301/../..", {"stato": "pagata", "importo": "16.00"})]
    store.delete("ricevute", "301/../..")
    assert store.get("ricevute", "301/../..") is None
    assert store.list("ricevute") == []
    assert store.list("mai vista") == []


@pytest.mark.parametrize("key", ["", "x" * 300])
def test_the_store_refuses_keys_that_are_no_names(tmp_path, key):
    with pytest.raises(ValueError, match="not a key"):
        Store(tmp_path).put("a", key, {})


def test_updates_from_many_threads_are_all_counted(tmp_path):
    store = Store(tmp_path)

    def count() -> None:
        for _ in range(20):
            store.update("contatori", "iuv", lambda value: {"n": (value or {"n": 0})["n"] + 1})

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.get("contatori", "iuv") == {"n": 80}
