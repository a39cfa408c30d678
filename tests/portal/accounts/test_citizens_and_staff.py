"""A citizen's identity never becomes staff by itself, and staff never become citizens."""

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from django.urls import reverse
from django_scopes import scopes_disabled

from portal.accounts.backends import StaffBackend
from portal.accounts.models import Kind, LoginLock, User
from portal.entities.models import Role, StaffRole
from portal.people.identity import VerifiedIdentity
from portal.people.services import person_from_identity
from portal.people.session import open_citizen_session
from tests.factories import platform as make
from tests.portal.accounts.entrance import BACKEND, PASSWORD, log_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def citizen(db):
    return make.make_person().user


@pytest.mark.parametrize("right", ["is_staff", "is_superuser"])
def test_the_database_refuses_rights_of_staff_to_a_citizen(citizen, right):
    with pytest.raises(IntegrityError, match="citizen_is_not_staff"), transaction.atomic():
        User.objects.filter(pk=citizen.pk).update(**{right: True})


def test_the_database_refuses_a_citizen_s_password(citizen):
    citizen.set_password(PASSWORD)
    with pytest.raises(IntegrityError, match="citizen_has_no_password"), transaction.atomic():
        citizen.save()


def test_a_citizen_s_name_opens_nothing_at_the_staff_s_door_and_is_answered_like_any_other(client, citizen):
    for password in ("", PASSWORD, citizen.password, "!"):
        answer = log_in(client, citizen.username, password or "x")
        assert "Il nome utente o la password non sono giusti." in answer.content.decode()
    assert LoginLock.objects.get().user is None


def test_even_a_password_that_matched_would_not_let_a_citizen_in(citizen):
    citizen.set_password(PASSWORD)  # the database would refuse to keep it
    assert not StaffBackend().user_can_authenticate(citizen)
    assert authenticate(RequestFactory().post("/"), username=citizen.username, password=PASSWORD) is None


def test_a_role_given_to_a_citizen_by_mistake_opens_nothing(client, citizen):
    with scopes_disabled():
        StaffRole.objects.create(entity=make.make_entity("PI"), user=citizen, role=Role.ADMINISTRATOR)
    client.force_login(citizen, backend=BACKEND)
    for path in ("/admin/", "/admin/portal_accounts/loginlock/", "/admin/portal_cases/case/coda/"):
        assert client.get(path, follow=True).status_code == 403


def identity_of(user: User, email: str) -> VerifiedIdentity:
    """The SPID identity of the man who works at the counter."""
    return VerifiedIdentity(
        scheme="spid", subject_key="CNTPLA80A01G702X", level=2, fiscal_code="CNTPLA80A01G702X",
        spid_code="TEST0000000001", first_name=user.first_name, last_name=user.last_name,
        birth_date=date(1980, 1, 1), email=email, idp="https://idp.example",
        authenticated_at=datetime(2027, 3, 8, tzinfo=UTC),
    )  # fmt: skip


def test_spid_of_a_colleague_opens_a_citizen_s_session_and_only_that(client, paolo, rf):
    """Same name, same e-mail: two accounts, which nothing ties together."""
    person = person_from_identity(identity=identity_of(paolo, paolo.email))
    assert person.user != paolo
    assert (person.user.kind, person.user.is_staff) == (Kind.CITIZEN, False)
    client.force_login(person.user, backend=BACKEND)
    assert client.get("/admin/", follow=True).status_code == 403
    assert client.get(reverse("mfa_index")).status_code == 403


def test_spid_in_a_browser_where_a_colleague_works_ends_the_staff_s_session(client, paolo):
    log_in(client, paolo.username)
    before = client.session.session_key
    identity = identity_of(paolo, paolo.email)
    person = person_from_identity(identity=identity)
    request = RequestFactory().get("/")
    request.session = client.session
    request.user = paolo
    open_citizen_session(request, person=person, identity=identity)
    assert request.session.session_key != before
    assert request.session["_auth_user_id"] == str(person.user_id)
    assert not [key for key in request.session.keys() if key.startswith(("staff_", "account_"))]  # noqa: SIM118


def test_a_member_of_staff_has_no_person(paolo):
    with pytest.raises(IntegrityError), transaction.atomic():
        make.make_person().__class__.objects.create(
            user=paolo, fiscal_code="CNTPLA80A01G702X", first_name="P", last_name="C"
        )


def test_nobody_signs_up(client, db):
    data = {"username": "nuovo", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/personale/signup/", data).status_code == 404
    assert not User.objects.exists()
