"""What the accountants read of fines that nobody paid: the amount of the day, not the printed one."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django_scopes import scope, scopes_disabled

from payments.fines.domain.stages import ServedHow
from payments.fines.models import Fine
from payments.fines.services.serving import fine_serve
from payments.models import Position
from payments.selectors_dashboard import Period, dashboard, overdue_positions
from tests.payments.fines.conftest import DESK

pytestmark = pytest.mark.django_db
SERVED = date(2026, 3, 20)


@pytest.fixture
def served(fined: Callable[..., Fine]) -> Any:
    with time_machine.travel("2026-03-20T12:00:00+01:00", tick=False):
        fine = fined()
        with scope(entity=fine.entity):
            yield fine_serve(fine_id=fine.pk, served_on=SERVED, how=ServedHow.MAIL, actor=DESK)


def late(day: int) -> list[int]:
    """The cents of the fines that are late so many days after the service."""
    with scopes_disabled():
        rows = overdue_positions(Position.objects.all(), on=SERVED + timedelta(days=day))
        return [row.late_cents for row in rows]  # type: ignore[attr-defined]


def test_a_fine_is_late_from_the_sixty_first_day_and_is_worth_more(served: Fine):
    assert [late(day) for day in (5, 6, 60)] == [[], [], []]
    assert [late(day) for day in (61, 300)] == [[10300], [10300]]


def test_the_figures_of_the_dashboard_are_those_of_the_day(served: Fine):
    with scopes_disabled():
        found = dashboard(
            entity_ids=[served.entity_id],
            period=Period(date(2026, 1, 1), date(2026, 12, 31)),
            today=SERVED + timedelta(days=61),
        )
    assert (found.total.overdue.number, found.total.overdue.cents) == (1, 10300)
