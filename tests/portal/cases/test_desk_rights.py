"""What a role opens, and what it does not, at the desk."""

import pytest
from django.test import Client
from django_scopes import scope, scopes_disabled

from portal.audit.actor import Actor
from portal.cases.models import Case
from portal.cases.services.desk import case_take
from portal.cases.services.submission import receipt_document
from portal.entities.models import Entity, Office, Role, StaffRole
from tests.factories import platform as make

pytestmark = pytest.mark.django_db


def test_the_head_of_another_office_has_no_powers_of_a_head_here(client: Client, pisa: Entity, case: Case):
    user = make.make_staff(pisa, Role.OFFICER, name="Anna")
    with scopes_disabled():
        other = Office.objects.create(entity=pisa, code="altro", name="Altro ufficio")
        StaffRole.objects.create(entity=pisa, user=user, role=Role.HEAD, office=other)
    with scope(entity=pisa):
        case_take(case_id=case.pk, user=make.make_staff(pisa), actor=Actor("Paolo"))
    client.force_login(user)
    assert client.get(f"/admin/portal_cases/case/pratica/{case.code}/").status_code == 200
    answer = client.post(f"/admin/portal_cases/case/{case.code}/azione/refuse/", {"text": "No."})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.OFFICER, 200), (Role.HEAD, 200), (Role.ACCOUNTANT, 404), (Role.ADMINISTRATOR, 404)],
)
def test_papers_of_a_case_open_to_its_caseworkers_alone(
    client: Client, pisa: Entity, case: Case, role: Role, status: int
):
    with scope(entity=pisa):
        document = receipt_document(case=case)
    client.force_login(make.make_staff(pisa, role))
    answer = client.get(f"/documenti/{document.uuid}/")
    assert answer.status_code == status
    if status == 200:
        assert answer.getvalue().startswith(b"%PDF")


def test_a_role_in_one_body_opens_nothing_of_another_where_the_user_has_a_different_role(
    client: Client, pisa: Entity, case: Case
):
    firenze = make.make_entity("FI")
    user = make.make_staff(firenze, Role.HEAD)
    with scopes_disabled():
        StaffRole.objects.create(entity=pisa, user=user, role=Role.ACCOUNTANT)
    client.force_login(user)
    assert client.get(f"/admin/portal_cases/case/pratica/{case.code}/").status_code == 404
    register = client.get("/admin/portal_registry/protocolentry/")
    assert register.status_code == 200
    assert "Servizio di prova" not in register.content.decode()
