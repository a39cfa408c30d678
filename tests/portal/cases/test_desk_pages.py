import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from portal.audit.models import Event
from portal.cases.domain.states import State
from portal.cases.models import Case
from portal.entities.models import Role
from tests.factories import platform as make


@pytest.fixture
def desk_client(client, officer):
    client.force_login(officer)
    return client


def page(case):
    return reverse("admin:portal_cases_page", args=[case.code])


def press(client, case, key, **data):
    return client.post(reverse("admin:portal_cases_action", args=[case.code, key]), data)


def test_the_officer_finds_the_new_case_in_the_queue_and_opens_it(desk_client, case):
    queue = desk_client.get(reverse("admin:portal_cases_queue"), {"coda": "da-prendere"})
    assert case.code in queue.content.decode()

    opened = desk_client.get(page(case))
    assert "Prendi in carico" in opened.content.decode()
    assert Event.objects.filter(action="case.read", subject_id=str(case.pk)).exists()


def test_taking_the_case_moves_it_to_mine(desk_client, case, pisa):
    response = press(desk_client, case, "take")
    assert response.status_code == 302
    mine = desk_client.get(reverse("admin:portal_cases_queue"), {"coda": "mie"}).content.decode()
    assert case.code in mine


def test_a_request_without_text_comes_back_with_its_error(desk_client, case):
    press(desk_client, case, "take")
    response = press(desk_client, case, "request_integration", text="")
    assert response.status_code == 422
    assert "Chiedi integrazione" in response.content.decode()


def test_a_colleague_may_look_but_not_decide(client, desk_client, case, pisa):
    press(desk_client, case, "take")
    client.force_login(make.make_staff(pisa))
    assert client.get(page(case)).status_code == 200
    assert press(client, case, "approve").status_code == 403


def test_the_head_of_the_office_may_decide_any_case(client, desk_client, case, pisa):
    press(desk_client, case, "take")
    client.force_login(make.make_staff(pisa, Role.HEAD))
    assert press(client, case, "approve", prescriptions=["weather"]).status_code == 302
    with scope(entity=pisa):
        assert Case.objects.get(pk=case.pk).state == State.READY_TO_ISSUE


def test_officers_of_another_body_see_nothing_and_reach_nothing(client, case):
    stranger = make.make_staff(make.make_entity("FI"))
    client.force_login(stranger)
    assert case.code not in client.get(reverse("admin:portal_cases_queue")).content.decode()
    assert client.get(page(case)).status_code == 404
    assert press(client, case, "take").status_code == 404


def test_accountants_have_no_desk(client, case, pisa):
    client.force_login(make.make_staff(pisa, Role.ACCOUNTANT))
    assert client.get(reverse("admin:portal_cases_queue")).status_code == 403
    assert client.get(page(case)).status_code == 403


def test_citizens_are_sent_to_the_staff_login(client, case, giulia):
    client.force_login(giulia.person.user)
    assert client.get(page(case)).status_code == 302


def test_an_unknown_button_or_queue_is_not_found(desk_client, case):
    assert press(desk_client, case, "explode").status_code == 404
    assert desk_client.get(reverse("admin:portal_cases_queue"), {"coda": "tutte"}).status_code == 404


def test_a_stale_button_says_what_happened(desk_client, case):
    press(desk_client, case, "take")
    response = desk_client.post(reverse("admin:portal_cases_action", args=[case.code, "take"]), follow=True)
    assert "nel frattempo lo stato è cambiato" in response.content.decode()


def test_the_queue_costs_the_same_with_one_case_or_many(desk_client, case, pisa, django_assert_num_queries):
    with CaptureQueriesContext(connection) as one:
        desk_client.get(reverse("admin:portal_cases_queue"))
    for _ in range(5):
        make.make_case(pisa)
    with django_assert_num_queries(len(one)):
        desk_client.get(reverse("admin:portal_cases_queue"))
