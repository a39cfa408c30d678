"""What beat wakes up: every body in its own scope, the trouble of one apart from the others."""

from django_scopes import scope, scopes_disabled

from payments.reconciliation import tasks
from payments.reconciliation.gateways import journal_drop
from payments.reconciliation.models import PullCursor, TreasuryMovement
from tests.payments.reconciliation.builders import credit, journal


def test_each_body_takes_its_own_journals(two_bodies):
    for entity in two_bodies:
        (journal_drop.incoming(entity.code) / "a.xml").write_bytes(journal(entity, [credit(entity.pk)]))
    tasks.pull_journals()
    for entity in two_bodies:
        with scope(entity=entity):
            assert TreasuryMovement.objects.filter(remittance_kind="flow").get().cents == entity.pk


def test_a_silent_node_is_noted_for_each_body_and_matching_goes_on(two_bodies, settings):
    settings.FDR_BASE_URL = "http://127.0.0.1:9/fdr"
    tasks.pull_flows()
    with scopes_disabled():
        cursors = PullCursor.objects.filter(entity__in=two_bodies)
        assert cursors.filter(source="flows").exclude(error="").count() == 2
        assert cursors.filter(source="matching", succeeded_at__isnull=False).count() == 2


def test_a_node_without_address_stops_nobody(two_bodies, settings):
    settings.FDR_BASE_URL = settings.SANDBOX_BASE_URL = ""
    tasks.pull_flows()
    with scopes_disabled():
        assert PullCursor.objects.filter(entity__in=two_bodies, source="matching").count() == 2
