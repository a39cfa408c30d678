from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from portal.billing import socket
from portal.billing.models import Charge
from portal.billing.services import request_charge
from portal.cases.models import Case
from portal.documents.models import Document
from portal.entities.models import Entity
from portal.people.acting import Acting
from portal.people.models import Person
from tests.factories.platform import make_entity, make_person, trial_service


class PaperBiller:
    """Gives notice numbers and pages; prints nothing."""

    def __init__(self) -> None:
        self.given = 0

    def open(self, charge: Charge, **asked: Any) -> socket.OpenedCharge:
        self.given += 1
        return socket.OpenedCharge(f"3010000000000{self.given:05d}")

    def cancel(self, charge: Charge) -> None:
        """Nothing to take back."""

    def page_url(self, charge: Charge) -> str:
        return f"/pagamenti/prova/{charge.uuid}/"

    def standings(self, charges: Any, *, on: Any) -> dict[int, socket.Standing]:
        return {}

    def public_url(self) -> str:
        return "/pagamenti/"

    def unasked_url(self) -> str:
        return "/pagamenti/spontanei/"

    def notice_document(self, charge: Charge) -> Document | None:
        return None

    def receipt_document(self, charge: Charge) -> Document | None:
        return None


@pytest.fixture(autouse=True)
def _paper_biller() -> Iterator[None]:
    before = list(socket._billers)
    socket.register_biller(PaperBiller())
    yield
    socket._billers[:] = before


@pytest.fixture
def entity(db: None) -> Entity:
    trial_service()
    return make_entity(address="Piazza Vittorio Emanuele II 14, 56125 Pisa", pec="protocollo@pec.example")


@pytest.fixture
def person(db: None) -> Person:
    return make_person()


@pytest.fixture
def citizen(client: Client, person: Person) -> Client:
    client.force_login(person.user)
    return client


@pytest.fixture
def owe(entity: Entity) -> Callable[[Case], Charge]:
    """Ask 48 euro for a case, as its office would."""

    def ask(case: Case) -> Charge:
        with scope(entity=entity):
            return request_charge(
                entity=entity,
                source=case.source,
                payer=socket.Payer("F", case.applicant_person.fiscal_code or "", str(case.applicant_person)),
                description="Oneri della pratica",
                lines=[
                    socket.ChargeLineDraft("istruttoria", "Oneri di istruttoria", 3200, "prova"),
                    socket.ChargeLineDraft("bollo", "Imposta di bollo", 1600, "prova"),
                ],
                due_on=None,
                handler="cases.charge_settled",
                actor=Acting(case.applicant_person).actor,
            )

    return ask
