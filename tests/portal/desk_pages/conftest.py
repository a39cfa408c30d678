"""A real browser on the office's pages. Whatever the browser complains about fails the test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from portal.accounts.models import User
from portal.entities.models import Entity
from tests.factories import platform as make


@pytest.fixture
def browse(chromium: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """`browse(user=None, width=1280, javascript=True)` opens a page as somebody. Complaints are collected."""
    contexts, complaints = [], []

    def opened(user: User | None = None, *, width: int = 1280, javascript: bool = True) -> Any:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            locale="it-IT",
            reduced_motion="reduce",
        )
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda message: message.type in {"error", "warning"} and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    # A refused form answers 422 on purpose, a locked door 429, and the browser notes it.
    expected = ("status of 422", "status of 429")
    assert [text for text in complaints if not any(status in text for status in expected)] == []


@pytest.fixture
def pisa(transactional_db: None) -> Entity:
    make.confirm_terms()
    return make.make_entity("PI", name="Provincia di Pisa")
