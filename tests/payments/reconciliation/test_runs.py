"""A run whatever the order, the size and the end of its process: same verdicts, same statements, nothing half."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from payments.reconciliation.domain.outcomes import Code
from payments.reconciliation.models import LedgerEntry, Match, ReconciliationRun, Verdict
from payments.reconciliation.selectors.dossier import dossier
from portal.audit.models import Event
from portal.entities.models import Entity
from tests.payments.reconciliation.books import Books
from tests.payments.reconciliation.builders import DAY, IUF, REMITTANCE, credit, line, receipt

OTHER_IUF = "2026-11-12BPPIITRRXXX-999"
PAID = datetime(2026, 11, 11, 10, tzinfo=UTC)
NUMBERS = [f"010000000000000{number:02d}" for number in range(6)]


def _storno(root):
    movement = root.find("informazioni_conto_evidenza/movimento_conto_evidenza")
    movement.find("tipo_operazione").text = "STORNATO"
    movement.find("numero_movimento").text = "99"


def documents(books: Books) -> list:
    """Evidence that changes what other evidence means, each piece to be taken in at any moment."""
    entity = books.entity
    other = {"sender": {"pspId": "ALTRO", "pspName": "Altro PSP"}, "regulation": "TRN-ALTRO-001"}

    def day(number, credits_, change=None):
        books.ledger = {"closing": 0, "journal": number, "number": number * 10}
        return books.journal(credits_, change=change, day=DAY + timedelta(number))

    def storno():
        books.ledger = {"closing": 0, "journal": 9, "number": 10}
        books.journal([credit(4000)], change=_storno, day=DAY + timedelta(5))

    return [
        lambda: receipt(entity, NUMBERS[0], "RT-0", 1000, paid_at=PAID),
        lambda: receipt(entity, NUMBERS[0], "RT-0-BIS", 1000, paid_at=PAID),
        lambda: receipt(entity, NUMBERS[1], "RT-1", 3000, paid_at=PAID),
        lambda: books.flow([line(NUMBERS[0], "RT-0", 1000), line(NUMBERS[1], "RT-1", 2000, seq=2)]),
        lambda: books.flow([line(NUMBERS[0], "RT-0", 1000), line(NUMBERS[1], "RT-1", 3000, seq=2)], revision=2),
        lambda: books.flow([line(NUMBERS[2], "RT-2", 500)], fdr=OTHER_IUF, regulation="TRN-TERZO-01"),
        lambda: books.flow([line(NUMBERS[3], "RT-3", 500)], fdr=OTHER_IUF, **other),
        lambda: day(1, [credit(4000)]),
        lambda: day(2, [credit(4000, f"/PUR/LGPE-RIVERSAMENTO/URI/{IUF[:18]}"), credit(500, REMITTANCE + OTHER_IUF)]),
        storno,
        lambda: day(3, [credit(900, "STORNO DI PROVA")], change=_storno),
        lambda: books.flow(
            [line(NUMBERS[0], "RT-0-TER", 1000), line(NUMBERS[2], "RT-2", 500, seq=2)],
            fdr="FLUSSO-0001", regulation="TRN-QUARTO-1",
        ),
        lambda: books.flow(
            [line(NUMBERS[0], "RT-0", 300, status="REVOKED")], fdr="FLUSSO-0001", regulation="TRN-QUINTO-1",
            regulationDate="2025-11-12", fdrDate="2025-11-13T01:00:00Z", published="2025-11-13T02:00:00Z",
        ),
    ]  # fmt: skip


def _digest(entity: Entity, order: Sequence[int], pauses: Sequence[bool]) -> str:
    """The fingerprint after the evidence came in this order, with runs in between; then as if nothing had come."""
    with transaction.atomic():
        books = Books(entity, None)
        pieces = documents(books)
        for index, pause in zip(order, pauses, strict=True):
            pieces[index]()
            if pause:
                books.run()
        digest = books.run().hash
        assert books.run(full=True).hash == digest
        transaction.set_rollback(True)
    return digest


@given(order=st.permutations(range(13)), pauses=st.lists(st.booleans(), min_size=13, max_size=13))
@settings(max_examples=6, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_the_order_of_arrival_and_the_runs_in_between_change_nothing(pisa, order, pauses):
    assert _digest(pisa, order, pauses) == _digest(pisa, range(13), [False] * 13)


def _statements(books: Books, many: int) -> int:
    lines = [
        line(f"0{many % 10}{number:015d}", f"RT-{many}-{number}", 1000, seq=number) for number in range(1, many + 1)
    ]
    for item in lines:
        receipt(books.entity, item["iuv"], item["iur"], 1000)
    iuf = f"2026-11-12BPPIITRRXXX-{many}"
    books.flow(lines, fdr=iuf, regulation=f"TRN-PROVA-{many}")
    books.journal(
        [credit(1000 * many, REMITTANCE + iuf)] + [credit(7, f"TASSA {n}", f"B{n:010d}") for n in range(many)]
    )
    with CaptureQueriesContext(connection) as queries:
        assert books.run(full=True).counts["iuv_and_iur"] == many
    return len(queries)


def test_a_run_asks_the_database_the_same_for_few_rows_and_for_many(kept):
    assert _statements(kept, 2) == _statements(kept, 60) < 60


def test_a_second_run_finds_nothing_to_do_and_the_same_fingerprint(kept):
    receipt(kept.entity, NUMBERS[0], "RT-0", 1000)
    kept.flow([line(NUMBERS[0], "RT-0", 1000)])
    first = kept.run()
    second, full = kept.run(), kept.run(full=True)
    assert (first.full, second.full, full.full) == (True, False, True)
    assert first.hash == second.hash == full.hash
    assert (second.run_id, full.run_id, ReconciliationRun.objects.count()) == (None, None, 1)


def test_a_run_says_what_it_did_and_by_which_rules(kept):
    receipt(kept.entity, NUMBERS[0], "RT-0", 1000)
    kept.flow([line(NUMBERS[0], "RT-0", 1000)])
    run = kept.run()
    row = ReconciliationRun.objects.get()
    assert (row.pk, row.full, row.hash) == (run.run_id, True, run.hash)
    assert row.counts["matches"] == {"iuv_and_iur": 1}
    assert row.counts["opened"]["reported"] == 2
    assert Event.objects.get(action="reconciliation.run_finished").data["hash"] == run.hash


def test_late_evidence_closes_what_was_said_and_the_page_tells_the_story(kept):
    row = receipt(kept.entity, NUMBERS[0], "RT-0", 1000)
    kept.run()
    kept.flow([line(NUMBERS[0], "RT-0", 1000)])
    kept.run()
    kept.journal([credit(1000)])
    kept.run()
    found = dossier(entity_ids=[kept.entity.pk], receipt_id=row.pk)
    money = [past.row.code for past in found.past if past.row.code is not Code.NO_POSITION]
    assert money[:1] == [Code.RECEIPT_WITHOUT_FLOW]
    assert {Code.REPORTED, Code.FLOW_WITHOUT_TREASURY} <= set(money)
    assert Code.RECONCILED in {current.code for current in found.verdicts}
    assert all(past.opened_at <= past.closed_at for past in found.past)


def test_an_incremental_run_judges_only_what_is_touched(kept):
    for number in range(3):
        receipt(kept.entity, NUMBERS[number], f"RT-{number}", 1000)
    kept.flow([line(NUMBERS[0], "RT-0", 1000)])
    kept.run()
    kept.flow([line(NUMBERS[1], "RT-1", 1000)], fdr=OTHER_IUF, regulation="TRN-ALTRO-001")
    run = kept.run()
    assert not run.full
    assert run.opened == {"flow_without_treasury": 1, "no_position": 1, "reported": 2}
    assert run.closed == {"no_position": 1, "receipt_without_flow": 1}


def test_the_first_run_of_a_day_looks_at_everything(kept):
    kept.run()
    assert not kept.run().full
    kept.on(DAY + timedelta(30))
    assert kept.run().full


def test_the_command_reconciles_one_body_or_all(kept, capsys):
    receipt(kept.entity, NUMBERS[0], "RT-0", 1000)
    call_command("reconcile", "--entity", "PI", "--full")
    said = capsys.readouterr().out
    assert said.startswith("PI full · matches: none")
    with pytest.raises(CommandError):
        call_command("reconcile", "--entity", "ZZ")


def test_an_entry_of_the_books_names_the_run_it_follows_from(kept, capsys):
    receipt(kept.entity, NUMBERS[0], "RT-0", 1000)
    call_command("reconcile", "--entity", "PI")
    assert set(LedgerEntry.objects.values_list("run_id", flat=True)) == {ReconciliationRun.objects.get().pk}


DOOMED = """
import os, signal, django
django.setup()
from django_scopes import scope
from payments.reconciliation.services import matching
from portal.audit.actor import Actor
from portal.entities.models import Entity
matching.events.run_finished = lambda **kwargs: os.kill(os.getpid(), signal.SIGKILL)
entity = Entity.objects.get(code="PI")
with scope(entity=entity):
    matching.reconcile(entity=entity, actor=Actor.system("prova"))
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_run_killed_at_its_end_leaves_nothing_half(kept):
    receipt(kept.entity, NUMBERS[0], "RT-0", 1000)
    kept.flow([line(NUMBERS[0], "RT-0", 1000)])
    parameters = connection.get_connection_params()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": f"postgresql://{parameters['user']}@/{parameters['dbname']}?host={parameters['host']}",
    }
    ended = subprocess.run(
        [sys.executable, "-c", DOOMED], cwd=configured.BASE_DIR, env=environment, check=False, timeout=120
    )
    assert ended.returncode == -signal.SIGKILL
    assert not Match.objects.exists() | Verdict.objects.exists() | ReconciliationRun.objects.exists()
    run = kept.run()
    assert run.counts == {"iuv_and_iur": 1}
    assert run.hash == kept.run(full=True).hash
