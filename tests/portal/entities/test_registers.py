import pytest
from django.urls import reverse
from django_scopes import scopes_disabled

from portal.accounts.models import Kind, User
from portal.audit.models import Event
from portal.entities.models import Entity, Office, Role, StaffRole
from tests.factories import platform as make

pytestmark = pytest.mark.django_db

REGISTERS = [
    "portal_entities_entity",
    "portal_entities_office",
    "portal_entities_staffrole",
    "portal_accounts_user",
    "portal_people_person",
    "portal_people_company",
    "portal_audit_event",
]


@pytest.fixture
def root(client):
    user = User.objects.create_superuser("capo", "capo@ente.example", "una-password-lunga")
    client.force_login(user)
    return client


@pytest.mark.parametrize("name", REGISTERS)
def test_who_runs_the_system_reads_every_register(root, name):
    make.make_staff(make.make_entity("PI"))
    make.make_mandate(make.make_person(), make.make_company())
    assert root.get(reverse(f"admin:{name}_changelist")).status_code == 200


@pytest.mark.parametrize("name", REGISTERS)
@pytest.mark.parametrize("role", Role)
def test_nobody_else_does(client, name, role):
    client.force_login(make.make_staff(make.make_entity("PI"), role))
    assert client.get(reverse(f"admin:{name}_changelist")).status_code == 403


def test_a_new_body_gets_its_office_and_its_officer(root):
    values = {"code": "LU", "ipa_code": "p_lu", "fiscal_code": "80001210469", "name": "Provincia di Lucca"}
    root.post(reverse("admin:portal_entities_entity_add"), values)
    body = Entity.objects.get(code="LU")
    root.post(
        reverse("admin:portal_entities_office_add"), {"entity": body.pk, "code": "transport", "name": "Trasporti"}
    )
    root.post(
        reverse("admin:portal_accounts_user_add"),
        {
            "username": "nuovo",
            "first_name": "Ida",
            "last_name": "Neri",
            "password1": "una-frase-lunga-9",
            "password2": "una-frase-lunga-9",
        },
    )
    user = User.objects.get(username="nuovo")
    with scopes_disabled():
        office = Office.objects.get(entity=body)
    root.post(
        reverse("admin:portal_entities_staffrole_add"),
        {"entity": body.pk, "user": user.pk, "office": office.pk, "role": Role.OFFICER},
    )
    with scopes_disabled():
        assert StaffRole.objects.get(user=user).office == office
    assert (user.kind, user.is_staff) == (Kind.STAFF, True)
    assert Event.objects.filter(action="register.added").count() == 4


def test_taking_a_role_away_is_an_event_too(root):
    make.make_staff(make.make_entity("PI"))
    with scopes_disabled():
        role = StaffRole.objects.get()
    root.post(reverse("admin:portal_entities_staffrole_delete", args=[role.pk]), {"post": "yes"})
    with scopes_disabled():
        assert not StaffRole.objects.exists()
    assert Event.objects.filter(action="register.removed", data__role="officer").exists()


def test_citizens_are_not_among_the_accounts(root):
    person = make.make_person()
    page = root.get(reverse("admin:portal_accounts_user_changelist")).content.decode()
    assert person.user.username not in page
    assert root.get(reverse("admin:portal_accounts_user_change", args=[person.user_id])).status_code == 302
