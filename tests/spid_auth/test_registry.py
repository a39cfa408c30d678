"""The registry of providers applied: with a signature we know, without one, broken; over real HTTP; and its alerts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from io import StringIO
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from portal import clock
from portal.accounts.models import Kind, User
from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from portal.outbox.models import OutboxMessage
from spid_auth import alerts
from spid_auth.domain.schemes import Scheme
from spid_auth.models import (
    Alert,
    AlertKind,
    AuthnTransaction,
    IdentityProvider,
    RefreshOutcome,
    RegistryRefresh,
    Source,
)
from spid_auth.registry.formats import LARGEST
from spid_auth.registry.services import Report, expiries_watch, pending_decide, pending_digest, registry_refresh
from spid_auth.saml import certificates
from spid_auth.saml.xml import written
from spid_auth.sandbox import registry as sandbox_registry
from spid_auth.sandbox.responses import anomaly, sealed
from spid_auth.tasks import refresh_providers
from tests.spid_auth.browser_like import come_back, leave
from tests.spid_auth.factory import NOON, keys
from tests.spid_auth.registry_documents import A, B, aggregate, entity, gives, redirects, served, signed

PINS = {certificates.fingerprint(keys("registry").certificate)}
OFFICE = Actor(label="Ufficio")
pytestmark = pytest.mark.usefixtures("federation")


@pytest.fixture
def refresh(tmp_path: Path) -> Any:
    """Take this document as the registry."""
    path = tmp_path / "registro.xml"

    def take(document: bytes, **options: Any) -> Report:
        path.write_bytes(document)
        return registry_refresh(source=path.as_uri(), **{"pins": PINS} | options)

    return take


def provider(issuer: str = A) -> IdentityProvider:
    return IdentityProvider.objects.get(issuer=issuer)


def open_alerts() -> list[tuple[str, str]]:
    return sorted(Alert.objects.filter(closed_at=None).values_list("kind", "subject"))


def office_client() -> Client:
    user = User.objects.create(username="custode", kind=Kind.STAFF, is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


# -- with a signature we know


def test_a_new_provider_of_a_signed_registry_appears_in_the_button_by_itself(refresh: Any) -> None:
    report = refresh(signed(aggregate(entity(A, "Alfa"))))
    assert report.outcome is RefreshOutcome.APPLIED
    assert (provider().enabled, provider().source, provider().scheme) == (True, Source.REGISTRY, Scheme.SPID)
    assert "Alfa" in Client().get("/accedi/").content.decode()
    assert leave(Client(), provider())  # one can leave for it
    assert open_alerts() == []


def test_changed_keys_and_addresses_are_taken_from_a_signed_registry(refresh: Any) -> None:
    refresh(signed(aggregate(entity(A, "Alfa"))))
    moved = entity(A, "Alfa", "idp", "next").replace(f"{A}/sso".encode(), f"{A}/nuovo".encode())
    refresh(signed(aggregate(moved)))
    assert len(provider().info.certificates) == 2  # the old and the new overlap
    assert provider().sso_post_url == f"{A}/nuovo"
    events = Event.objects.filter(action="spid.provider_saved", subject_id=str(provider().pk)).order_by("pk")
    assert events[1].data["changed"] == ["sso_post", "certificates"]


def test_what_somebody_switched_off_stays_off(refresh: Any) -> None:
    refresh(signed(aggregate(entity(A, "Alfa"))))
    IdentityProvider.objects.filter(issuer=A).update(enabled=False, scheme=Scheme.EIDAS)
    refresh(signed(aggregate(entity(A, "Alfa", "next"))))
    assert (provider().enabled, provider().scheme) == (False, Scheme.EIDAS)
    assert provider().certificates == keys("next").certificate


def test_a_provider_registered_by_hand_is_never_touched(refresh: Any) -> None:
    by_hand = IdentityProvider.objects.create(
        issuer=A, name="A mano", sso_post_url=f"{A}/altrove", certificates=keys("next").certificate
    )
    refresh(signed(aggregate(entity(A, "Alfa"))))
    refresh(aggregate(entity(A, "Alfa")))
    kept = provider()
    assert (kept.name, kept.sso_post_url, kept.certificates) == ("A mano", f"{A}/altrove", by_hand.certificates)
    assert (kept.source, kept.seen_at, kept.pending_certificates) == (Source.MANUAL, None, "")


def test_a_provider_that_left_the_registry_stays_with_an_alert_until_it_is_back(refresh: Any) -> None:
    refresh(signed(aggregate(entity(A, "Alfa"), entity(B, "Beta"))))
    refresh(signed(aggregate(entity(B, "Beta"))))
    assert provider().enabled
    assert open_alerts() == [(AlertKind.PROVIDER_MISSING, A)]
    refresh(signed(aggregate(entity(A, "Alfa"), entity(B, "Beta"))))
    assert open_alerts() == []


# -- without one


@pytest.mark.parametrize("how", ["unsigned", "by somebody else", "without pins"])
def test_without_a_signature_we_know_a_new_provider_waits_switched_off(refresh: Any, how: str) -> None:
    document = aggregate(entity(A, "Alfa"))
    if how != "unsigned":
        document = signed(document, by="registry" if how == "without pins" else "mallory")
    report = refresh(document, pins=set() if how == "without pins" else PINS)
    assert report.outcome is RefreshOutcome.CAUTIOUS
    assert not provider().enabled
    assert "Alfa" not in Client().get("/accedi/").content.decode()
    assert (AlertKind.PROVIDER_NEW, A) in open_alerts()
    assert ((AlertKind.REGISTRY, "signature") in open_alerts()) is (how != "without pins")


def test_a_changed_key_without_a_good_signature_keeps_the_old_one_and_alerts(refresh: Any) -> None:
    refresh(signed(aggregate(entity(A, "Alfa"))))
    old = provider()
    moved = entity(A, "Alfa", "mallory").replace(f"{A}/sso".encode(), b"https://mallory.example/sso")
    refresh(signed(aggregate(moved), by="mallory"))
    now = provider()
    assert (now.certificates, now.sso_post_url, now.enabled) == (old.certificates, old.sso_post_url, True)
    assert now.pending_certificates == keys("mallory").certificate
    assert {(AlertKind.PROVIDER_KEYS, A), (AlertKind.PROVIDER_CHANGED, A)} <= set(open_alerts())

    refresh(signed(aggregate(entity(A, "Alfa"))))
    assert provider().pending_certificates == ""
    assert open_alerts() == []


def test_a_list_of_names_only_tells_what_is_new_and_what_is_gone(refresh: Any) -> None:
    refresh(signed(aggregate(entity(A, "Alfa"))))
    refresh(f'[{{"entity_id": "{B}", "organization_name": "Beta"}}]'.encode())
    assert not IdentityProvider.objects.filter(issuer=B).exists()
    assert open_alerts() == [(AlertKind.PROVIDER_MISSING, A), (AlertKind.PROVIDER_NEW, B)]
    assert provider().certificates == keys("idp").certificate


# -- broken


@pytest.mark.parametrize(
    "make",
    [
        lambda good: b"",
        lambda good: good[: len(good) // 2],
        lambda good: good.replace(b"Alfa", b"Altra", 1),
        lambda good: signed(aggregate(entity(A, "Alfa"), until=written(NOON - timedelta(days=900)))),
        lambda good: good.replace(b"<md:Ent", b"<!DOCTYPE a><md:Ent", 1),
        lambda good: b" " * (LARGEST + 1),
        lambda good: signed(aggregate()),
    ],
    ids=["empty", "truncated", "tampered", "stale", "dtd", "huge", "nobody"],
)
def test_a_broken_registry_changes_nothing_and_alerts_once(refresh: Any, make: Any) -> None:
    good = signed(aggregate(entity(A, "Alfa")))
    refresh(good)
    before = IdentityProvider.objects.order_by("pk").values()
    kept = list(before)
    for _again in range(2):
        assert refresh(make(good)).outcome is RefreshOutcome.REFUSED
    assert list(before.all()) == kept
    assert open_alerts() == [(AlertKind.REGISTRY, "refresh")]
    assert Alert.objects.get().count == 2
    assert RegistryRefresh.objects.filter(outcome=RefreshOutcome.REFUSED).count() == 2
    refresh(good)
    assert open_alerts() == []


def test_trying_changes_and_writes_nothing(refresh: Any) -> None:
    for document in (signed(aggregate(entity(A, "Alfa"))), aggregate(entity(A, "Alfa")), b"rotto"):
        refresh(document, dry_run=True)
    assert not IdentityProvider.objects.filter(issuer=A).exists()
    assert [model.objects.count() for model in (RegistryRefresh, Alert, Event)] == [0, 0, 0]


# -- over HTTP


def test_the_registry_is_taken_over_http_and_by_the_evening_task(settings: Any) -> None:
    settings.SPID_REGISTRY_PIN = [":".join(f"{byte:02X}" for byte in bytes.fromhex(next(iter(PINS))))]
    with served(gives(signed(aggregate(entity(A, "Alfa"))))) as url:
        settings.SPID_REGISTRY_URL = url
        refresh_providers()
    assert provider().enabled
    assert RegistryRefresh.objects.get().source == url


def cut_short(request: BaseHTTPRequestHandler) -> None:
    gives(signed(aggregate(entity(A, "Alfa")))[:400], announced=4000)(request)


def endless(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    try:
        for _piece in range(LARGEST // 65536 + 5):
            request.wfile.write(b" " * 65536)
    except OSError:
        pass


@pytest.mark.parametrize(
    "answer",
    [
        gives(b"", status=500),
        gives(b"", status=404),
        cut_short,
        endless,
        redirects("http://localhost:1/altrove"),
        redirects("/registro"),
        redirects("file:///etc/passwd"),
        redirects("http://[broken"),
    ],
    ids=["500", "404", "cut short", "endless", "other host", "in circles", "file", "no address"],
)
def test_a_server_that_misbehaves_changes_nothing(answer: Any) -> None:
    with served(answer) as url:
        assert registry_refresh(source=url, pins=PINS).refused
    assert open_alerts() == [(AlertKind.REGISTRY, "refresh")]


def test_a_redirect_on_the_same_host_is_followed() -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        here = request.path.endswith("/registro")
        (redirects("/nuovo") if here else gives(signed(aggregate(entity(A, "Alfa")))))(request)

    with served(answer) as url:
        assert registry_refresh(source=url, pins=PINS).outcome is RefreshOutcome.APPLIED


@pytest.mark.parametrize("source", ["http://127.0.0.1:1/", "ftp://a.example/", "niente", "https://u:p@a.example/"])
def test_an_address_that_does_not_answer_or_is_none_is_refused(source: str) -> None:
    assert registry_refresh(source=source, pins=PINS).refused


def test_in_production_only_https_is_called(settings: Any) -> None:
    settings.ENVIRONMENT = "production"
    with served(gives(signed(aggregate(entity(A, "Alfa"))))) as url:
        assert "https" in registry_refresh(source=url, pins=PINS).refused


def test_the_registry_of_the_sandbox_is_signed_by_the_key_it_tells(settings: Any) -> None:
    page, told = Client().get, "portal.operations.sandbox.root"
    settings.ROOT_URLCONF = told
    document, pin = page("/idp/registro").content, page("/idp/registro/impronta").content.decode()
    with served(gives(document)) as url:
        report = registry_refresh(source=url, pins={pin}, dry_run=True)
    assert report.outcome is RefreshOutcome.APPLIED
    assert pin == certificates.fingerprint(sandbox_registry.keys().certificate)


# -- the command


def test_the_command_prints_the_differences(tmp_path: Path, settings: Any) -> None:
    settings.SPID_REGISTRY_PIN = list(PINS)
    path, out = tmp_path / "r.xml", StringIO()
    path.write_bytes(signed(aggregate(entity(A, "Alfa"), entity(B, "Beta").replace(b"KeyDescriptor", b"Extensions"))))
    call_command("spid_update_idps", "--file", str(path), "--dry-run", stdout=out)
    assert "nuovo" in out.getvalue()
    assert "manca il certificato di firma" in out.getvalue()
    assert "Nulla è stato cambiato" in out.getvalue()
    assert not IdentityProvider.objects.filter(issuer=A).exists()
    call_command("spid_update_idps", "--file", str(path), stdout=out)
    assert provider().enabled


@pytest.mark.parametrize("arguments", [(), ("--file", "/niente"), ("--url", "http://127.0.0.1:1/")])
def test_the_command_fails_aloud(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        call_command("spid_update_idps", *arguments, stdout=StringIO())


# -- approving


@pytest.fixture
def waiting(refresh: Any) -> IdentityProvider:
    """A provider whose new key waits."""
    refresh(signed(aggregate(entity(A, "Alfa"))))
    refresh(aggregate(entity(A, "Alfa", "next")))
    return provider()


def test_new_certificates_are_approved_after_their_fingerprints_were_seen(waiting: IdentityProvider) -> None:
    client, url = office_client(), f"/admin/spid_auth/identityprovider/{waiting.pk}/certificati/"
    page = client.get(url).content.decode()
    for name in ("idp", "next"):
        shown = certificates.fingerprint(keys(name).certificate).upper()
        assert ":".join(shown[place : place + 2] for place in range(0, 64, 2)) in page
    client.post(url, {"decision": "approve", "digest": pending_digest(waiting)})
    assert provider().certificates == keys("next").certificate
    assert provider().pending_certificates == ""
    assert (AlertKind.PROVIDER_KEYS, A) not in open_alerts()
    event = Event.objects.filter(action="spid.provider_saved").latest("pk")
    assert (event.data["changed"], event.user is not None) == (["certificates"], True)


def test_new_certificates_are_thrown_away(waiting: IdentityProvider) -> None:
    client, url = office_client(), f"/admin/spid_auth/identityprovider/{waiting.pk}/certificati/"
    client.post(url, {"decision": "discard", "digest": pending_digest(waiting)})
    assert provider().certificates == keys("idp").certificate
    assert provider().pending_certificates == ""


@pytest.mark.parametrize("digest", ["", "0" * 64, "x"])
def test_what_was_not_seen_is_not_approved(waiting: IdentityProvider, digest: str) -> None:
    with pytest.raises(DomainError):
        pending_decide(provider_id=waiting.pk, digest=digest, approve=True, actor=OFFICE)
    client, url = office_client(), f"/admin/spid_auth/identityprovider/{waiting.pk}/certificati/"
    assert client.post(url, {"decision": "approve", "digest": digest}, follow=True).status_code == 200
    assert provider().certificates == keys("idp").certificate


def test_only_who_may_change_providers_decides(waiting: IdentityProvider) -> None:
    url = f"/admin/spid_auth/identityprovider/{waiting.pk}/certificati/"
    officer = User.objects.create(username="altro", kind=Kind.STAFF, is_staff=True)
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(url, {"decision": "approve", "digest": pending_digest(waiting)}).status_code == 403
    assert provider().pending_certificates


# -- alerts


def test_a_certificate_about_to_expire_is_told_thirty_days_before(federation: IdentityProvider) -> None:
    until = certificates.valid_until(keys("idp").certificate)
    for days, told in ((31, False), (29, True), (-1, True)):
        expiries_watch(now=until - timedelta(days=days))
        assert ((AlertKind.PROVIDER_EXPIRY, federation.issuer) in open_alerts()) is told
    IdentityProvider.objects.update(certificates=keys("idp").certificate + keys("younger").certificate)
    IdentityProvider.objects.filter(pk=federation.pk).update(enabled=False)
    expiries_watch(now=until - timedelta(days=29))
    assert Alert.objects.get().count == 2  # a provider that is off expires in peace


def test_the_same_alert_is_counted_and_the_office_is_written_to_once_a_day(on_commit: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with time_machine.travel(NOON, tick=False) as travel:
        for _time in range(3):
            alerts.alert_raise(kind=AlertKind.REGISTRY, subject="refresh", text="Il registro è rotto.")
        assert Alert.objects.get().count == 3
        assert OutboxMessage.objects.filter(handler="spid_auth.alert").count() == 1
        travel.move_to(NOON + timedelta(days=1))
        alerts.alert_raise(kind=AlertKind.REGISTRY, subject="refresh", text="Il registro è rotto.")
    messages = OutboxMessage.objects.filter(handler="spid_auth.alert")
    assert messages.count() == 2
    assert messages[0].payload["address"] == Entity.objects.get(is_default=True).email


def test_the_message_to_the_office_says_what_where_and_how_often(mailoutbox: Any) -> None:
    alert = alerts.alert_raise(kind=AlertKind.REGISTRY, subject="refresh", text="Il registro è rotto.")
    row = OutboxMessage.objects.get(handler="spid_auth.alert")
    alerts.deliver(row.payload, row)
    assert mailoutbox[0].subject == "Accesso al portale: registro dei gestori non aggiornato"
    assert "Il registro è rotto." in mailoutbox[0].body
    assert f"/admin/spid_auth/alert/{alert.pk}/change/" in mailoutbox[0].body

    alerts.alert_close(alert_id=alert.pk, actor=OFFICE)
    alerts.deliver(row.payload, row)
    assert len(mailoutbox) == 1


def test_a_body_without_address_is_alerted_in_the_admin_alone() -> None:
    Entity.objects.update(email="")
    alerts.alert_raise(kind=AlertKind.REGISTRY, subject="refresh", text="Il registro è rotto.")
    assert Alert.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_closing_is_an_event_and_the_next_time_a_new_alert_opens() -> None:
    first = alerts.alert_raise(kind=AlertKind.LOGIN, subject="nr08 · Gestore", text="Rifiutato.")
    client = office_client()
    client.post("/admin/spid_auth/alert/", {"action": "close", "_selected_action": str(first.pk)})
    assert Event.objects.get(action="spid.alert_closed").subject_id == str(first.pk)
    second = alerts.alert_raise(kind=AlertKind.LOGIN, subject="nr08 · Gestore", text="Rifiutato.")
    assert (second.pk != first.pk, second.count) == (True, 1)
    page = client.get("/admin/spid_auth/alert/", {"aperto": "si"})
    assert page.context["cl"].result_count == 1


@pytest.mark.usefixtures("time_machine_at_noon")
def test_a_login_refused_through_our_fault_alerts_the_office_and_one_refused_to_the_person_does_not(
    federation: IdentityProvider,
) -> None:
    for number, told in ((19, 0), (11, 1)):
        browser = Client()
        exchange, relay_state = leave(browser, federation)
        come_back(browser, sealed(anomaly(exchange.answer, number), keys("idp")), relay_state)
        assert Alert.objects.count() == told
    alert = Alert.objects.get()
    assert alert.subject == f"nr11 · {federation}"
    assert AuthnTransaction.objects.latest("pk").code in alert.text


def test_a_body_without_keys_is_an_alert(federation: IdentityProvider, settings: Any, tmp_path: Path) -> None:
    settings.SPID_KEYS_DIR = str(tmp_path / "vuota")
    assert Client().get("/spid/accedi/", {"idp": str(federation.pk)}).status_code == 403
    assert Alert.objects.get().subject == "not-configured"


def test_open_alerts_are_counted_on_the_first_page_of_the_admin() -> None:
    client = office_client()
    assert "aperto</strong>" not in client.get("/admin/").content.decode()
    alerts.alert_raise(kind=AlertKind.REGISTRY, subject="refresh", text="Il registro è rotto.")
    assert "1 aperto</strong>" in client.get("/admin/").content.decode()


# -- two at once


@pytest.mark.django_db(transaction=True)
def test_two_refreshes_at_once_make_each_provider_once(tmp_path: Path) -> None:
    path = tmp_path / "registro.xml"
    path.write_bytes(signed(aggregate(entity(A, "Alfa"), entity(B, "Beta"))))
    barrier = Barrier(2, timeout=20)

    def run() -> str:
        try:
            barrier.wait()
            return registry_refresh(source=path.as_uri(), pins=PINS).outcome
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = [done.result() for done in [pool.submit(run), pool.submit(run)]]
    assert outcomes == [RefreshOutcome.APPLIED, RefreshOutcome.APPLIED]
    assert IdentityProvider.objects.filter(source=Source.REGISTRY).count() == 2
    assert sorted(RegistryRefresh.objects.values_list("changes", flat=True)) == [0, 2]


@pytest.mark.django_db(transaction=True)
def test_the_same_alert_from_two_processes_is_one() -> None:
    barrier = Barrier(2, timeout=20)

    def run() -> None:
        try:
            barrier.wait()
            alerts.alert_raise(kind=AlertKind.LOGIN, subject="nr08", text="Rifiutato.")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(run), pool.submit(run)]:
            done.result()
    assert Alert.objects.get().count == 2
    assert clock.now() >= Alert.objects.get().last_at


# -- lists


def test_lists_ask_the_same_number_of_queries_however_many_rows(
    refresh: Any, django_assert_max_num_queries: Any
) -> None:
    many = [entity(f"https://{number}.example", f"Gestore {number}") for number in range(12)]
    refresh(aggregate(*many))
    client = office_client()
    for name in ("identityprovider", "registryrefresh", "alert"):
        with django_assert_max_num_queries(12):
            assert client.get(f"/admin/spid_auth/{name}/").status_code == 200
