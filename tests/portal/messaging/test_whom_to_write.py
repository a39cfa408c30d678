"""At whose address a company's messages arrive."""

from typing import Any

import pytest
from django_scopes import scope

from portal.audit.actor import Actor
from portal.cases.services.moves import tell_applicant
from portal.entities.models import Entity
from portal.messaging.models import Delivery
from portal.people.acting import Acting
from portal.people.domain.mandates import Action, Kind
from portal.people.models import Company, Mandate, Person
from portal.people.services.mandates import mandate_apply
from tests.factories import platform as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def body() -> Entity:
    make.confirm_terms()
    return make.make_entity("PI")


@pytest.fixture
def company() -> Company:
    return make.make_company()


@pytest.fixture
def owner(company: Company) -> Person:
    person = make.make_person("Olga", "Titolare", email="olga@impresa.example", fiscal_code=None)
    make.make_mandate(person, company, kind=Kind.LEGAL_REPRESENTATIVE)
    return person


@pytest.fixture
def delegate(company: Company) -> Mandate:
    return make.make_mandate(make.make_person("Dario", "Delegato", email="dario@studio.example"), company)


def _told(entity: Entity, case: Any) -> list[str]:
    with scope(entity=entity):
        before = list(Delivery.objects.values_list("pk", flat=True))
        tell_applicant(case, template="submitted")
        return list(Delivery.objects.exclude(pk__in=before).values_list("address", flat=True))


def _revoke(mandate: Mandate) -> None:
    mandate_apply(mandate_id=mandate.pk, action=Action.REVOKE, actor=Actor.system("prova"), reason="fine rapporto")


def test_the_delegate_reads_while_the_mandate_is_good(body: Entity, delegate: Mandate, owner: Person) -> None:
    case = make.make_case(body, Acting(delegate.person, delegate))

    assert _told(body, case) == ["dario@studio.example"]


def test_after_the_revocation_the_representative_reads(body: Entity, delegate: Mandate, owner: Person) -> None:
    case = make.make_case(body, Acting(delegate.person, delegate))
    _revoke(delegate)

    assert _told(body, case) == ["olga@impresa.example"]


def test_without_a_representative_the_message_waits_in_the_area(body: Entity, delegate: Mandate) -> None:
    case = make.make_case(body, Acting(delegate.person, delegate))
    _revoke(delegate)

    assert _told(body, case) == []


def test_what_one_did_for_oneself_is_read_by_oneself(body: Entity, delegate: Mandate) -> None:
    case = make.make_case(body, Acting(delegate.person))
    _revoke(delegate)

    assert _told(body, case) == ["dario@studio.example"]
