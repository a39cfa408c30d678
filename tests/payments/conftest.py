"""Bodies that can be paid, and charges to pay."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django_scopes import scopes_disabled

from payments.models import Instalment
from payments.seeds import seed
from portal.audit.actor import Actor
from portal.billing.models import Charge
from portal.billing.services import request_charge
from portal.billing.socket import ChargeLineDraft, Payer
from portal.entities.models import Entity
from portal.outbox.services import handler
from tests.factories.platform import make_entity

LINES = (
    ChargeLineDraft("bollo", "Imposta di bollo", 3200, "TE_BOLLO"),
    ChargeLineDraft("istruttoria", "Oneri di istruttoria", 1600, "TE_ISTRUTTORIA"),
)
heard: list[int] = []


@handler("tests.payments.heard")
def _hear(payload: dict[str, Any], message: Any) -> None:
    """Plays the service that waits to be told."""
    heard.append(payload["charge"])


@pytest.fixture
def settled_charges() -> list[int]:
    """Charges whose service has been told that they were paid."""
    heard.clear()
    return heard


@pytest.fixture
def pisa(db: None) -> Entity:
    entity = make_entity("PI", fiscal_code="80000410508", name="Provincia di Pisa", address="Piazza Prova 14, Pisa")
    seed()
    return entity


@pytest.fixture
def firenze(db: None) -> Entity:
    entity = make_entity("FI", fiscal_code="80016450480", name="Città metropolitana di Firenze")
    seed()
    return entity


@pytest.fixture
def charged() -> Callable[..., Instalment]:
    """Make a charge of a body and return the instalment that was opened for it."""

    def make(entity: Entity, **asked: Any) -> Instalment:
        return instalment_of(ask(entity, **asked))

    return make


@pytest.fixture
def charged_many() -> Callable[..., Charge]:
    """The same, for charges with several numbers: returns the charge."""
    return ask


def ask(entity: Entity, *, source: str = "case:1", **extra: Any) -> Charge:
    """Ask Mario Rossi for 48,00 euro, unless told otherwise."""
    values: dict[str, Any] = {
        "payer": Payer("F", "RSSMRA60D20F205R", "Mario Rossi", "mario.rossi@posta.example"),
        "description": "Autorizzazione al trasporto eccezionale",
        "lines": LINES,
        "due_on": date(2027, 6, 30),
        "handler": "tests.payments.heard",
        "actor": Actor.system("prova"),
        **extra,
    }
    return request_charge(entity=entity, source=source, **values)


def instalment_of(charge: Charge) -> Instalment:
    """The only instalment of a charge."""
    with scopes_disabled():
        return Instalment.objects.select_related("option__position", "creditor__entity", "entity").get(
            option__position__charge=charge
        )


@pytest.fixture
def notice(pisa: Entity, charged: Callable[..., Instalment]) -> Instalment:
    """A notice of Pisa that can be paid: 48,00 euro in two transfers."""
    return charged(pisa)
