"""A forgotten password: a link by e-mail for the staff, the same answer for every address, nothing for citizens."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.tokens import reset_path
from portal.audit.models import Event
from portal.outbox.models import OutboxMessage
from tests.factories import platform as make
from tests.portal.accounts.entrance import CODE, give_app, log_in
from tests.portal.accounts.test_staff_lock import Counter

pytestmark = pytest.mark.django_db
NEW = {"password1": "Un altro segreto 9", "password2": "Un altro segreto 9"}


def ask(client, email):
    return client.post(reverse("account_reset_password"), {"email": email})


def link_in(message):
    return re.search(r"https?://[^/\s]+(/\S+)", str(message.body))[1]


def choose(client, link, data=NEW):
    page = client.get(link, follow=True)
    return client.post(page.redirect_chain[-1][0], data)


def test_the_link_leads_to_a_new_password_and_the_second_step_stays(client, paolo, post, settings):
    give_app(paolo)
    assert ask(client, paolo.email.upper()).headers["Location"] == reverse("account_reset_password_done")
    (message,) = post()
    assert message.to == [paolo.email]
    assert settings.PORTAL_BASE_URL in str(message.body)
    assert choose(client, link_in(message)).headers["Location"] == reverse("account_reset_password_from_key_done")
    assert "_auth_user_id" not in client.session
    assert log_in(client, paolo.username, NEW["password1"]).headers["Location"] == CODE
    assert Event.objects.filter(action="staff.password_changed", data={"how": "reset"}).count() == 1


def test_the_link_opens_once_and_for_an_hour(client, paolo, post, later):
    ask(client, paolo.email)
    link = link_in(post()[0])
    choose(client, link)
    assert "non vale più" in client.get(link).content.decode()
    paolo.refresh_from_db()
    old = reset_path(paolo)
    later(timedelta(minutes=61))
    assert "non vale più" in client.get(old).content.decode()


def test_the_answer_and_the_work_are_the_same_for_every_address(client, paolo, django_assert_num_queries):
    with connection.execute_wrapper(counter := Counter()):
        known = ask(client, paolo.email)
    with django_assert_num_queries(counter.queries):
        unknown = ask(client, "nessuno@altrove.example")
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])


def test_neither_the_address_nor_the_link_stays_in_the_queue(client, paolo, post):
    ask(client, paolo.email)
    post()
    kept = str(list(OutboxMessage.objects.values("payload", "key", "last_error")))
    assert paolo.email not in kept
    assert "password/reset" not in kept


def test_asking_again_and_again_sends_one_message_each_quarter_of_an_hour(client, paolo, post, later):
    for _ in range(4):
        ask(client, paolo.email)
        cache.clear()
    assert len(post()) == 1
    later(timedelta(minutes=15))
    ask(client, paolo.email)
    assert len(post()) == 2


def test_one_address_of_the_net_asks_five_times_a_minute(client, db):
    answers = [ask(client, f"nome{number}@ente.example").status_code for number in range(6)]
    assert answers == [302] * 5 + [429]


def test_citizens_and_former_colleagues_get_nothing(client, paolo, post):
    citizen = make.make_person().user
    User.objects.filter(pk=citizen.pk).update(email="cittadina@posta.example")
    User.objects.filter(pk=paolo.pk).update(is_active=False)
    ask(client, "cittadina@posta.example")
    ask(client, paolo.email)
    assert post() == []


def test_a_link_made_for_a_citizen_or_kept_by_a_former_colleague_opens_nothing(client, paolo):
    citizen = make.make_person().user
    link = reset_path(paolo)
    User.objects.filter(pk=paolo.pk).update(is_active=False)
    for path in (reset_path(citizen), link):
        assert "non vale più" in client.get(path).content.decode()
    citizen.refresh_from_db()
    assert not citizen.has_usable_password()


@pytest.mark.parametrize("email", ["", "a", "a@b", "x" * 400 + "@a.example", "a\x00@b.example", "a@b.example\nBcc: c"])
def test_what_is_no_address_is_refused_in_words(client, db, email):
    assert ask(client, email).status_code == 200
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("data", [{}, NEW | {"password2": "altro"}, {"password1": "corta", "password2": "corta"}])
def test_a_weak_or_mistyped_password_is_not_taken(client, paolo, data):
    answer = choose(client, reset_path(paolo), data)
    assert answer.status_code == 200
    assert "Controlla questi punti" in answer.content.decode()
    before = paolo.password
    paolo.refresh_from_db()
    assert paolo.password == before


@pytest.mark.parametrize("part", ["1-set-password", "zzzzzzzzzzzzz-abc", "0-x", "1-" + "a" * 300])
def test_links_nobody_sent_open_nothing(client, db, part):
    answer = client.get(f"/personale/password/reset/key/{part}/")
    assert answer.status_code in {200, 404}
    assert "password1" not in answer.content.decode()
