"""Speed of the platform's pages, beside the barest page Django can make. Nothing is kept: all is rolled back."""

import statistics
import time
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.test import Client, override_settings
from django.urls import path

from portal import clock
from portal.accounts.models import User
from portal.people.identity import VerifiedIdentity
from portal.people.services import person_from_identity

BARE_PAGE = Engine().from_string(
    "<!doctype html><title>x</title><ul>{% for u in users %}<li>{{ u.pk }}{% endfor %}</ul>"
)


def bare_page(request: HttpRequest) -> HttpResponse:
    """One query, one template, no middleware: what nobody can go below."""
    return HttpResponse(BARE_PAGE.render(Context({"users": User.objects.order_by("pk")[:20]})))


urlpatterns = [path("", bare_page)]


def median_ms(call: Callable[[], Any], *, runs: int = 40, warm: int = 5) -> float:
    """Median CPU milliseconds of a call, after some runs that do not count."""
    spent = []
    for run in range(warm + runs):
        start = time.process_time()
        call()
        if run >= warm:
            spent.append((time.process_time() - start) * 1000)
    return statistics.median(spent)


def row(bench: str, *, value: float, unit: str, baseline: float) -> dict[str, Any]:
    """A line of results. `ratio` is value over baseline."""
    ratio = value / baseline if baseline else 0.0
    return {
        "bench": bench,
        "value": round(value, 3),
        "unit": unit,
        "baseline": round(baseline, 3),
        "ratio": round(ratio, 2),
    }


def dashboard() -> list[dict[str, Any]]:
    """The personal area of a citizen, beside the bare page."""
    with transaction.atomic():
        person = person_from_identity(
            identity=VerifiedIdentity(
                scheme="bench", subject_key="bench", level=2, fiscal_code="BNCBNC80A01Y999X", spid_code="",
                first_name="Prova", last_name="Velocità", birth_date=None, email=None, idp="bench",
                authenticated_at=clock.now(),
            )
        )  # fmt: skip
        client = Client()
        client.force_login(person.user)
        page = median_ms(lambda: _good(client.get("/area/")))
        with override_settings(ROOT_URLCONF="portal.operations.bench", MIDDLEWARE=[]):
            bare = median_ms(lambda: _good(Client().get("/")))
        transaction.set_rollback(True)
    return [row("dashboard", value=page, unit="ms CPU", baseline=bare)]


def _good(response: Any) -> None:
    if response.status_code != 200:
        raise RuntimeError(f"the measured page answered {response.status_code}")
