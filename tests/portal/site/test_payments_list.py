"""The list of payments: what waits on top, filters that mean something, pages, the same queries for any number."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scopes_disabled

from portal.billing.domain.states import State
from portal.billing.models import Charge
from portal.entities.models import Entity
from portal.people.models import Person
from tests.factories.platform import make_entity, make_person
from tests.portal.site.pages import read

ADDRESS = "/area/pagamenti/"


@pytest.fixture
def owes(person: Person, entity: Entity) -> Callable[..., Charge]:
    """A charge of the person, as the table holds it."""

    def make(name: str, state: State = State.REQUESTED, *, year: int = 2026, **extra: Any) -> Charge:
        values: dict[str, Any] = {
            "entity": entity,
            "source": f"prova:{name}",
            "handler": "prova",
            "payer_kind": "F",
            "payer_fiscal_code": person.fiscal_code,
            "payer_name": str(person),
            "description": f"Onere {name}",
            "amount_cents": 4800,
            "state": state,
            "notice_number": "301000000000000185",
            "created_at": datetime(year, 6, 1, 10, tzinfo=UTC),
            "settled_at": datetime(year, 7, 1, 10, tzinfo=UTC) if state == State.SETTLED else None,
            **extra,
        }
        with scopes_disabled():
            return Charge.objects.create(**values)

    return make


@pytest.fixture
def some(owes: Callable[..., Charge]) -> None:
    owes("futuro", due_on=date(2099, 1, 1))
    owes("senza data")
    owes("tardivo", due_on=date(2020, 1, 1), year=2019)
    owes("saldato", State.SETTLED)
    owes("ritirato", State.CANCELLED, year=2025)
    owes("fiorentino", State.SETTLED, entity=make_entity("FI", name="Città metropolitana di Firenze"))


NAMES = ("futuro", "senza data", "tardivo", "saldato", "ritirato", "fiorentino")


def shown(citizen: Client, query: str = "") -> set[str]:
    text = read(citizen.get(ADDRESS + query)).text
    return {name for name in NAMES if f"Onere {name}" in text}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", set(NAMES)),
        ("?stato=da-pagare", {"futuro", "senza data"}),
        ("?stato=scaduti", {"tardivo"}),
        ("?stato=pagati", {"saldato", "fiorentino"}),
        ("?stato=annullati", {"ritirato"}),
        ("?anno=2025", {"ritirato"}),
        ("?ente=FI", {"fiorentino"}),
        ("?stato=pagati&ente=PI&anno=2026", {"saldato"}),
        ("?stato=pagati&anno=2025", set()),
    ],
)
def test_filters_leave_what_they_say(citizen: Client, some: None, query: str, expected: set[str]) -> None:
    assert shown(citizen, query) == expected


@pytest.mark.parametrize(
    "query",
    ["?stato=rubati", "?anno=0", "?anno=99999999999999999999", "?anno=%00x", "?anno=2024", "?ente=XX",
     "?ente=%27%3B--", "?page=0", "?page=-3", "?page=uno", "?stato=&anno=&ente=", "?stato=rubati&stato=altri"],
)  # fmt: skip
def test_a_filter_that_means_nothing_filters_nothing(citizen: Client, some: None, query: str) -> None:
    response = citizen.get(ADDRESS + query)
    assert response.status_code == (400 if "%00" in query else 200)
    if response.status_code == 200:
        assert shown(citizen, query) == set(NAMES)


def test_what_waits_is_on_top_the_first_to_expire_first(citizen: Client, some: None) -> None:
    text = read(citizen.get(ADDRESS)).text
    places = [text.index(f"Onere {name}") for name in ("tardivo", "futuro", "senza data", "saldato")]
    assert places == sorted(places)
    assert "scaduto il 01/01/2020" in text


def test_the_sum_is_of_all_that_waits_whatever_the_filters(citizen: Client, some: None) -> None:
    assert "Hai 3 avvisi da pagare, in tutto 144,00\N{NO-BREAK SPACE}€" in read(citizen.get(ADDRESS)).text
    assert "Hai 3 avvisi da pagare" in read(citizen.get(f"{ADDRESS}?stato=annullati")).text


def test_the_choices_are_those_that_some_row_answers_to(
    citizen: Client, some: None, owes: Callable[..., Charge]
) -> None:
    other = make_person("Altra", "Persona")
    owes("altrui", year=2011, payer_fiscal_code=other.fiscal_code)
    values = {element.get("value") for element in read(citizen.get(ADDRESS)).all("option")}
    assert {"2019", "2025", "2026", "PI", "FI"} <= values
    assert "2011" not in values


def test_pages_keep_the_filters(citizen: Client, owes: Callable[..., Charge]) -> None:
    for number in range(23):
        owes(str(number), State.SETTLED)
    first = citizen.get(f"{ADDRESS}?stato=pagati&anno=2026&intruso=1")
    links = {link.get("href") for link in read(first).all("a")}
    assert "?stato=pagati&anno=2026&page=2" in links
    assert len(citizen.get(f"{ADDRESS}?stato=pagati&page=2").context["done"]) == 3


def test_to_pay_is_paged_too(citizen: Client, owes: Callable[..., Charge]) -> None:
    for number in range(21):
        owes(str(number))
    assert [len(citizen.get(f"{ADDRESS}?page={page}").context["due"]) for page in (1, 2)] == [20, 1]


def test_with_nothing_at_all_the_page_says_what_will_be_there(citizen: Client, entity: Entity) -> None:
    page = read(citizen.get(ADDRESS))
    assert "Non hai niente da pagare." in page.text
    assert "Qui troverai gli avvisi da pagare" in page.text


def test_with_nothing_that_answers_the_filters_there_is_a_way_back(citizen: Client, some: None) -> None:
    page = read(citizen.get(f"{ADDRESS}?stato=scaduti&ente=FI"))
    assert "Nessun avviso corrisponde ai filtri." in page.text
    assert "0 avvisi trovati" in page.text
    assert ADDRESS in {link.get("href") for link in page.all("a")}


def test_one_row_or_twenty_cost_the_same(citizen: Client, owes: Callable[..., Charge]) -> None:
    asked = []
    for number in range(10):
        owes(f"da pagare {number}")
        owes(f"pagato {number}", State.SETTLED)
        with CaptureQueriesContext(connection) as queries:
            citizen.get(ADDRESS)
        asked.append(len(queries))
    assert len(set(asked[1:])) == 1
