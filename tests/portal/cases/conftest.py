import pytest
from django_scopes import scope

from portal.audit.actor import Actor
from portal.people.acting import Acting
from tests.factories import platform as make


@pytest.fixture
def pisa(db):
    make.confirm_terms()
    return make.make_entity("PI")


@pytest.fixture
def officer(pisa):
    return make.make_staff(pisa)


@pytest.fixture
def desk_actor(officer):
    return Actor(label=str(officer), user_id=officer.pk)


@pytest.fixture
def giulia(db):
    return Acting(make.make_person())


@pytest.fixture
def case(pisa, giulia):
    return make.make_case(pisa, giulia)


@pytest.fixture
def in_pisa(pisa):
    with scope(entity=pisa):
        yield pisa
