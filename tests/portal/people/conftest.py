from collections.abc import Callable
from datetime import date

import pytest

from portal.entities.models import Entity
from portal.people.acting import Acting
from portal.people.domain.mandates import Kind
from portal.people.models import Company, Mandate, Person
from tests.factories import platform as make


@pytest.fixture
def pisa(db: None) -> Entity:
    make.trial_service()
    return make.make_entity("PI")


@pytest.fixture
def boss(db: None) -> Acting:
    """The legal representative of a company, acting for it."""
    person = make.make_person("Bruno", "Bosco")
    return Acting(
        person, make.make_mandate(person, make.make_company("Cave Bosco S.r.l."), kind=Kind.LEGAL_REPRESENTATIVE)
    )


@pytest.fixture
def agency_boss(db: None) -> Acting:
    """The legal representative of an agency, acting for it."""
    person = make.make_person("Agata", "Agenti")
    company = make.make_company("Agenzia Pratiche S.r.l.")
    return Acting(person, make.make_mandate(person, company, kind=Kind.LEGAL_REPRESENTATIVE))


@pytest.fixture
def to_agency() -> Callable[..., Mandate]:
    """An active mandate of a company to an agency."""

    def give(agency: Company, company: Company, **extra: object) -> Mandate:
        values = {"kind": Kind.DELEGATE, "state": "active", "valid_from": date(2020, 1, 1), **extra}
        return Mandate.objects.create(agency=agency, company=company, **values)

    return give


@pytest.fixture
def stranger(db: None) -> Person:
    return make.make_person("Sara", "Strana")
