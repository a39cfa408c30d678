from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import Error, connection, transaction
from django_scopes import scope

from portal.audit.actor import Actor
from portal.registry.models import Direction, ProtocolEntry
from portal.registry.services import next_number, protocol_register
from tests.factories import platform as make


def register(entity):
    with scope(entity=entity):
        return protocol_register(
            entity=entity,
            direction=Direction.IN,
            subject="Prova",
            counterpart="Qualcuno",
            source="test:1",
            document_sha256="0" * 64,
            actor=Actor.system("test"),
        )


@pytest.mark.django_db
def test_each_body_counts_for_itself():
    pisa, livorno = make.make_entity("PI"), make.make_entity("LI")
    assert [register(pisa).number, register(pisa).number, register(livorno).number] == [1, 2, 1]


@pytest.mark.django_db
def test_the_year_turns_at_midnight_in_rome(time_machine):
    pisa = make.make_entity("PI")
    time_machine.move_to(datetime(2026, 12, 31, 22, 59, tzinfo=UTC), tick=False)
    assert str(register(pisa)).endswith("/2026")
    time_machine.move_to(datetime(2026, 12, 31, 23, 1, tzinfo=UTC), tick=False)
    assert str(register(pisa)) == "0000001/2027"


@pytest.mark.django_db
def test_a_number_that_was_rolled_back_is_given_again():
    pisa = make.make_entity("PI")
    with pytest.raises(RuntimeError), scope(entity=pisa), transaction.atomic():
        next_number(entity=pisa, series="protocol", year=2026)
        raise RuntimeError
    with scope(entity=pisa):
        assert next_number(entity=pisa, series="protocol", year=2026) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE {} SET subject = 'x'", "DELETE FROM {}"])
def test_a_registration_can_be_neither_changed_nor_deleted(statement):
    register(make.make_entity("PI"))
    with pytest.raises(Error, match="evidence"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("portal_registry_protocolentry"))


@pytest.mark.django_db(transaction=True)
def test_twenty_registrations_at_once_leave_no_gap_and_no_double():
    pisa = make.make_entity("PI")

    def one(_):
        try:
            return register(pisa).number
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        numbers = sorted(pool.map(one, range(20)))

    assert numbers == list(range(1, 21))
    with scope(entity=pisa):
        assert ProtocolEntry.objects.count() == 20
