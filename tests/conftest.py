"""A strict bench: what a page or a query does wrong in silence fails here."""

import gc
import inspect
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.template.base import Node
from django.test import TransactionTestCase
from django_scopes import scopes_disabled

from portal.celery import PortalCelery
from tests import emptying

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
OUR_TEMPLATES = str(Path(settings.BASE_DIR) / "templates")


class UndefinedVariable(str):
    """Stands for a variable no context has: fails the test when the template is ours."""

    __slots__ = ()

    def __contains__(self, item: object) -> bool:
        return item == "%s"

    def __mod__(self, variable: Any) -> str:
        frame = inspect.currentframe()
        while frame is not None:
            node = frame.f_locals.get("self")
            if isinstance(node, Node) and getattr(node, "origin", None) is not None:
                if str(node.origin.name).startswith(OUR_TEMPLATES):
                    raise AssertionError(f"{node.origin.name}: the variable {variable} is undefined")
                return ""
            frame = frame.f_back
        return ""


def pytest_configure() -> None:
    settings.TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = UndefinedVariable("undefined")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Two runs on one machine do not meet.
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = f"test_portale_{os.getpid()}"
    TransactionTestCase._fixture_teardown = emptying.empty  # type: ignore[method-assign,assignment]


def pytest_collection_finish() -> None:
    """Half a million objects are there for good: looking through them again and again was a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A thread that a test left behind may still hold a connection: the database could not be dropped."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def _private_files(settings: Any, tmp_path: Path) -> None:
    """Uploads and documents of a test stay in its own folder."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "media"), "base_url": None},
        },
    }


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The one browser of a test process: its driver runs a loop in this thread, and two do not live together."""
    path = next((found for found in map(shutil.which, BROWSERS) if found), None)
    if path is None:
        reason = "Chromium is not installed: what needs a browser did NOT run"
        sys.stderr.write(f"\n{reason}\n")
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    # Django would take the driver's loop for asynchronous code; the tests' own queries are safe all the same.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


@pytest.fixture
def every_entity() -> Iterator[None]:
    """For the parts of a test that prepare data of several bodies."""
    with scopes_disabled():
        yield


@pytest.fixture
def dead_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The carrier of the outbox is asked for at an address where no Redis answers."""

    def nobody_runs_this() -> None:
        """Never reached."""

    lonely = PortalCelery("lonely", broker="redis://127.0.0.1:1/0", set_as_current=False)
    lonely.conf.broker_url = "redis://127.0.0.1:1/0"
    lonely.conf.task_publish_retry = False
    monkeypatch.setattr("portal.outbox.tasks.carry", lonely.task(nobody_runs_this))


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    """`with on_commit(): ...` runs what the block left for after the commit."""
    return lambda: django_capture_on_commit_callbacks(execute=True)
