from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django_scopes import scope

from payments.models import Instalment
from payments.reconciliation.gateways import journal_drop
from payments.sandbox import treasurer
from portal.audit.actor import Actor
from portal.entities.models import Entity
from tests.payments.reconciliation.books import Books
from tests.payments.reconciliation.debts import creditor, debt
from tests.payments.reconciliation.people import accountant

_KEY = treasurer._new_key()


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path: Path, monkeypatch) -> None:
    """No test writes in the data of the demonstration; one signing key serves them all."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(treasurer, "_new_key", lambda: _KEY)
    monkeypatch.setattr(journal_drop, "QUIET_SECONDS", 0)


@pytest.fixture(autouse=True)
def november(time_machine) -> None:
    """The evidence of the tests is of 12 November 2026; they run a few days later."""
    time_machine.move_to(datetime(2026, 11, 18, 9, tzinfo=UTC))


def _entity(code: str, fiscal_code: str) -> Entity:
    entity, _created = Entity.objects.get_or_create(
        code=code, defaults={"ipa_code": f"p_{code.lower()}", "fiscal_code": fiscal_code, "name": f"Provincia {code}"}
    )
    return entity


@pytest.fixture
def pisa(db) -> Iterator[Entity]:
    """A body, with its scope open."""
    entity = _entity("PI", "80000000010")
    with scope(entity=entity):
        yield entity


@pytest.fixture
def livorno(db) -> Entity:
    return _entity("LI", "80000000028")


@pytest.fixture
def two_bodies(db) -> tuple[Entity, Entity]:
    """Two bodies, and no scope open: as a worker finds them."""
    return _entity("PI", "80000000010"), _entity("LI", "80000000028")


@pytest.fixture
def actor() -> Actor:
    return Actor.system("prova")


@pytest.fixture
def kept(pisa, time_machine) -> Books:
    """The books of a body with nothing in them yet."""
    return Books(pisa, time_machine)


@pytest.fixture
def owed(pisa) -> Callable[..., Instalment]:
    """Makes a debt of 48,00 euro to the body, with its notice."""
    creditor(pisa)
    return lambda **changes: debt(pisa, **changes)


@pytest.fixture
def anna(pisa: Entity) -> Actor:
    """An accountant of Pisa."""
    return accountant(pisa, "anna")


@pytest.fixture
def bruno(pisa: Entity) -> Actor:
    """Another one."""
    return accountant(pisa, "bruno")
