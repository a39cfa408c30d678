"""No page asks the database more because it shows more rows.

Every address of the portal and every list of the admin is opened twice on the same data: as it is, and with each row
that a list reads given four times. A page that asks something for each row asks more the second time.
"""

import copy
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models.query import ModelIterable
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scopes_disabled

from portal.entities.models import Role
from tests.factories import platform as make
from tests.factories.world import World, build, citizen_client
from tests.test_tenant_walk import LEAVING, OWN, PUBLIC, ROWS, address, admin_addresses, browser, text_of

TIMES = 4
# get() reads one row more than one to know that there is one; first() and exists() read one.
SINGLE = {1, 2, 21}
_TABLE = re.compile(r'(?:FROM|INTO|UPDATE) "(\w+)"')


# A page about one thing, and why it may ask for each of its few parts.
FEW = {"admin:portal_cases_page": "a case has one or two charges, and each finds its notice and its receipt"}


@contextmanager
def each_row_again(times: int) -> Iterator[None]:
    """Every list of models read meanwhile has each of its rows `times` times."""
    plain = ModelIterable.__iter__

    def again(self: Any) -> Iterator[Any]:
        single = self.queryset.query.high_mark in SINGLE
        for row in plain(self):
            yield row
            if not single:
                yield from (copy.copy(row) for _ in range(times - 1))

    ModelIterable.__iter__ = again  # type: ignore[method-assign]
    try:
        yield
    finally:
        ModelIterable.__iter__ = plain  # type: ignore[method-assign]


def _asked(client: Client, url: str, times: int) -> tuple[int, list[str]]:
    with CaptureQueriesContext(connection) as queries, each_row_again(times):
        response = client.get(url)
        text_of(response)
    return response.status_code, [query["sql"] for query in queries.captured_queries]


@pytest.fixture
def world(db: None, tmp_path: Path, settings: Any) -> World:
    settings.DATA_DIR = tmp_path
    return build(tmp_path)


@pytest.fixture
def everybody(world: World) -> dict[str, Client]:
    """The citizen of the case, and one of the staff with every role."""
    user = make.make_staff(world.entity, Role.OFFICER)
    with scopes_disabled():
        for role in set(Role) - {Role.OFFICER}:
            user.staff_roles.create(entity=world.entity, role=role)
    user.is_superuser = True
    user.save()
    return {"citizen": citizen_client(world.acting), "staff": browser(user)}


def _growing(client: Client, url: str) -> str:
    """The statements that are asked again for further rows."""
    text_of(client.get(url))  # what is only asked the first time
    status, few = _asked(client, url, 1)
    again, many = _asked(client, url, TIMES)
    if status != 200 or again != 200 or len(many) <= len(few):
        return ""
    tables = Counter(table for sql in many for table in _TABLE.findall(sql)[:1])
    tables.subtract(table for sql in few for table in _TABLE.findall(sql)[:1])
    return ", ".join(f"{table} +{count}" for table, count in tables.items() if count > 0)


def test_the_lists_of_the_admin_ask_the_same_for_more_rows(everybody: dict[str, Client]) -> None:
    names = [name for name in admin_addresses() if name.endswith("_changelist")]
    grown = {name: found for name in names if (found := _growing(everybody["staff"], reverse(name)))}
    assert not grown, "\n".join(f"{name}: {tables}" for name, tables in grown.items())


@pytest.mark.parametrize("who", ["citizen", "staff"])
def test_the_pages_ask_the_same_for_more_rows(world: World, everybody: dict[str, Client], who: str) -> None:
    names = sorted((set(PUBLIC) | OWN | set(ROWS)) - LEAVING - set(FEW))
    grown = {name: found for name in names if (found := _growing(everybody[who], address(name, world)))}
    assert not grown, "\n".join(f"{name}: {tables}" for name, tables in grown.items())


def test_a_page_that_asks_for_each_row_would_be_found(world: World) -> None:
    def for_each_row() -> None:
        for role in world.entity._meta.apps.get_model("portal_entities", "Office").objects.all():
            role.entity.refresh_from_db()

    with scopes_disabled():
        with CaptureQueriesContext(connection) as few, each_row_again(1):
            for_each_row()
        with CaptureQueriesContext(connection) as many, each_row_again(TIMES):
            for_each_row()
    assert len(many) > len(few)
