"""The small network, the body that keeps it, and a haulier who applies."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django_scopes import scopes_disabled

from exceptional_transport import seeds
from exceptional_transport.load import load_figures
from exceptional_transport.models import FeeRate
from exceptional_transport.services.network import network_import
from portal.cases.models import Case
from portal.entities.models import Entity
from portal.people.acting import Acting
from portal.people.session import MANDATE_KEY
from tests.exceptional_transport import pages
from tests.factories.platform import log_in, make_company, make_entity, make_mandate, make_person


@pytest.fixture
def network_files(tmp_path: Path) -> tuple[Path, Path]:
    return pages.write_network(tmp_path)


@pytest.fixture
def pisa(db: None, network_files: tuple[Path, Path]) -> Entity:
    """A body with the small network, confirmed figures and invented rates."""
    entity = make_entity("PI")
    load_figures(confirmed_by="prova")
    with scopes_disabled():
        network_import(entity=entity, roads=network_files[0], structures=network_files[1], label="prova")
        for code, cents, source in seeds.RATES:
            FeeRate.objects.create(
                entity=entity, code=code, cents=cents, valid_from=date(2022, 1, 1), source=source, confirmed_by="prova"
            )
    return entity


@pytest.fixture
def haulier(db: None) -> Acting:
    person = make_person()
    return Acting(person, make_mandate(person, make_company()))


@pytest.fixture
def citizen(client: Client, haulier: Acting) -> Client:
    """A browser logged in as the haulier, acting for the company."""
    log_in(client, haulier.person)
    session = client.session
    assert haulier.mandate is not None
    session[MANDATE_KEY] = haulier.mandate.pk
    session.save()
    return client


@pytest.fixture
def submitted(pisa: Entity, citizen: Client) -> Callable[..., Case]:
    """Fills every step and sends the application."""

    def fill(**answers: Any) -> Case:
        pages.fill_all(citizen, **answers)
        response = citizen.post(pages.url("invia"), pages.DECLARATIONS)
        assert response.status_code == 302, response.content.decode()
        with scopes_disabled():
            return Case.objects.get(code=response["Location"].rstrip("/").rsplit("/", 1)[1])

    return fill
