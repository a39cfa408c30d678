"""Positions at PagoPA's archive, over the wire: published, changed, suspended, taken back, and what goes wrong."""

import socket
import threading
from collections.abc import Iterator
from datetime import date

import pytest
import requests
from django_scopes import scope

from payments.domain.states import State
from payments.gateways.gpd import GpdClient
from payments.gateways.http import Refused
from payments.models import Position, ProviderExport
from payments.providers import gpd_v1, gpd_v3, services
from payments.providers.snapshot import iupd_of, snapshot
from payments.sandbox import gpd
from payments.sandbox.platform import fail_next
from portal import clock
from portal.audit.actor import Actor
from portal.billing.socket import PlannedInstalment
from portal.kernel.errors import DomainError, GatewayError
from portal.outbox.models import OutboxMessage
from portal.outbox.services import carry_due
from tests.payments.provider_sandbox import again, change, gpd_version, promise, published, sandbox, use

__all__ = ["gpd_version", "published", "sandbox"]
S = ProviderExport.State


def deliver(export: ProviderExport) -> ProviderExport:
    with scope(entity=export.entity):
        services.deliver(export_id=export.pk)
    return again(export)


def held(export: ProviderExport) -> dict:
    with scope(entity=export.entity):
        position = export.position
        return gpd.position_of(export.entity.fiscal_code, iupd_of(position))


def test_a_new_position_is_published(published, gpd_version):
    export = deliver(published())
    assert (export.state, export.attempts, export.last_error) == (S.PUBLISHED, 1, "")
    found = held(export)
    assert found["status"] == "VALID"
    assert [part["amount"] for part in found["parts"]] == [4800]


def test_the_outbox_carries_the_promise(published):
    export = published()
    carry_due()
    assert again(export).state == S.PUBLISHED
    assert set(OutboxMessage.objects.filter(handler="payments.provider").values_list("state", flat=True)) == {"done"}


def test_a_lost_answer_does_no_harm(published, gpd_version):
    export = published()
    deliver(export)
    assert deliver(export).state == S.PUBLISHED
    assert len(gpd.positions()) == 1


def test_our_own_station_publishes_nothing(pisa, charged, sandbox):
    position = charged(pisa).option.position
    with scope(entity=pisa):
        services.enqueue(position)
        assert not ProviderExport.objects.exists()


def test_a_change_is_told(published, gpd_version):
    export = published()
    deliver(export)
    change(export, debtor_name="Maria Bianchi")
    assert again(export).state == S.WAITING
    deliver(export)
    assert held(export)["debtor"]["fullName"] == "Maria Bianchi"


def test_a_suspended_position_cannot_be_paid_there_until_it_is_resumed(published, gpd_version):
    export = published()
    deliver(export)
    change(export, suspended_at=clock.now(), suspension="ricorso al prefetto")
    assert deliver(export).state == S.HELD
    assert held(export)["status"] == "DRAFT"
    change(export, suspended_at=None, suspension="")
    assert deliver(export).state == S.PUBLISHED
    assert held(export)["status"] == "VALID"


@pytest.mark.parametrize(("version", "left"), [("v1", ["INVALID"]), ("v3", [])])
def test_a_cancelled_position_is_taken_back(published, settings, version, left):
    settings.PAGOPA_GPD_VERSION = version
    export = published()
    deliver(export)
    change(export, state=State.CANCELLED, cancelled_at=clock.now())
    assert deliver(export).state == S.WITHDRAWN
    assert [row["status"] for row in gpd.positions()] == left
    assert deliver(export).state == S.WITHDRAWN


def test_a_suspended_position_can_be_cancelled(published, gpd_version):
    export = published()
    change(export, suspended_at=clock.now(), suspension="ricorso")
    body = {"v1": gpd_v1.body, "v3": gpd_v3.body}[gpd_version]
    with scope(entity=export.entity), GpdClient(broker=export.entity.fiscal_code) as client:
        client.create(export.entity.fiscal_code, body(snapshot(export.position_id, on=clock.today())))
    assert deliver(export).state == S.HELD
    change(export, state=State.CANCELLED, cancelled_at=clock.now(), suspended_at=None, suspension="")
    assert deliver(export).state == S.WITHDRAWN
    assert gpd.positions() == []


def test_what_never_arrived_needs_no_taking_back(published, gpd_version):
    export = published()
    change(export, state=State.CANCELLED, cancelled_at=clock.now())
    assert deliver(export).state == S.WITHDRAWN


def test_taking_back_what_somebody_paid_is_told_to_the_office(published, gpd_version):
    export = published()
    deliver(export)
    gpd.pay(export.entity.fiscal_code, held(export)["parts"][0]["nav"])
    change(export, state=State.CANCELLED, cancelled_at=clock.now())
    with pytest.raises(GatewayError) as refused:
        deliver(export)
    assert refused.value.permanent
    assert again(export).state == S.FAILED
    assert "was paid" in again(export).last_error


def test_writing_over_what_somebody_paid_changes_nothing(published, gpd_version):
    export = published()
    deliver(export)
    gpd.pay(export.entity.fiscal_code, held(export)["parts"][0]["nav"])
    assert deliver(export).state == S.PUBLISHED
    assert held(export)["status"] == "PAID"


def test_a_number_that_belongs_to_another_position_is_a_conflict_for_the_office(published, gpd_version):
    export = published()
    deliver(export)
    found = held(export)
    gpd.delete(export.entity.fiscal_code, found["iupd"])
    gpd.create(export.entity.fiscal_code, found["body"] | {"iupd": "altra-posizione"}, publish=True)
    with pytest.raises(GatewayError) as refused:
        deliver(export)
    assert refused.value.permanent
    assert "another position" in again(export).last_error


@pytest.mark.parametrize("status", [500, 503, 429, 401, 403, 408])
def test_a_failure_that_passes_is_tried_again(published, status):
    export = published()
    fail_next("gpd", status=status)
    with pytest.raises(GatewayError) as refused:
        deliver(export)
    assert not refused.value.permanent
    export = again(export)
    assert (export.state, export.attempts, export.busy_until) == (S.WAITING, 1, None)
    assert f"HTTP {status}" in export.last_error
    assert deliver(export).state == S.PUBLISHED


def test_a_refusal_is_told_to_the_office_with_its_reason(published):
    export = published()
    fail_next("gpd", status=400)
    carry_due()
    export = again(export)
    assert export.state == S.FAILED
    assert export.last_error == "GPD: HTTP 400 · ON PURPOSE · The sandbox was asked to fail."
    message = OutboxMessage.objects.get(handler="payments.provider")
    assert message.state == "failed"
    assert "ON PURPOSE" not in message.last_error


def test_the_office_asks_to_try_again(published):
    export, rita = published(), Actor(label="Rita Bruni")
    fail_next("gpd", status=400)
    carry_due()
    with scope(entity=export.entity):
        services.export_retry(export_id=export.pk, actor=rita)
    carry_due()
    assert again(export).state == S.PUBLISHED
    with scope(entity=export.entity), pytest.raises(DomainError):
        services.export_retry(export_id=export.pk, actor=rita)


@pytest.mark.parametrize("text", ["<html>", "[]", "{}", '{"iupd": "un altra"}', "null"])
def test_an_answer_that_nobody_described_is_asked_again(published, text):
    export = published()
    fail_next("gpd", status=201, text=text)
    with pytest.raises(GatewayError) as refused:
        deliver(export)
    assert not refused.value.permanent
    assert deliver(export).state == S.PUBLISHED


def test_the_wrong_key_is_refused(published, settings, monkeypatch):
    export = published()
    monkeypatch.setenv(f"PAGOPA_GPD_KEY_{export.entity.fiscal_code}", "sbagliata")
    with pytest.raises(Refused) as refused:
        deliver(export)
    assert refused.value.status == 401
    assert not refused.value.permanent


def test_two_workers_do_not_speak_for_one_position(published):
    export = published()
    with scope(entity=export.entity):
        ProviderExport.objects.update(busy_until=clock.now() + services.BUSY)
    with pytest.raises(GatewayError) as refused:
        deliver(export)
    assert not refused.value.permanent
    assert gpd.positions() == []


def test_what_is_asked_meanwhile_is_not_taken_for_told(published, monkeypatch):
    export = published()
    sent = services._sent

    def slow(row):
        reached = sent(row)
        change(export, debtor_name="Maria Bianchi")
        return reached

    monkeypatch.setattr(services, "_sent", slow)
    assert deliver(export).state == S.WAITING
    monkeypatch.undo()


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes the call and says nothing."""
    listener = socket.create_server(("127.0.0.1", 0))
    taken = []
    thread = threading.Thread(target=lambda: taken.append(listener.accept()), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    for connection, _ in taken:
        connection.close()
    listener.close()


def test_a_service_that_does_not_answer_is_left_in_time(settings, silent):
    settings.PAGOPA_PLATFORM_URL = silent
    with GpdClient(broker="80000410508", timeout=(0.2, 0.2)) as client, pytest.raises(GatewayError) as refused:
        client.delete("80000410508", "uno")
    assert not refused.value.permanent
    assert "Timeout" in str(refused.value)


def test_without_an_address_nothing_is_tried_again(settings):
    settings.SANDBOX_BASE_URL = ""
    with pytest.raises(GatewayError) as refused:
        GpdClient(broker="80000410508")
    assert refused.value.permanent


def test_a_notice_without_due_date_needs_the_days_it_stays_open(pisa, charged, sandbox):
    use(pisa, "gpd")
    position = charged(pisa, due_on=None).option.position
    export = promise(position)
    with pytest.raises(DomainError) as refused:
        deliver(export)
    assert refused.value.code == "due_date_missing"
    assert again(export).state == S.FAILED
    with scope(entity=pisa):
        kind = position.debt_kind
        kind.open_days = 90
        kind.save()
    assert deliver(export).state == S.PUBLISHED


def test_a_plan_is_one_position_with_two_options(pisa, charged_many, sandbox, gpd_version):
    use(pisa, "gpd")
    plan = (PlannedInstalment(2400, date(2027, 3, 31)), PlannedInstalment(2400, date(2027, 6, 30)))
    charge = charged_many(pisa, plan=plan)
    with scope(entity=pisa):
        position = Position.objects.get(charge=charge)
    export = deliver(promise(position))
    parts = held(export)["parts"]
    assert [part["amount"] for part in parts] == [4800, 2400, 2400]
    assert len({part["option"] for part in parts}) == 2
    assert all(sum(row["amount"] for row in part["transfer"]) == part["amount"] for part in parts)


def test_a_notice_is_paid_at_the_desk_of_the_archive(published, sandbox):
    export = deliver(published())
    nav = held(export)["parts"][0]["nav"]
    page = requests.get(f"{sandbox}/psp/gpd/", timeout=5).text
    assert "da pagare" in page
    form = {"entity": export.entity.fiscal_code, "nav": nav}
    paid = requests.post(f"{sandbox}/psp/gpd/", form, timeout=5)
    assert "pagato" in paid.text
    assert requests.post(f"{sandbox}/psp/gpd/", form, timeout=5).status_code == 400
    assert held(export)["status"] == "PAID"
