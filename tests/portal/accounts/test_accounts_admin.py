"""The administrators' side: unlock, take a factor away, set a password, and never make staff of a citizen."""

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from portal.accounts.models import Kind, LoginLock, User
from portal.audit.models import Event
from portal.entities.models import Role
from tests.factories import platform as make
from tests.portal.accounts.entrance import BACKEND, PASSWORD, factors, give_app, log_in
from tests.portal.accounts.test_staff_lock import fail

pytestmark = pytest.mark.django_db
LOCKS = "/admin/portal_accounts/loginlock/"
USERS = "/admin/portal_accounts/user/"


@pytest.fixture
def keeper(staff):
    return staff(Role.OFFICER, superuser=True)


def unlock(client, who, user):
    client.force_login(who, backend=BACKEND)
    lock = LoginLock.objects.get(user=user)
    return client.post(LOCKS, {"action": "unlock", "_selected_action": [lock.pk]}, follow=True)


def test_an_administrator_of_the_body_opens_the_door_and_it_is_recorded(client, staff, paolo):
    fail(client, paolo.username)
    administrator = staff(Role.ADMINISTRATOR)
    assert "può entrare di nuovo" in unlock(client, administrator, paolo).content.decode()
    client.logout()
    assert log_in(client, paolo.username).headers["Location"] == "/admin/"
    event = Event.objects.get(action="staff.unlocked")
    assert (event.user, event.data) == (administrator, {"user": paolo.pk})
    assert "non è bloccato" in unlock(client, administrator, paolo).content.decode()


@pytest.mark.parametrize("role", [Role.OFFICER, Role.HEAD, Role.ACCOUNTANT])
def test_other_roles_do_not_see_who_is_locked(client, staff, paolo, role):
    fail(client, paolo.username)
    assert unlock(client, staff(role), paolo).status_code == 403
    assert paolo.login_lock.locked_until is not None


def test_the_administrator_of_another_body_sees_and_opens_nothing(client, staff, paolo):
    fail(client, paolo.username)
    stranger = staff(Role.ADMINISTRATOR, entity=make.make_entity("FI"))
    assert paolo.username not in unlock(client, stranger, paolo).content.decode()
    lock = LoginLock.objects.get(user=paolo)
    assert lock.locked_until is not None
    assert client.get(f"{LOCKS}{lock.pk}/change/").status_code == 302


def test_the_account_of_who_runs_the_system_is_not_in_the_hands_of_a_body(client, staff, keeper):
    fail(client, keeper.username)
    unlock(client, staff(Role.ADMINISTRATOR), keeper)
    assert LoginLock.objects.get(user=keeper).locked_until is not None
    other = staff(Role.OFFICER, superuser=True)
    unlock(client, other, keeper)
    assert LoginLock.objects.get(user=keeper).locked_until is None


def test_names_nobody_has_are_shown_without_a_name_to_who_runs_the_system(client, keeper, staff):
    fail(client, "nome-di-un-altro")
    client.force_login(keeper, backend=BACKEND)
    text = client.get(LOCKS, {"stato": "bloccati"}).content.decode()
    assert "nome sconosciuto" in text
    assert "nome-di-un-altro" not in text
    client.force_login(staff(Role.ADMINISTRATOR), backend=BACKEND)
    assert "nome sconosciuto" not in client.get(LOCKS).content.decode()


def test_taking_away_a_lost_phone_takes_the_codes_too_and_tells_the_owner(client, keeper, paolo, post):
    give_app(paolo)
    factor = Authenticator.objects.get(user=paolo, type="totp")
    client.force_login(keeper, backend=BACKEND)
    client.post(f"/admin/mfa/authenticator/{factor.pk}/delete/", {"post": "yes"})
    assert factors(paolo) == set()
    event = Event.objects.get(action="staff.factor_removed")
    assert (event.user, event.subject_id) == (keeper, str(paolo.pk))
    assert [message.to for message in post()] == [[paolo.email]]


def test_taking_away_everything_at_once(client, keeper, paolo):
    give_app(paolo)
    rows = list(Authenticator.objects.filter(user=paolo).values_list("pk", flat=True))
    client.force_login(keeper, backend=BACKEND)
    data = {"action": "delete_selected", "_selected_action": rows, "post": "yes"}
    client.post("/admin/mfa/authenticator/", data)
    assert factors(paolo) == set()


def test_a_password_set_in_the_admin_is_recorded_told_and_logs_out(client, keeper, paolo, post):
    client.force_login(keeper, backend=BACKEND)
    data = {"usable_password": "true", "password1": "Un altro segreto 9", "password2": "Un altro segreto 9"}
    page = reverse("admin:auth_user_password_change", args=[paolo.pk])
    client.post(page, data | {"password2": "diversa"})
    assert not Event.objects.filter(action="staff.password_changed").exists()
    client.post(page, data)
    event = Event.objects.get(action="staff.password_changed")
    assert (event.user, event.data) == (keeper, {"how": "set"})
    assert [message.to for message in post()] == [[paolo.email]]


def test_a_citizen_is_not_in_the_accounts_and_cannot_be_made_staff_there(client, keeper):
    citizen = make.make_person().user
    client.force_login(keeper, backend=BACKEND)
    assert citizen.username not in client.get(USERS).content.decode()
    data = {"username": citizen.username, "is_superuser": "on", "is_staff": "on", "is_active": "on"}
    for page in ("change", "password", "delete"):
        answer = client.post(f"{USERS}{citizen.pk}/{page}/", data)
        assert answer.status_code in {302, 403, 404}
    refused = client.post(f"{USERS}add/", {"username": citizen.username, "password1": PASSWORD, "password2": PASSWORD})
    assert refused.status_code == 200
    citizen.refresh_from_db()
    assert (citizen.kind, citizen.is_staff, citizen.is_superuser) == (Kind.CITIZEN, False, False)


def test_who_must_have_a_second_factor_is_chosen_in_the_account(client, keeper, paolo):
    client.force_login(keeper, backend=BACKEND)
    data = {"username": paolo.username, "first_name": "Paolo", "last_name": "Conti", "email": paolo.email}
    client.post(f"{USERS}{paolo.pk}/change/", data | {"is_active": "on", "second_factor_required": "on"})
    paolo.refresh_from_db()
    assert paolo.second_factor_required
    assert "second_factor_required" in Event.objects.get(action="register.changed").data["fields"]


def test_the_lists_ask_the_same_queries_however_many_accounts(client, keeper, staff, django_assert_max_num_queries):
    for _ in range(12):
        user = staff()
        give_app(user)
        log_in(client, user.username, "x", REMOTE_ADDR=f"10.0.0.{user.pk % 250}")
    client.force_login(keeper, backend=BACKEND)
    for page in (USERS, LOCKS):
        with django_assert_max_num_queries(12):
            assert client.get(page).context["cl"].result_count >= 12
    assert User.objects.filter(kind=Kind.STAFF).count() == 13
