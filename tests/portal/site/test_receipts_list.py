"""The list of receipts: what was paid, by year, body and words, with its total; the same queries for any number."""

from collections.abc import Callable
from datetime import UTC, datetime
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

ADDRESS = "/area/pagamenti/ricevute/"


@pytest.fixture
def paid(person: Person, entity: Entity) -> Callable[..., Charge]:
    """A paid charge of the person, as the table holds it."""

    def make(name: str, *, year: int = 2026, cents: int = 4800, **extra: Any) -> Charge:
        values: dict[str, Any] = {
            "entity": entity,
            "source": f"prova:{name}",
            "handler": "prova",
            "payer_kind": "F",
            "payer_fiscal_code": person.fiscal_code,
            "payer_name": str(person),
            "description": f"Onere {name}",
            "amount_cents": cents,
            "state": State.SETTLED,
            "notice_number": "301000000000000185",
            "created_at": datetime(year - 1, 12, 30, 10, tzinfo=UTC),
            "settled_at": datetime(year, 7, 1, 10, tzinfo=UTC),
            **extra,
        }
        with scopes_disabled():
            return Charge.objects.create(**values)

    return make


@pytest.fixture
def some(paid: Callable[..., Charge]) -> None:
    paid("bollo")
    paid("canone", year=2025, cents=100_000, notice_number="301000000000000387")
    paid("diritti", year=2025, cents=1)
    paid("fiorentino", entity=make_entity("FI", name="Città metropolitana di Firenze"))
    paid("da pagare", state=State.REQUESTED, settled_at=None)
    paid("annullato", state=State.CANCELLED, settled_at=None)


NAMES = ("bollo", "canone", "diritti", "fiorentino", "da pagare", "annullato")


def listed(client: Client, **asked: str) -> set[str]:
    page = client.get(ADDRESS, asked).content.decode()
    return {name for name in NAMES if f"Onere {name}" in page}


def test_only_what_was_paid_is_there_each_with_its_receipt(citizen: Client, some: None):
    page = citizen.get(ADDRESS).content.decode()
    assert {name for name in NAMES if f"Onere {name}" in page} == {"bollo", "canone", "diritti", "fiorentino"}
    assert page.count("/ricevuta.pdf") == 4


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"anno": "2025"}, {"canone", "diritti"}),
        ({"anno": "2026"}, {"bollo", "fiorentino"}),
        ({"ente": "FI"}, {"fiorentino"}),
        ({"testo": "CANONE"}, {"canone"}),
        ({"testo": "onere firenze"}, {"fiorentino"}),
        ({"testo": "3010 0000 0000 0003 87"}, {"canone"}),
        ({"testo": "0387"}, {"canone"}),
        ({"testo": "introvabile"}, set()),
        ({"testo": "  "}, {"bollo", "canone", "diritti", "fiorentino"}),
        ({"testo": "%"}, set()),
        ({"anno": "1999"}, {"bollo", "canone", "diritti", "fiorentino"}),
        ({"anno": "'; --", "ente": "<b>"}, {"bollo", "canone", "diritti", "fiorentino"}),
        ({"anno": "2025", "ente": "FI"}, set()),
        ({"anno": "2025", "testo": "diritti"}, {"diritti"}),
        ({"page": "99"}, {"bollo", "canone", "diritti", "fiorentino"}),
    ],
)
def test_the_filters_leave_what_they_say(citizen: Client, some: None, asked: dict[str, str], names: set[str]):
    assert listed(citizen, **asked) == names


def total(client: Client, **asked: str) -> str:
    words = " ".join(client.get(ADDRESS, asked).content.decode().split())
    return words.split('role="status">')[-1].split("</p>")[0]


def test_the_total_is_of_what_the_filters_leave(citizen: Client, some: None):
    assert total(citizen) == "4 ricevute, in tutto 1.096,01 €."
    assert total(citizen, anno="2025") == "2 ricevute, in tutto 1.000,01 € nel 2025."
    assert total(citizen, anno="2025", testo="diritti") == "1 ricevuta, in tutto 0,01 € nel 2025."


def test_the_year_is_that_of_rome(citizen: Client, paid: Callable[..., Charge]):
    paid("bollo", settled_at=datetime(2025, 12, 31, 23, 30, tzinfo=UTC))
    assert listed(citizen, anno="2026") == {"bollo"}


def test_without_receipts_the_page_says_what_will_be_there(citizen: Client):
    assert "Qui troverai le ricevute" in citizen.get(ADDRESS).content.decode()


def test_nobody_else_s_receipts_are_there(citizen: Client, paid: Callable[..., Charge]):
    paid("bollo", payer_fiscal_code=make_person("Altro", "Cittadino").fiscal_code)
    paid("canone", payer_kind="G")
    assert listed(citizen) == set()


def test_who_is_not_logged_in_is_sent_to_the_login(some: None):
    assert Client().get(ADDRESS)["Location"].startswith("/accedi/")


def test_pages_keep_the_filters_and_the_queries_stay_the_same(citizen: Client, paid: Callable[..., Charge]):
    paid("bollo")
    assert queries(citizen) > 0
    few = queries(citizen)
    for number in range(25):
        paid(f"canone {number}", year=2025)
    page = citizen.get(ADDRESS, {"anno": "2025"}).content.decode()
    assert "?anno=2025&amp;page=2" in page
    assert "25 ricevute" in page
    assert queries(citizen) == few


def queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as found:
        client.get(ADDRESS)
    return len(found)


def test_the_list_of_payments_and_the_site_map_lead_here(citizen: Client):
    assert ADDRESS in citizen.get("/area/pagamenti/").content.decode()
    assert ADDRESS in Client().get("/mappa/").content.decode()
