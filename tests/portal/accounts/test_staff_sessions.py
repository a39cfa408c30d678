"""Sessions of the staff: half an hour without use, twelve hours at most, none after a new password."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import platform as make
from tests.portal.accounts.entrance import BACKEND, PASSWORD, code_of, give_app, log_in

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def test_half_an_hour_without_use_ends_it_and_says_why(client, paolo, later):
    log_in(client, paolo.username)
    later(30 * MINUTE)
    assert client.get("/admin/").status_code == 200
    later(31 * MINUTE)
    answer = client.get("/admin/portal_cases/case/coda/", follow=True)
    assert answer.redirect_chain[-1][0] == "/personale/login/?next=%2Fadmin%2Fportal_cases%2Fcase%2Fcoda%2F"
    assert "La sessione è scaduta" in answer.content.decode()


def test_after_twelve_hours_it_ends_however_much_it_is_used(client, paolo, later):
    log_in(client, paolo.username)
    for _ in range(36):
        later(20 * MINUTE)
        assert client.get("/admin/").status_code == 200
    later(MINUTE)
    assert client.get("/admin/").status_code == 302


def test_what_is_sent_after_the_end_is_not_done(client, paolo, later):
    log_in(client, paolo.username)
    later(31 * MINUTE)
    data = {"oldpassword": PASSWORD, "password1": "Un altro segreto 9", "password2": "Un altro segreto 9"}
    assert client.post(reverse("account_change_password"), data).status_code == 302
    paolo.refresh_from_db()
    assert paolo.check_password(PASSWORD)


def test_the_length_is_a_setting(client, paolo, later, settings):
    settings.STAFF_SESSION_IDLE_MINUTES = 5
    log_in(client, paolo.username)
    later(6 * MINUTE)
    assert client.get("/admin/").status_code == 302


def test_a_citizen_s_session_is_not_touched(client, pisa, later):
    client.force_login(make.make_person().user, backend=BACKEND)
    later(45 * MINUTE)
    assert client.get("/area/").status_code == 200


def test_the_key_of_the_session_changes_at_the_login_and_at_the_second_step(client, paolo):
    secret = give_app(paolo)
    client.get(reverse("account_login"))
    log_in(client, paolo.username)
    before = client.session.session_key
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert client.session["_auth_user_id"] == str(paolo.pk)
    assert client.session.session_key != before
    assert not type(client.session)().exists(before)


def test_a_new_password_logs_out_everywhere(client, paolo):
    elsewhere = Client()
    for browser in (client, elsewhere):
        log_in(browser, paolo.username)
    data = {"oldpassword": PASSWORD, "password1": "Un altro segreto 9", "password2": "Un altro segreto 9"}
    assert client.post(reverse("account_change_password"), data).headers["Location"] == reverse("account_login")
    for browser in (client, elsewhere):
        assert browser.get("/admin/").status_code == 302
    assert log_in(client, paolo.username, "Un altro segreto 9").headers["Location"] == "/admin/"


def test_who_leaves_the_body_is_out_at_once(client, paolo):
    log_in(client, paolo.username)
    paolo.is_active = False
    paolo.save()
    assert client.get("/admin/").status_code == 302
    answer = log_in(client, paolo.username)
    assert "Il nome utente o la password non sono giusti." in answer.content.decode()
