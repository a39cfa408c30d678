"""What beat wakes up: every body in its own task and scope, the trouble of one apart from the others."""

import pytest
from django_scopes import scope, scopes_disabled

from payments.reconciliation import tasks
from payments.reconciliation.gateways import journal_drop
from payments.reconciliation.models import PullCursor, TreasuryMovement
from tests.payments.reconciliation.builders import credit, journal


@pytest.mark.parametrize("name", ["pull_flows", "pull_journals", "reconcile", "ask_receipts"])
def test_every_body_has_a_task_of_its_own_so_that_none_waits_for_another(two_bodies, monkeypatch, name):
    task, sent = getattr(tasks, name), []
    monkeypatch.setattr(task, "delay", sent.append)
    task()
    assert sent == [entity.pk for entity in two_bodies]
    with scopes_disabled():
        assert not PullCursor.objects.exists()


def test_each_body_takes_its_own_journals(two_bodies):
    for entity in two_bodies:
        (journal_drop.incoming(entity.code) / "a.xml").write_bytes(journal(entity, [credit(entity.pk)]))
    for entity in two_bodies:
        tasks.pull_journals(entity.pk)
    for entity in two_bodies:
        with scope(entity=entity):
            assert TreasuryMovement.objects.filter(remittance_kind="flow").get().cents == entity.pk


def test_a_silent_node_is_noted_for_each_body_and_matching_goes_on(two_bodies, settings):
    settings.FDR_BASE_URL = "http://127.0.0.1:9/fdr"
    for entity in two_bodies:
        tasks.pull_flows(entity.pk)
    with scopes_disabled():
        cursors = PullCursor.objects.filter(entity__in=two_bodies)
        assert cursors.filter(source="flows").exclude(error="").count() == 2
        assert cursors.filter(source="matching", succeeded_at__isnull=False).count() == 2


def test_a_node_without_address_stops_nobody(two_bodies, settings):
    settings.FDR_BASE_URL = settings.SANDBOX_BASE_URL = ""
    for entity in two_bodies:
        tasks.pull_flows(entity.pk)
    with scopes_disabled():
        assert PullCursor.objects.filter(entity__in=two_bodies, source="matching").count() == 2
