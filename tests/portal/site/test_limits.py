"""Too often, too much, too late: what is stopped at the door."""

from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, RequestFactory

from portal import clock
from portal.cases.models import Draft
from portal.operations.checks import rate_limits_in_production
from portal.people.domain.mandates import State
from portal.people.models import Mandate, Person
from portal.people.session import MANDATE_KEY
from portal.site.limits import client_address, limited
from tests.factories.platform import make_company, make_mandate
from tests.portal.site.pages import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def door() -> Any:
    return limited("prova", most=2, seconds=60)(lambda request: HttpResponse("dentro"))


def knock(door: Any, rf: RequestFactory, address: str) -> int:
    return int(door(rf.get("/", REMOTE_ADDR=address)).status_code)


def test_the_third_knock_of_an_address_waits_and_others_come_in(door: Any, rf: RequestFactory, time_machine: Any):
    time_machine.move_to(1_800_000_000, tick=False)
    assert [knock(door, rf, "10.0.0.1") for _ in range(3)] == [200, 200, 429]
    assert knock(door, rf, "10.0.0.2") == 200
    time_machine.shift(61)
    assert knock(door, rf, "10.0.0.1") == 200


def test_asking_only_for_the_head_of_a_page_is_a_knock_too(door: Any, rf: RequestFactory) -> None:
    assert [int(door(rf.head("/", REMOTE_ADDR="10.0.0.9")).status_code) for _ in range(3)] == [200, 200, 429]


def test_the_addresses_of_one_network_are_one_visitor(door: Any, rf: RequestFactory) -> None:
    assert [knock(door, rf, f"2001:db8:0:7::{number}") for number in (1, 2, 3)] == [200, 200, 429]
    assert knock(door, rf, "2001:db8:0:8::1") == 200
    assert [knock(door, rf, address) for address in ("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1")] == [200, 200, 429]
    assert knock(door, rf, "unix:") == 200


def test_where_the_limits_are_off_everybody_comes_in(door: Any, rf: RequestFactory, settings: Any):
    settings.RATE_LIMITS = False
    assert {knock(door, rf, "10.0.0.1") for _ in range(5)} == {200}


@pytest.mark.parametrize(
    ("production", "limits", "found"), [(True, False, ["portal_operations.E003"]), (True, True, []), (False, False, [])]
)
def test_production_does_not_start_without_limits(settings: Any, production: bool, limits: bool, found: list[str]):
    settings.PRODUCTION, settings.RATE_LIMITS = production, limits
    assert [message.id for message in rate_limits_in_production(None)] == found


def test_without_cache_the_door_opens(door: Any, rf: RequestFactory, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cache, "add", lambda *args, **kwargs: True)  # what the cache answers when Redis is away
    monkeypatch.setattr(cache, "incr", lambda *args, **kwargs: 1)
    assert {knock(door, rf, "10.0.0.1") for _ in range(5)} == {200}


@pytest.mark.parametrize(
    ("proxies", "written", "expected"),
    [
        (0, "1.2.3.4", "10.0.0.1"),  # anybody can write the header: without proxies it is not believed
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.9", "1.2.3.4"),
        (2, "1.2.3.4", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_only_our_proxies_are_believed(rf: RequestFactory, settings: Any, proxies: int, written: str, expected: str):
    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=written)
    assert client_address(request) == expected


def test_codes_by_email_are_not_asked_without_end(citizen: Client):
    answers = [citizen.post("/area/impostazioni/email/", {"email": "x"}).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


@pytest.mark.parametrize("path", ["/", "/verifica/x/", "/spid/acs", "/area/impostazioni/email/"])
def test_a_body_too_large_is_refused_before_it_is_read(client: Client, path: str):
    answer = client.generic("POST", path, b"x=1", CONTENT_LENGTH=str(13 * 1024 * 1024))
    assert answer.status_code == 413
    assert "12 MB" in read(answer).text


@pytest.mark.parametrize(
    "path", ["/verifica/%00/", "/servizi/?q=%00", "/area/pratiche/%00/", "/servizi/%00/", "/admin/?q=a%00"]
)
def test_a_nul_in_an_address_is_not_understood(citizen: Client, path: str):
    assert citizen.get(path).status_code in {400, 404}


@pytest.fixture
def mandated(citizen: Client, person: Person) -> Mandate:
    mandate = make_mandate(person, make_company())
    session = citizen.session
    session[MANDATE_KEY] = mandate.pk
    session.save()
    return mandate


def test_a_mandate_revoked_meanwhile_stops_what_was_being_sent(citizen: Client, mandated: Mandate, person: Person):
    Mandate.objects.filter(pk=mandated.pk).update(state=State.REVOKED)

    refused = citizen.post("/servizi/trasporto-eccezionale/richiedente/", {"kind": "single"})
    assert refused.status_code == 409
    assert "delega" in read(refused).text
    assert not Draft.objects.exists()  # nothing is done in the person's own name
    # From the next request on the person acts for themselves, and knows it.
    assert citizen.get("/area/").status_code == 200
    assert not Draft.objects.filter(person=person, company=mandated.company).exists()


def test_a_mandate_revoked_meanwhile_closes_drafts_and_payments_of_the_company(citizen: Client, mandated: Mandate):
    draft = Draft.objects.create(
        service="servizio-di-prova", person=mandated.person, company=mandated.company,
        created_at=clock.now(), saved_at=clock.now(),
    )  # fmt: skip
    address = f"/area/bozze/{draft.uuid}/elimina/"
    assert citizen.get(address).status_code == 200
    Mandate.objects.filter(pk=mandated.pk).update(state=State.REVOKED)
    assert citizen.get(address).status_code == 404
    assert citizen.post(address).status_code == 404
