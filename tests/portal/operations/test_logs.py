"""What the log of an installation tells of an error: where and what kind, never with whose data."""

import logging

import pytest
from celery import Celery
from django.db import DataError, connection

from portal.operations import wiring
from portal.operations.logs import DiscreetFormatter

CODE = "RSSMRA80A01H501U"


@pytest.fixture
def lines(caplog):
    """The lines of what was logged, as production writes them."""
    formatter = DiscreetFormatter("%(levelname)s %(name)s %(message)s")
    return lambda: "\n".join(formatter.format(record) for record in caplog.records)


def _reads(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise LookupError(f"nobody is called {text}") from error


def test_a_traceback_says_the_frames_and_the_classes_without_the_values(lines):
    try:
        _reads(CODE)
    except LookupError:
        logging.getLogger("portal.prova").exception("document %s was not read", 12)
    told = lines()
    assert CODE not in told
    assert "ERROR portal.prova document 12 was not read" in told
    assert told.index("builtins.ValueError") < told.index("builtins.LookupError")
    assert "in _reads" in told


@pytest.mark.django_db
def test_what_the_database_quotes_of_a_row_is_left_out(lines):
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::int", [CODE])
    except DataError:
        logging.getLogger("portal.prova").exception("not stored")
    told = lines()
    assert CODE not in told
    assert "DataError" in told


def test_an_error_hidden_on_purpose_stays_hidden(lines):
    try:
        try:
            int(CODE)
        except ValueError:
            raise LookupError from None
    except LookupError:
        logging.getLogger("portal.prova").exception("not found")
    assert "ValueError" not in lines()


def test_a_task_that_fails_does_not_repeat_what_it_was_working_on(lines, monkeypatch):
    app = Celery("prova", broker="memory://", set_as_current=False)
    app.conf.task_always_eager = True
    work = app.task(name="prova.work")(_reads)
    logger = logging.getLogger("celery.app.trace")
    monkeypatch.setattr(logger, "propagate", True)
    work.delay(CODE)
    told = lines()
    assert CODE not in told
    assert "prova.work" in told
    assert "LookupError" in told


def test_a_line_without_error_is_as_it_was(lines):
    logging.getLogger("portal.prova").warning("%(number)s bodies", {"number": 3})
    assert lines() == "WARNING portal.prova 3 bodies"


def test_production_writes_so_and_a_developer_sees_everything():
    assert wiring.log_lines(production=True)["()"].endswith(DiscreetFormatter.__name__)
    assert wiring.log_lines(production=False)["()"] == "logging.Formatter"
