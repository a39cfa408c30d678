"""Whoever must have a second factor sets it up before anything else opens, and shows it at every login."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.urls import reverse

from portal.accounts.checks import roles_of_second_factor_exist, second_factor_is_required
from portal.accounts.models import Kind, User
from portal.audit.models import Event
from portal.entities.models import Role
from tests.factories import platform as make
from tests.portal.accounts.entrance import BACKEND, CODE, ENROL, code_of, confirm_again, factors, give_app, log_in

pytestmark = pytest.mark.django_db
ACTIVATE, PASSKEY = "/personale/2fa/totp/activate/", "/personale/2fa/webauthn/add/"


@pytest.fixture
def required(settings):
    settings.STAFF_MFA_REQUIRED = True


@pytest.fixture
def enrol(client, django_capture_on_commit_callbacks):
    """`enrol()` sets an app up, the way its page asks. Answers the secret."""

    def done():
        confirm_again(client)
        secret = client.get(ACTIVATE).context["form"].secret
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(ACTIVATE, {"code": code_of(secret)}).status_code == 302
        return secret

    return done


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", list(Role))
def test_every_role_is_led_to_set_it_up_and_then_works(client, enrol, staff, required, role):
    user = staff(role)
    log_in(client, user.username)
    assert client.get("/admin/").headers["Location"] == ENROL
    text = client.get(ENROL).content.decode()
    assert "Usa un'app" in text.replace("&#x27;", "'")
    assert "Usa una passkey" in text
    enrol()
    assert client.get("/admin/").status_code == 200
    assert client.get(ENROL).headers["Location"] == reverse("mfa_index")


@pytest.mark.parametrize(
    "path",
    [
        "/admin/", "/admin/portal_cases/case/coda/", "/admin/password_change/", "/personale/2fa/", "/", "/area/",
        "/documenti/00000000-0000-0000-0000-000000000000/", "/personale/password/change/", "/admin/jsi18n/",
        "/personale/2fa/recovery-codes/", "/verifica/ABC/", "/admin/autocomplete/",
    ],
)  # fmt: skip
def test_without_it_nothing_else_opens_and_nothing_sent_is_done(client, paolo, required, path):
    client.force_login(paolo, backend=BACKEND)
    assert client.get(path).headers["Location"] == ENROL
    refused = client.post(path, {"a": "b"})
    assert refused.status_code == 403
    assert "Non abbiamo eseguito" in refused.content.decode()
    assert client.head(path).status_code == 302


def test_the_way_out_stays_open(client, paolo, required):
    client.force_login(paolo, backend=BACKEND)
    assert client.post(reverse("account_logout")).headers["Location"] == reverse("account_login")
    assert client.get("/stato/").status_code == 200


def test_roles_that_need_none_and_citizens_are_not_stopped(client, staff, settings):
    settings.STAFF_MFA_REQUIRED, settings.STAFF_MFA_ROLES = True, ["head"]
    client.force_login(staff(Role.OFFICER), backend=BACKEND)
    assert client.get("/admin/").status_code == 200
    client.force_login(staff(Role.HEAD), backend=BACKEND)
    assert client.get("/admin/").headers["Location"] == ENROL
    client.force_login(make.make_person().user, backend=BACKEND)
    assert client.get("/").status_code == 200
    assert client.get(ENROL).status_code == 403


def test_one_person_can_be_asked_for_it_alone(client, paolo):
    User.objects.filter(pk=paolo.pk).update(second_factor_required=True)
    log_in(client, paolo.username)
    assert client.get("/admin/").headers["Location"] == ENROL


def test_superusers_and_who_has_no_role_yet_are_asked_too(client, db, required):
    for extra in ({"is_superuser": True}, {}):
        user = User.objects.create(username=f"nuovo{len(extra)}", kind=Kind.STAFF, is_staff=True, **extra)
        client.force_login(user, backend=BACKEND)
        assert client.get("/admin/").headers["Location"] == ENROL


def test_recovery_codes_alone_are_no_second_factor(client, paolo, required):
    give_app(paolo)
    Authenticator.objects.filter(user=paolo, type="totp").delete()
    client.force_login(paolo, backend=BACKEND)
    assert client.get("/admin/").headers["Location"] == ENROL


def test_a_session_older_than_the_factor_shows_it_before_going_on(client, paolo, required):
    client.force_login(paolo, backend=BACKEND)
    secret = give_app(paolo)
    answer = client.get("/admin/portal_cases/case/coda/?q=a")
    again = reverse("mfa_reauthenticate")
    assert answer.headers["Location"] == f"{again}?next=%2Fadmin%2Fportal_cases%2Fcase%2Fcoda%2F%3Fq%3Da"
    shown = client.post(answer.headers["Location"], {"code": code_of(secret)})
    assert shown.headers["Location"] == "/admin/portal_cases/case/coda/?q=a"
    assert client.get("/admin/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_last_one_stays_while_the_role_asks_for_it(client, enrol, paolo, required):
    log_in(client, paolo.username)
    enrol()
    refused = client.post(reverse("mfa_deactivate_totp"), follow=True).content.decode()
    assert "prima di togliere questo, aggiungine un altro" in refused
    assert "totp" in factors(paolo)


def test_adding_and_removing_asks_again_who_it_is(client, enrol, paolo, later):
    log_in(client, paolo.username)
    for page in (ACTIVATE, PASSKEY):
        assert client.get(page).headers["Location"].startswith(reverse("account_reauthenticate"))
    enrol()
    later(timedelta(minutes=6))
    for name in ("mfa_deactivate_totp", "mfa_generate_recovery_codes"):
        assert client.post(reverse(name)).headers["Location"].startswith(reverse("account_reauthenticate"))
    assert factors(paolo) == {"totp", "recovery_codes"}


def test_a_code_opens_once_even_when_the_cache_forgets(client, paolo):
    secret = give_app(paolo)
    code = code_of(secret)
    log_in(client, paolo.username)
    assert client.post(CODE, {"code": code}).status_code == 302
    client.logout()
    cache.clear()
    log_in(client, paolo.username)
    again = client.post(CODE, {"code": code})
    assert "già usato" in again.content.decode()


def test_after_a_code_the_ones_before_it_open_nothing(client, paolo):
    secret = give_app(paolo)
    log_in(client, paolo.username)
    assert client.post(CODE, {"code": code_of(secret)}).status_code == 302
    client.logout()
    log_in(client, paolo.username)
    assert client.post(CODE, {"code": code_of(secret, steps=-1)}).status_code == 200
    assert client.post(CODE, {"code": code_of(secret, steps=1)}).status_code == 302


@pytest.mark.parametrize("code", ["", " ", "12345", "1234567", "٠١٢٣٤٥", "000000\x00", "a" * 5000, "-1", "None"])
def test_codes_that_are_none_open_nothing(client, paolo, code):
    give_app(paolo)
    log_in(client, paolo.username)
    assert client.post(CODE, {"code": code}).status_code == 200
    assert client.get("/admin/").status_code == 302


CREDENTIALS = [
    "", "null", "[]", "{}", "1", '"a"', "{", '{"id": 1}', '{"id": "a", "rawId": "a", "type": "public-key"}',
    '{"id":"YQ","rawId":"YQ","type":"public-key","response":{}}', '{"response": []}', '{"id": "\\u0000"}',
    '{"id":"YQ","rawId":"YQ","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}}',
    '{"id":"YQ","rawId":"YQ","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"YQ","signature":"YQ"}}',
    '{"id":"YQ","rawId":"YQ","type":"public-key","response":{"clientDataJSON":"//8","attestationObject":"/w"}}',
    "[" * 3000,
]  # fmt: skip


@pytest.mark.parametrize("credential", CREDENTIALS)
def test_what_is_no_passkey_is_refused_in_words(client, paolo, credential):
    log_in(client, paolo.username)
    confirm_again(client)
    client.get(PASSKEY)
    assert client.post(PASSKEY, {"name": "x", "credential": credential}).status_code == 200
    give_app(paolo)
    client.logout()
    log_in(client, paolo.username)
    client.get(CODE)
    assert client.post(CODE, {"credential": credential}).status_code == 200
    assert "webauthn" not in factors(paolo)


def test_another_person_s_passkey_is_not_there(client, paolo, staff):
    factor = Authenticator.objects.create(user=staff(), type="webauthn", data={"name": "sua", "credential": {}})
    log_in(client, paolo.username)
    confirm_again(client)
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert client.get(reverse(name, args=[factor.pk])).status_code == 404
        assert client.post(reverse(name, args=[factor.pk]), {"name": "mia"}).status_code == 404


def test_the_secret_of_an_app_is_sealed_in_the_database(client, enrol, paolo, settings):
    log_in(client, paolo.username)
    secret = enrol()
    kept = Authenticator.objects.get(user=paolo, type="totp").data
    assert secret not in str(kept)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "un'altra chiave"
    client.logout()
    log_in(client, paolo.username)
    assert client.post(CODE, {"code": code_of(secret, steps=1)}).status_code == 302


def test_a_secret_written_before_sealing_still_works(client, paolo):
    Authenticator.objects.create(user=paolo, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    log_in(client, paolo.username)
    assert client.post(CODE, {"code": code_of("JBSWY3DPEHPK3PXP")}).status_code == 302


def test_what_changes_is_recorded_and_told(client, enrol, paolo, post):
    log_in(client, paolo.username)
    enrol()
    client.post(reverse("mfa_deactivate_totp"))
    events = Event.objects.filter(action__startswith="staff.factor").order_by("pk").values_list("action", "data")
    assert sorted((action, data["type"]) for action, data in events) == [
        ("staff.factor_added", "recovery_codes"), ("staff.factor_added", "totp"),
        ("staff.factor_removed", "recovery_codes"), ("staff.factor_removed", "totp"),
    ]  # fmt: skip
    told = [str(message.body) for message in post()]
    assert any("collegata un'app" in text for text in told)
    assert any("tolta l'app" in text for text in told)


def test_the_page_of_the_app_works_without_scripts_and_writes_the_key(client, paolo):
    log_in(client, paolo.username)
    confirm_again(client)
    text = client.get(ACTIVATE).content.decode()
    assert 'src="data:image/svg+xml' in text
    assert re.search(r'access-secret">[A-Z2-7]{32}<', text)
    assert "<script>" not in text


def test_production_is_told_when_passwords_stand_alone(settings):
    assert [found.id for found in second_factor_is_required(None)] == ["portal_accounts.W001"]
    settings.STAFF_MFA_REQUIRED = True
    assert second_factor_is_required(None) == []
    settings.STAFF_MFA_ROLES = ["head", "capo", "superuser"]
    assert ["'capo'" in found.msg for found in roles_of_second_factor_exist(None)] == [True]
