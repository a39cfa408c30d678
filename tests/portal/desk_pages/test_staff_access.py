"""The staff's login and second factor: pages in our words, doors that stay closed."""

import time

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.urls import get_resolver, reverse

from portal import clock
from portal.accounts.doors import SECURITY_PAGES, WAY_IN
from tests.factories import platform as make

PASSWORD = "una-frase-di-prova"
OF_A_PASSKEY = {"mfa_edit_webauthn", "mfa_remove_webauthn"}

pytestmark = pytest.mark.django_db


def totp(secret):
    """The code that an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture(autouse=True)
def _still_clock():
    """A code stays good for the whole test."""
    with time_machine.travel(clock.now(), tick=False):
        yield


@pytest.fixture
def paolo(db):
    user = make.make_staff(make.make_entity("PI"))
    user.set_password(PASSWORD)
    user.save()
    return user


def log_in(client, user, password=PASSWORD, follow=True):
    data = {"login": user.username, "password": password}
    return client.post(reverse("account_login"), data, follow=follow)


def with_second_factor(client, user):
    """Turns the second factor on. Answers the app's secret and the recovery codes."""
    log_in(client, user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    codes = client.post(reverse("mfa_activate_totp"), {"code": totp(secret)}, follow=True).context["unused_codes"]
    client.logout()
    cache.clear()
    return secret, codes


def test_a_name_and_a_password_open_the_office(client, paolo):
    assert log_in(client, paolo).redirect_chain[-1][0] == "/admin/"


def test_a_wrong_password_says_so_and_not_which_of_the_two_is_wrong(client, paolo):
    text = log_in(client, paolo, "sbagliata").content.decode()
    assert "Il nome utente o la password non sono giusti." in text
    nobody = client.post(reverse("account_login"), {"login": "nessuno", "password": "x"})
    assert "Il nome utente o la password non sono giusti." in nobody.content.decode()


def test_the_login_page_offers_a_new_password_and_no_registration(client):
    text = client.get(reverse("account_login")).content.decode()
    assert reverse("account_reset_password") in text
    assert "/personale/signup" not in text
    assert "placeholder" not in text


def test_after_some_wrong_passwords_even_the_right_one_waits(client, paolo):
    for _ in range(10):
        log_in(client, paolo, "sbagliata")
    assert "Accesso bloccato per un po" in log_in(client, paolo).content.decode()


def test_who_insists_meets_a_page_in_our_words(client, paolo):
    answers = [log_in(client, paolo, "sbagliata") for _ in range(31)]
    assert answers[-1].status_code == 429
    assert "portal/css/office.css" in answers[-1].content.decode()


def test_with_the_second_factor_the_password_alone_opens_nothing(client, paolo):
    secret, _ = with_second_factor(client, paolo)
    answer = log_in(client, paolo)
    assert "Secondo passaggio" in answer.content.decode()
    assert client.get("/admin/").status_code == 302

    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "Codice errato" in wrong.content.decode()
    right = client.post(reverse("mfa_authenticate"), {"code": totp(secret)}, follow=True)
    assert right.redirect_chain[-1][0] == "/admin/"


def test_a_recovery_code_opens_once(client, paolo):
    _, codes = with_second_factor(client, paolo)
    log_in(client, paolo)
    assert client.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == 302
    client.logout()
    cache.clear()
    log_in(client, paolo)
    assert client.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == 200


def test_turning_the_second_factor_off_asks_again_who_it_is(client, paolo):
    with_second_factor(client, paolo)
    client.force_login(paolo, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(reverse("mfa_deactivate_totp"), follow=True)
    assert "Conferma che sei tu" in answer.content.decode()
    data = {"password": PASSWORD, "next": reverse("mfa_deactivate_totp")}
    assert "basterà la password" in client.post(reverse("account_reauthenticate"), data, follow=True).content.decode()
    off = client.post(reverse("mfa_deactivate_totp"), follow=True).content.decode()
    assert "Il secondo passaggio non è più attivo." in off


def test_every_page_of_security_answers_in_our_frame(client, paolo):
    with_second_factor(client, paolo)
    cache.clear()
    client.force_login(paolo, backend="django.contrib.auth.backends.ModelBackend")
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    other = {"mfa_activate_totp", "mfa_download_recovery_codes", *OF_A_PASSKEY}
    for name in SECURITY_PAGES - other | {"account_logout"}:
        answer = client.get(reverse(name), follow=True)
        assert answer.status_code == 200, name
        text = answer.content.decode()
        assert "portal/css/office.css" in text, name
        assert "Paolo Conti" in text, name


def test_the_password_changes_when_the_old_one_is_known(client, paolo):
    log_in(client, paolo)
    wrong = {"oldpassword": "no", "password1": "Un altro segreto 9", "password2": "Un altro segreto 9"}
    refused = client.post(reverse("account_change_password"), wrong).content.decode()
    assert "La password attuale non è giusta." in refused
    client.post(reverse("account_change_password"), wrong | {"oldpassword": PASSWORD})
    paolo.refresh_from_db()
    assert paolo.check_password("Un altro segreto 9")


@pytest.mark.parametrize("name", sorted(SECURITY_PAGES))
def test_visitors_are_sent_to_the_staff_login_and_citizens_away(client, name):
    address = reverse(name, args=[1] if name in OF_A_PASSKEY else [])
    assert client.get(address).headers["Location"].startswith(reverse("account_login"))
    client.force_login(make.make_person().user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(address).status_code == 403


def test_what_is_not_listed_does_not_exist(client, paolo):
    client.force_login(paolo, backend="django.contrib.auth.backends.ModelBackend")
    known = get_resolver().reverse_dict
    names = {name for name in known if isinstance(name, str) and name.startswith(("account_", "mfa_"))}
    for name in names - WAY_IN - SECURITY_PAGES:
        captured = dict.fromkeys(known.getlist(name)[0][0][0][1], "1")
        assert client.get(reverse(name, kwargs=captured)).status_code == 404, name
    assert "account_signup" in names
