"""A body with its kinds of debt, and fines imported as the back office does."""

from collections.abc import Callable
from typing import Any

import pytest
from django_scopes import scope, scopes_disabled

from payments.fines.models import FileKind, Fine, FineImport
from payments.fines.seeds import seed_kinds
from payments.fines.services.files import file_receive
from payments.fines.services.importing import import_run
from payments.models import Instalment
from portal.audit.actor import Actor
from portal.entities.models import Entity
from tests.payments.fines.fine_files import table

DESK = Actor(label="Ufficio multe")


@pytest.fixture
def body(pisa: Entity) -> Entity:
    seed_kinds(pisa)
    return pisa


def take(entity: Entity, content: bytes, *, kind: FileKind = FileKind.ACTS, name: str = "verbali.csv") -> FineImport:
    """Receive a file and, if it has no errors, import it."""
    reading = file_receive(entity=entity, kind=kind, name=name, content=content, actor=DESK)
    return import_run(import_id=reading.pk, entity_id=entity.pk, actor=DESK)


def fine_of(entity: Entity, number: str = "1001") -> Fine:
    with scope(entity=entity):
        return Fine.objects.select_related("position__charge").get(number=number)


def numbers_of(fine: Fine) -> dict[bool, Instalment]:
    """The instalments of a fine: True is the discounted one, False the reduced one."""
    with scopes_disabled():
        rows = Instalment.objects.filter(option__position=fine.position_id, option__added_at=None)
        rows = rows.select_related("option__position", "creditor__entity").prefetch_related(
            "dated_amounts", "transfers"
        )
        return {row.option.refused_after_due: row for row in rows}


@pytest.fixture
def fined(body: Entity) -> Callable[..., Fine]:
    """A fine of the body, its row changed as asked."""

    def make(**cells: Any) -> Fine:
        reading = take(body, table(cells))
        assert reading.totals["errors"] == []
        return fine_of(body, str(cells.get("numero_verbale", "1001")))

    return make
