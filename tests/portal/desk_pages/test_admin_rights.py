"""What the admin shows to whom; evidence has no buttons."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.db import connection
from django.test import RequestFactory
from django.urls import reverse

from portal.accounts.models import Kind, User
from portal.entities.models import Role
from portal.entities.selectors import roles_of
from tests.factories import platform as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def pisa():
    return make.make_entity("PI")


def index_of(client, user):
    client.force_login(user)
    answer = client.get("/admin/")
    models = {model["object_name"] for app in answer.context["app_list"] for model in app["models"]}
    return answer.content.decode(), models


def append_only_tables():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_object_table FROM information_schema.triggers WHERE trigger_name LIKE '%_append_only'"
        )
        return {row[0] for row in cursor.fetchall()}


def test_nobody_adds_changes_or_deletes_evidence_in_the_admin(rf: RequestFactory, pisa):
    user = make.make_staff(pisa, Role.ACCOUNTANT)
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    request = rf.get("/")
    request.user = User.objects.get(pk=user.pk)
    request.staff_roles = roles_of(user.pk)
    evidence = append_only_tables()
    seen = [each for model, each in admin.site._registry.items() if model._meta.db_table in evidence]
    assert seen
    for each in seen:
        allowed = (each.has_add_permission, each.has_change_permission, each.has_delete_permission)
        assert [may(request) for may in allowed] == [False] * 3, each
        assert "delete_selected" not in each.get_actions(request)


def test_an_officer_starts_from_the_queue_and_sees_no_books(client, pisa):
    make.make_case(pisa)
    text, models = index_of(client, make.make_staff(pisa))
    assert "Apri la coda di lavoro" in text
    assert "Quadratura dei pagamenti" not in text
    assert "Case" in models
    assert not models & {"ReconciledReceipt", "OutboxMessage", "LegalTerm", "Authenticator", "Group"}


def test_an_accountant_starts_from_the_books_and_sees_no_queue(client, pisa):
    text, models = index_of(client, make.make_staff(pisa, Role.ACCOUNTANT))
    assert "Apri la quadratura" in text
    assert "Coda di lavoro" not in text
    assert "Case" not in models


def test_who_has_no_role_is_told_whom_to_ask(client):
    nobody = User.objects.create(username="nuovo", kind=Kind.STAFF, is_staff=True)
    text, models = index_of(client, nobody)
    assert "non ha ancora un incarico" in text
    assert models == set()


def test_the_secret_of_a_second_factor_is_never_shown(client):
    keeper = User.objects.create(username="custode", kind=Kind.STAFF, is_staff=True, is_superuser=True)
    factor = Authenticator.objects.create(user=keeper, type="totp", data={"secret": "QUESTOEUNSEGRETO"})
    client.force_login(keeper)
    text = client.get(reverse("admin:mfa_authenticator_change", args=[factor.pk])).content.decode()
    assert "QUESTOEUNSEGRETO" not in text
    assert "historylink" not in text
    assert "deletelink" in text


def test_the_frame_names_body_office_and_person(client, pisa):
    text, _ = index_of(client, make.make_staff(pisa))
    assert "Ente PI · Ufficio Trasporti" in text
    assert "Paolo Conti" in text
    assert "Sicurezza dell'accesso" in text.replace("&#x27;", "'")
