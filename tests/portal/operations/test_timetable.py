"""What beat wakes up."""

import pytest
from celery import current_app
from celery.schedules import crontab

from portal.operations import timetable


@pytest.mark.parametrize("production", [True, False])
def test_what_is_due_again_is_not_done_twice_and_what_is_due_once_a_day_is_done_late(production):
    for name, entry in timetable.schedule(production=production).items():
        if isinstance(entry["schedule"], crontab):
            assert "options" not in entry, name
        else:
            assert entry["options"]["expires"] == entry["schedule"], name


def test_every_task_of_the_timetable_exists():
    current_app.loader.import_default_modules()
    due = {entry["task"] for entry in timetable.schedule(production=True).values()}
    assert due <= set(current_app.tasks)
