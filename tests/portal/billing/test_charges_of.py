"""Whose money is shown to whom."""

from datetime import UTC, date, datetime

import pytest
from django_scopes import scopes_disabled

from portal.billing.models import Charge
from portal.billing.selectors import charges_of, open_charges_of
from portal.entities.models import Entity
from portal.people.acting import Acting
from portal.people.models import Company
from tests.factories import platform as make

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CODE = "BNCGLI80A41G702X"


@pytest.fixture
def pisa() -> Entity:
    return make.make_entity("PI")


def owe(entity: Entity, *, kind: str, code: str, source: str) -> Charge:
    with scopes_disabled():
        return Charge.objects.create(
            entity=entity, source=source, handler="x", payer_kind=kind, payer_fiscal_code=code, payer_name="x",
            description="x", amount_cents=100, due_on=date(2027, 1, 1), created_at=NOW,
        )  # fmt: skip


def test_a_sole_trader_sees_the_firms_charges_only_when_acting_for_it(pisa: Entity):
    owner, helper = make.make_person(fiscal_code=CODE), make.make_person("Ugo", "Neri")
    firm = Company.objects.create(name="Ditta Bianchi Giulia", fiscal_code=CODE, seat="Pisa")
    own = owe(pisa, kind="F", code=CODE, source="case:1")
    firms = owe(pisa, kind="G", code=CODE, source="case:2")

    assert list(charges_of(Acting(owner))) == [own]
    assert list(charges_of(Acting(owner, make.make_mandate(owner, firm)))) == [firms]
    # A delegate of the firm knows its charges, never its owner's.
    assert list(open_charges_of(Acting(helper, make.make_mandate(helper, firm)))) == [firms]
    assert list(charges_of(Acting(helper))) == []


def test_two_companies_of_one_person_do_not_mix(pisa: Entity):
    person, one, two = make.make_person(), make.make_company("Uno"), make.make_company("Due")
    ones = owe(pisa, kind="G", code=one.fiscal_code, source="case:1")
    owe(pisa, kind="G", code=two.fiscal_code, source="case:2")

    assert list(charges_of(Acting(person, make.make_mandate(person, one)))) == [ones]
    assert list(charges_of(Acting(person))) == []


def test_a_person_without_codice_fiscale_owes_nothing_that_belongs_to_others(pisa: Entity):
    owe(pisa, kind="F", code="ANONIMO", source="case:1")

    assert list(charges_of(Acting(make.make_person(fiscal_code=None)))) == []
