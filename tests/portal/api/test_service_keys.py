"""Keys of the systems of others: shown once, kept as a fingerprint, taken back, each for its own body."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scope, scopes_disabled

from portal import clock
from portal.api.models import ServiceKey
from portal.api.services import KeyRefused, key_create, key_recognise, key_revoke
from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.entities.models import Entity, Role
from portal.kernel.errors import DomainError
from tests.factories.platform import make_entity
from tests.factories.world import browser_of_staff

SCOPE = "ragioneria:documenti"
ACTOR = Actor.system("prova")
NEW = "admin:portal_api_servicekey_new"
REVOKE = "admin:portal_api_servicekey_revoke"


@pytest.fixture
def pisa(db) -> Entity:
    return make_entity("PI")


def make(entity, *, days=30, allowed=(SCOPE,)):
    with scope(entity=entity):
        return key_create(
            entity=entity, label="Gestionale", allowed=allowed, expires_on=clock.today() + timedelta(days),
            user_id=None, actor=ACTOR,
        )  # fmt: skip


def test_a_key_is_recognised_and_its_text_is_nowhere(pisa):
    key, text = make(pisa)
    assert key_recognise(text) == key
    with scopes_disabled():
        row = ServiceKey.objects.values().get()
        assert text not in str(row)
        assert row["last_used_at"] is not None
        assert text not in str(list(Event.objects.values()))
        assert Event.objects.get(action="api.key_created").entity_id == pisa.pk


@pytest.mark.parametrize(("days", "allowed"), [(0, [SCOPE]), (800, [SCOPE]), (10, []), (10, ["altro"])])
def test_a_key_has_an_end_and_a_purpose(pisa, days, allowed):
    with pytest.raises(DomainError):
        make(pisa, days=days, allowed=allowed)


def test_a_key_taken_back_opens_nothing_and_the_event_is_one(pisa):
    key, text = make(pisa)
    with scope(entity=pisa):
        key_revoke(key_id=key.pk, actor=ACTOR)
        key_revoke(key_id=key.pk, actor=ACTOR)
    with pytest.raises(KeyRefused, match="revocata"):
        key_recognise(text)
    assert Event.objects.filter(action="api.key_revoked").count() == 1


def test_the_administrator_makes_a_key_and_sees_it_once(pisa):
    desk = browser_of_staff(pisa, Role.ADMINISTRATOR)
    assert desk.get(reverse(NEW)).status_code == 200
    asked = {"entity": pisa.pk, "label": "Gestionale", "allowed": [SCOPE], "expires_on": "2999-01-01"}
    refused = desk.post(reverse(NEW), asked)
    assert (refused.status_code, "due anni" in refused.content.decode()) == (422, True)
    shown = desk.post(reverse(NEW), asked | {"expires_on": clock.today() + timedelta(30)})
    text = shown.content.decode().partition("<code>")[2].partition("</code>")[0]
    key = key_recognise(text)
    assert (shown.status_code, "no-store" in shown.headers["Cache-Control"]) == (200, True)
    page = desk.get(reverse("admin:portal_api_servicekey_change", args=[key.pk]))
    assert (page.status_code, text in page.content.decode()) == (200, False)
    desk.post(reverse(REVOKE, args=[key.pk]))
    with pytest.raises(KeyRefused):
        key_recognise(text)


def test_nobody_else_makes_or_takes_back_keys(pisa):
    key, text = make(pisa)
    firenze = make_entity("FI", fiscal_code="80016450480")
    strangers = [browser_of_staff(firenze, Role.ADMINISTRATOR), browser_of_staff(pisa, Role.ACCOUNTANT), Client()]
    asked = {"entity": pisa.pk, "label": "x", "allowed": [SCOPE], "expires_on": clock.today() + timedelta(30)}
    for stranger in strangers:
        assert stranger.post(reverse(NEW), asked).status_code in {302, 403, 422}
        assert stranger.post(reverse(REVOKE, args=[key.pk])).status_code in {302, 403, 404}
    assert key_recognise(text) == key
    with scopes_disabled():
        assert ServiceKey.objects.count() == 1
