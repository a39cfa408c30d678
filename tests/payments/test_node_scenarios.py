"""The scenarios of the node, played against this portal over real HTTP; and that they can fail."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from payments.models import Broker
from payments.sandbox.scenarios import SCENARIOS, play

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("every_entity", "wired")]


@pytest.fixture
def wired(settings, tmp_path, live_server, pisa, firenze):
    """The node calls the station of this test."""
    settings.DATA_DIR = tmp_path
    settings.PORTAL_BASE_URL = live_server.url


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_portal_answers_as_it_must(name):
    outcomes = play(name)
    assert outcomes
    assert [(row.step, row.expected) for row in outcomes] == [(row.step, row.found) for row in outcomes]


def test_a_difference_is_shown_and_fails_the_command():
    Broker.objects.update(fiscal_code="99999999990")
    out = StringIO()
    with pytest.raises(CommandError, match="non risponde come deve"):
        call_command("node_scenario", "wrong-address", stdout=out)
    assert "DIFF wrong-address" in out.getvalue()


def test_one_scenario_prints_what_was_expected_and_what_was_found():
    out = StringIO()
    call_command("node_scenario", "probe", stdout=out)
    assert "atteso  status=200 · outcome=KO · fault=PAA_PAGAMENTO_SCONOSCIUTO" in out.getvalue()
    assert "1 scenari, 1 passi, 0 diversi" in out.getvalue()


def test_an_unknown_name_a_portal_that_is_off_and_production_are_told_apart(settings):
    with pytest.raises(CommandError, match="Scenario sconosciuto"):
        call_command("node_scenario", "nessuno")
    settings.PORTAL_BASE_URL = "http://127.0.0.1:9"
    with pytest.raises(CommandError, match="non risponde all'indirizzo"):
        call_command("node_scenario", "all")
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="in produzione"):
        call_command("node_scenario", "all")
