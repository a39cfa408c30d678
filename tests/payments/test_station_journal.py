"""The journal of the node's calls: written afterwards, many at once, never at the price of an answer."""

import os
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path
from threading import Event as Signal

import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import DataError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from payments import events
from payments.models import NodeCall, QuarantinedMessage
from payments.node import calls
from payments.node.journal import Journal
from payments.services.journal import journal_purge, quarantine_purge
from payments.services.receipts import receipt_quarantine
from payments.tasks import purge_journal, purge_quarantine
from portal import clock
from portal.audit.models import Event
from portal.operations.timetable import schedule
from tests.payments.node_messages import post, verify

PATIENCE = 20.0
NOBODY = 10_000.0


def call(number=1, **values):
    row = {"operation": "prova", "outcome": "OK", "status": 200, "duration_us": number, "body_sha256": "0" * 64}
    return NodeCall(**{"at": clock.now()} | row | values)


class Table:
    """Stands for the table: what was written and in how many statements; it can be away, or refuse a row."""

    def __init__(self):
        self.batches, self.away, self.refused, self.written = [], False, set(), Signal()

    def __call__(self, rows):
        if self.away:
            raise OperationalError("server closed the connection")
        if any(row.duration_us in self.refused for row in rows):
            raise DataError("value too long")
        self.batches.append([row.duration_us for row in rows])
        self.written.set()

    @property
    def rows(self):
        return [number for batch in self.batches for number in batch]


def test_calls_wait_until_there_are_enough_and_then_go_together():
    table = Table()
    journal = Journal(rows=3, seconds=NOBODY, limit=100, write=table)
    for number in (1, 2):
        journal.add(call(number))
    assert (table.batches, len(journal)) == ([], 2)
    journal.add(call(3))
    assert table.written.wait(PATIENCE)
    assert table.batches == [[1, 2, 3]]


def test_a_lonely_call_does_not_wait_for_company():
    table = Table()
    journal = Journal(rows=100, seconds=0.01, limit=100, write=table)
    journal.add(call(7))
    assert table.written.wait(PATIENCE)
    assert table.rows == [7]


def test_with_one_row_at_a_time_each_is_written_before_the_next():
    table = Table()
    journal = Journal(rows=1, seconds=NOBODY, limit=100, write=table)
    journal.add(call(1))
    journal.add(call(2))
    assert table.batches == [[1], [2]]


def test_when_the_database_is_away_calls_wait_in_their_order_and_are_written_when_it_is_back():
    table = Table()
    journal = Journal(rows=2, seconds=NOBODY, limit=100, write=table)
    table.away = True
    assert [journal.flush() for number in range(5) if journal.add(call(number)) is None][-1] is False
    assert len(journal) == 5
    table.away = False
    assert journal.flush()
    assert (table.rows, journal.lost) == ([0, 1, 2, 3, 4], 0)


def test_the_queue_has_a_limit_and_counts_what_it_refuses():
    table = Table()
    table.away = True
    journal = Journal(rows=1, seconds=NOBODY, limit=3, write=table)
    for number in range(10):
        journal.add(call(number))
    assert (len(journal), journal.lost) == (3, 7)
    table.away = False
    journal.flush()
    assert table.rows == [0, 1, 2]


def test_a_row_the_table_refuses_does_not_take_the_others_with_it():
    table = Table()
    table.refused = {2}
    journal = Journal(rows=10, seconds=NOBODY, limit=100, write=table)
    for number in (1, 2, 3):
        journal.add(call(number))
    assert journal.flush()
    assert (table.rows, journal.lost, len(journal)) == ([1, 3], 1, 0)


def test_a_child_by_fork_does_not_write_what_its_parent_had():
    table = Table()
    journal = Journal(rows=10, seconds=NOBODY, limit=100, write=table)
    journal.add(call(1))
    child = os.fork()
    if child == 0:
        os._exit(0 if len(journal) == 0 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert len(journal) == 1


@pytest.mark.django_db(transaction=True)
def test_a_batch_is_one_statement_on_the_true_table():
    journal = Journal(rows=100, seconds=NOBODY, limit=1000)
    for number in range(100):
        journal.add(call(number))
    with CaptureQueriesContext(connection) as queries:
        journal.flush()
    written = [query["sql"] for query in queries if "payments_nodecall" in query["sql"]]
    assert len(written) <= 1  # its own thread may have been quicker
    assert NodeCall.objects.count() == 100


@pytest.mark.django_db(transaction=True)
def test_a_process_that_ends_writes_what_it_had_and_the_calls_of_a_server_are_all_there():
    """A server of its own, over the test's database: it takes calls, and is told to stop."""
    program = textwrap.dedent("""
        import django
        django.setup()
        from django.db import connection
        from payments.models import NodeCall
        from payments.node.journal import journal
        from portal import clock
        assert journal.rows == 500
        for number in range(1203):
            journal.add(NodeCall(at=clock.now(), operation="prova", outcome="OK", status=200, duration_us=number,
                                 body_sha256="0" * 64))
        raise SystemExit(0)
    """)
    at = connection.get_connection_params()
    url = f"postgresql://{at['user']}@/{at['dbname']}?host={at['host']}&port={at['port']}"
    environment = os.environ | {"DATABASE_URL": url, "ENVIRONMENT": "demo", "DJANGO_SETTINGS_MODULE": "portal.settings"}
    folder = Path(django_settings.BASE_DIR)
    subprocess.run([sys.executable, "-c", program], env=environment, cwd=folder, check=True, timeout=120)
    assert NodeCall.objects.count() == 1203


def test_the_answer_leaves_before_its_row_is_added(notice, monkeypatch):
    table = Table()
    journal = Journal(rows=10, seconds=NOBODY, limit=100, write=table)
    monkeypatch.setattr(calls, "journal", journal)
    assert post(verify(notice.nav)).outcome == "OK"
    assert (len(journal), table.batches) == (1, [])
    assert not NodeCall.objects.exists()


def test_a_full_journal_stops_no_answer(notice, monkeypatch):
    table = Table()
    table.away = True
    journal = Journal(rows=1, seconds=NOBODY, limit=1, write=table)
    monkeypatch.setattr(calls, "journal", journal)
    assert {post(verify(notice.nav)).outcome for _ in range(3)} == {"OK"}
    assert (len(journal), journal.lost) == (1, 2)


def test_a_refused_call_is_of_the_body_it_named(notice):
    post(verify("301000000000999999"))
    assert NodeCall.objects.get().entity_id == notice.entity_id


def test_what_is_older_than_the_term_goes_and_the_rest_stays(db):
    old, young = clock.now() - timedelta(days=31), clock.now() - timedelta(days=29)
    NodeCall.objects.bulk_create([call(at=old) for _ in range(7)] + [call(at=young) for _ in range(2)])
    assert journal_purge(days=30, batch=3) == 7
    assert NodeCall.objects.count() == 2
    assert Event.objects.get(action="payments.journal_purged").data["rows"] == 7
    assert journal_purge(days=30) == 0
    assert Event.objects.filter(action="payments.journal_purged").count() == 1


def test_the_term_is_a_setting_and_beat_knows_the_purge(db, settings):
    settings.PAGOPA_JOURNAL_DAYS = 10
    NodeCall.objects.bulk_create([call(at=clock.now() - timedelta(days=days)) for days in (9, 11)])
    purge_journal()
    assert NodeCall.objects.count() == 1
    assert schedule(production=True)["purge-journal"]["task"] == "payments.tasks.purge_journal"


def messages(*ages):
    """Messages kept in quarantine so many days ago."""
    for days in ages:
        with time_machine.travel(clock.now() - timedelta(days=days), tick=False):
            receipt_quarantine(raw=f"paSendRT {days}".encode(), reason=QuarantinedMessage.Reason.MALFORMED)


def test_messages_in_quarantine_go_when_their_term_is_over_and_each_batch_says_so(db):
    messages(31, 32, 33, 29, 1)
    assert quarantine_purge(days=30, batch=2) == 3
    assert QuarantinedMessage.objects.count() == 2
    said = Event.objects.filter(action="payments.quarantine_purged").order_by("pk")
    assert [event.data["rows"] for event in said] == [2, 1]
    assert quarantine_purge(days=30) == 0
    assert said.count() == 2


def test_a_purge_that_breaks_takes_nothing_away_and_nobody_else_may_delete(db, monkeypatch):
    messages(31)

    def broken(*args, **kwargs):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(events, "quarantine_purged", broken)
        with pytest.raises(RuntimeError):
            quarantine_purge(days=30)
    assert QuarantinedMessage.objects.count() == 1
    messages(1)
    assert quarantine_purge(days=30) == 1
    with pytest.raises(Exception, match="evidence"), transaction.atomic():
        QuarantinedMessage.objects.all().delete()
    assert QuarantinedMessage.objects.count() == 1


def test_the_term_of_the_quarantine_is_a_setting_and_beat_knows_its_purge(db, settings):
    settings.PAGOPA_QUARANTINE_DAYS = 10
    messages(9, 11)
    purge_quarantine()
    assert QuarantinedMessage.objects.count() == 1
    assert schedule(production=True)["purge-quarantine"]["task"] == "payments.tasks.purge_quarantine"
