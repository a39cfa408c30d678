import pytest
from django.db import Error, connection, transaction

from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.audit.services import record
from tests.factories import platform as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    entity = make.make_entity("PI")
    return record("test.happened", subject=entity, actor=Actor.system("prova"), data={"n": 1})


def test_an_event_says_what_when_and_by_whom(event):
    assert (event.action, event.actor_label, event.data) == ("test.happened", "prova", {"n": 1})
    assert (event.subject_type, event.subject_id) == ("portal_entities.Entity", event.subject_id)


def test_an_event_keeps_person_and_mandate_of_who_acted():
    person = make.make_person()
    mandate = make.make_mandate(person, make.make_company())
    event = record(
        "test.acted",
        subject=person,
        actor=Actor("Giulia", user_id=person.user_id, person_id=person.pk, mandate_id=mandate.pk),
    )
    assert (event.user, event.person, event.mandate) == (person.user, person, mandate)


@pytest.mark.parametrize("statement", ["UPDATE portal_audit_event SET action = 'x'", "DELETE FROM portal_audit_event"])
def test_the_database_refuses_to_change_or_delete_an_event(event, statement):
    with pytest.raises(Error, match="evidence"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Event.objects.filter(pk=event.pk).exists()


@pytest.mark.parametrize("setting", ["portal.purge", "portal.allow_truncate"])
def test_no_setting_of_a_session_opens_the_audit(event, setting):
    for statement in ("DELETE FROM portal_audit_event", "TRUNCATE portal_audit_event CASCADE"):
        with pytest.raises(Error, match="evidence"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SELECT set_config(%s, 'on', true)", [setting])
            cursor.execute(statement)
    assert Event.objects.exists()
