"""Wrong passwords and codes at the staff's door: the same answer for every name, a lock that Redis does not hold."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.urls import reverse

from portal.accounts import services
from portal.accounts.models import LoginLock, User
from portal.accounts.tasks import forget_names
from portal.audit.models import Event
from portal.outbox.models import OutboxMessage
from tests.factories import platform as make
from tests.portal.accounts.entrance import CODE, LOGIN, PASSWORD, code_of, confirm_again, give_app, log_in

pytestmark = pytest.mark.django_db
LOCKED = "Accesso bloccato per un po"


def fail(client, name, times=5):
    for _ in range(times):
        assert log_in(client, name, "sbagliata").status_code == 200
        cache.clear()  # as if Redis were away: the brake on the address forgets


def test_after_five_wrong_passwords_the_right_one_waits_fifteen_minutes(client, paolo, later):
    fail(client, paolo.username)
    answer = log_in(client, paolo.username)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"
    assert LOCKED in answer.content.decode()
    assert "09:15" in answer.content.decode()
    later(timedelta(minutes=15))
    assert log_in(client, paolo.username).headers["Location"] == "/admin/"


def test_every_lock_is_longer_until_the_person_comes_in(client, paolo, later):
    for minutes in (15, 30, 60):
        fail(client, paolo.username)
        later(timedelta(minutes=minutes - 1))
        assert log_in(client, paolo.username).status_code == 429
        later(timedelta(minutes=1))
    log_in(client, paolo.username)
    client.logout()
    fail(client, paolo.username)
    later(timedelta(minutes=15))
    assert log_in(client, paolo.username).status_code == 302


def test_a_name_nobody_has_is_locked_in_the_same_words(client, paolo):
    for name in (paolo.username, "nessuno"):
        wrong = log_in(client, name, "sbagliata")
        assert "Il nome utente o la password non sono giusti." in wrong.content.decode()
        fail(client, name, 4)
    known, unknown = log_in(client, paolo.username), log_in(client, "nessuno")
    assert (known.status_code, known.headers["Retry-After"]) == (unknown.status_code, unknown.headers["Retry-After"])
    assert LOCKED in unknown.content.decode()


@pytest.mark.parametrize("times", [1, 5])
def test_known_and_unknown_names_cost_the_same_work(client, paolo, django_assert_num_queries, times):
    """The password is hashed for both, and the database is asked the same things."""
    for name in ("nessuno", paolo.username):
        fail(client, name, times - 1)
    with connection.execute_wrapper(counter := Counter()):
        log_in(client, "nessuno", "sbagliata")
    with django_assert_num_queries(counter.queries):
        log_in(client, paolo.username, "sbagliata")
    assert counter.queries <= 24


class Counter:
    queries = 0

    def __call__(self, execute, sql, params, many, context):
        self.queries += 1
        return execute(sql, params, many, context)


@pytest.mark.parametrize("spelling", [str.upper, str.title, lambda name: f"  {name} "])
def test_other_spellings_of_a_name_share_its_chances(client, paolo, spelling):
    fail(client, paolo.username, 3)
    fail(client, spelling(paolo.username), 2)
    assert log_in(client, paolo.username).status_code == 429


def test_a_known_password_gives_no_more_codes_to_guess(client, paolo, later):
    secret = give_app(paolo)
    for _ in range(4):
        log_in(client, paolo.username)
        client.post(CODE, {"code": "000000"})
        cache.clear()
        client.logout()
    log_in(client, paolo.username)
    client.post(CODE, {"code": "000000"})
    cache.clear()
    assert client.post(CODE, {"code": code_of(secret)}).status_code == 429
    assert Event.objects.filter(action="staff.locked").count() == 1


def test_whoever_found_a_desk_unattended_does_not_guess_the_password_there(client, paolo):
    client.force_login(paolo, backend="django.contrib.auth.backends.ModelBackend")
    wrong = {"oldpassword": "no", "password1": "Un altro segreto 9", "password2": "Un altro segreto 9"}
    for _ in range(3):
        client.post(reverse("account_change_password"), wrong)
        cache.clear()
    for _ in range(2):
        client.post(reverse("account_reauthenticate"), {"password": "no"})
        cache.clear()
    assert client.post(reverse("account_change_password"), wrong | {"oldpassword": PASSWORD}).status_code == 429
    paolo.refresh_from_db()
    assert paolo.check_password(PASSWORD)


def test_the_person_is_told_by_e_mail_and_nobody_else(client, paolo, post):
    fail(client, paolo.username)
    fail(client, "nessuno")
    (message,) = post()
    assert message.to == [paolo.email]
    assert "8 marzo 2027, 09:15" in str(message.body).lower()
    assert not OutboxMessage.objects.filter(payload__icontains=paolo.email).exists()


def test_what_was_typed_as_a_name_is_not_kept(client, db):
    log_in(client, "LaMiaPassword1!", "x")
    row = LoginLock.objects.get()
    assert "password" not in f"{row.name_digest}{row}".lower()
    assert "lamiapassword" not in str(list(Event.objects.values())).lower()


def test_failures_locks_and_logins_are_in_the_register_of_events(client, paolo):
    fail(client, paolo.username)
    services.lock_release(lock_id=paolo.login_lock.pk, actor=make.Actor.system("prova"))
    log_in(client, paolo.username)
    actions = list(Event.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["staff.attempt_failed"] * 5 + ["staff.locked", "staff.unlocked", "staff.logged_in"]
    assert Event.objects.get(action="staff.logged_in").data == {"methods": ["password"]}
    assert Event.objects.get(action="staff.locked").data == {"user": paolo.pk, "locks": 1}


def test_too_many_attempts_from_one_address_do_not_lock_a_name_that_was_not_judged(client, paolo):
    for number in range(12):
        log_in(client, f"nome{number}", "x")
    answer = log_in(client, paolo.username)
    assert "Riprova fra qualche minuto" in answer.content.decode()
    assert paolo.login_lock.attempts == []


def test_names_quiet_for_a_week_are_forgotten(client, paolo, later):
    log_in(client, "nessuno", "x")
    later(timedelta(days=4))
    log_in(client, paolo.username, "x")
    later(timedelta(days=4))
    forget_names()
    assert [lock.user for lock in LoginLock.objects.all()] == [paolo]


def test_who_runs_the_system_opens_the_door_from_the_machine(client, paolo, capsys):
    fail(client, paolo.username)
    call_command("unlock_staff", paolo.username.upper())
    assert "Blocco tolto." in capsys.readouterr().out
    assert log_in(client, paolo.username).status_code == 302
    with pytest.raises(CommandError, match="non è bloccato"):
        call_command("unlock_staff", paolo.username)
    with pytest.raises(CommandError, match="Nessun tentativo"):
        call_command("unlock_staff", "nessuno")


@pytest.mark.parametrize("name", ["", " ", "a" * 151, "'; DROP TABLE x; --", "\u202epaolo", "\U0001f600", "nome\x00"])
def test_names_nobody_could_have_are_refused_or_counted(client, db, name):
    assert log_in(client, name, "x").status_code == 200
    assert client.post(LOGIN, {"login": [name, name]}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_guesses_sent_all_at_once_find_the_same_five_chances(later):
    entity = make.make_entity("PI")
    name = make.make_staff(entity).username

    def guess(_):
        try:
            return services.attempt_begin(name=name)
        except services.AccountLocked:
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        judged = [each for each in pool.map(guess, range(16)) if each]
    assert len(judged) == 5
    assert User.objects.get(username=name).login_lock.locked_until is None


def test_reauthentication_is_counted_and_taken_back_when_right(client, paolo):
    log_in(client, paolo.username)
    confirm_again(client)
    paolo.login_lock.refresh_from_db()
    assert paolo.login_lock.attempts == []
