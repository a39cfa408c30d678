"""Thousands of positions in a file: handed over, worked, reported on; what the file cannot say goes one by one."""

import io
import json
import zipfile

import pytest
from django_scopes import scope

from payments.domain.states import State
from payments.gateways.gpd import UploadClient
from payments.models import PaymentOption, ProviderExport, ProviderUpload
from payments.providers import files, services
from payments.sandbox import gpd, gpd_files
from payments.sandbox.platform import fail_next
from portal import clock
from portal.kernel.errors import GatewayError
from portal.operations.sandbox.store import Store
from portal.outbox.services import carry_due
from tests.payments.provider_sandbox import change, sandbox, use

__all__ = ["sandbox"]
S = ProviderExport.State


@pytest.fixture
def campaign(pisa, charged, sandbox, monkeypatch):
    """Some positions of Pisa promised in a file."""
    monkeypatch.setattr(files, "WORTH_A_FILE", 2)

    def make(count: int = 3) -> ProviderUpload:
        positions = [charged(pisa, source=f"case:{number}").option.position for number in range(count)]
        link = use(pisa, "gpd")
        with scope(entity=pisa):
            ProviderExport.objects.all().delete()
            files.enqueue_written(link=link, position_ids=[row.pk for row in positions])
            return ProviderUpload.objects.get()

    return make


def states(upload: ProviderUpload) -> list[str]:
    with scope(entity=upload.entity):
        return list(ProviderExport.objects.order_by("pk").values_list("state", flat=True))


def again(upload: ProviderUpload) -> ProviderUpload:
    with scope(entity=upload.entity):
        return ProviderUpload.objects.get(pk=upload.pk)


def poll(upload: ProviderUpload) -> bool:
    with scope(entity=upload.entity):
        return files.poll(upload_id=upload.pk)


def test_a_file_is_handed_over_and_its_report_read(campaign):
    upload = campaign()
    carry_due()
    upload = again(upload)
    assert (upload.state, upload.submitted) == ("working", 3)
    assert states(upload) == [S.WAITING] * 3
    assert [poll(upload), poll(upload), poll(upload)] == [False, True, True]
    upload = again(upload)
    assert (upload.state, upload.processed, upload.refused) == ("done", 3, 0)
    assert states(upload) == [S.PUBLISHED] * 3
    assert {row["status"] for row in gpd.positions()} == {"VALID"}


def test_a_file_sent_twice_is_handed_over_once(campaign):
    upload = campaign()
    with scope(entity=upload.entity):
        files.send(upload_id=upload.pk)
        files.send(upload_id=upload.pk)
    assert len(Store().list(gpd_files.FILES)) == 1


def test_a_position_refused_in_the_file_is_told_and_the_others_go_on(campaign):
    upload = campaign()
    carry_due()
    key, value = Store().list(gpd_files.FILES)[0]
    value["rows"][1]["paymentOption"][0]["amount"] = 0
    Store().put(gpd_files.FILES, key, value)
    poll(upload)
    assert poll(upload)
    assert sorted(states(upload)) == [S.FAILED, S.PUBLISHED, S.PUBLISHED]
    assert again(upload).refused == 1
    with scope(entity=upload.entity):
        assert "HTTP 400" in ProviderExport.objects.get(state=S.FAILED).last_error


def test_what_is_already_there_is_written_over_one_by_one(campaign):
    upload = campaign()
    carry_due()
    _, value = Store().list(gpd_files.FILES)[0]
    gpd.create(upload.entity.fiscal_code, value["rows"][0], publish=False)
    poll(upload)
    assert poll(upload)
    carry_due()
    assert states(upload) == [S.PUBLISHED] * 3
    assert {row["status"] for row in gpd.positions()} == {"VALID"}


def test_what_the_file_cannot_say_goes_one_by_one(campaign, pisa):
    upload = campaign()
    with scope(entity=pisa):
        first = PaymentOption.objects.order_by("pk")[0]
        PaymentOption.objects.create(
            entity=pisa, position=first.position, kind="single", refused_after_due=True, description="Ridotta"
        )
    carry_due()
    carry_due()
    assert again(upload).submitted == 2


def test_a_file_refused_as_a_whole_is_sent_one_by_one(campaign):
    upload = campaign()
    fail_next("upload", status=400)
    carry_due()
    carry_due()
    assert again(upload).state == "failed"
    assert "HTTP 400" in again(upload).last_error
    assert states(upload) == [S.PUBLISHED] * 3


def test_a_failure_that_passes_keeps_the_file(campaign):
    upload = campaign()
    fail_next("upload", status=503)
    carry_due()
    assert again(upload).state == "waiting"
    with scope(entity=upload.entity):
        files.send(upload_id=upload.pk)
    assert again(upload).state == "working"


@pytest.mark.parametrize("area", ["upload_status", "upload_report"])
@pytest.mark.parametrize("status", [425, 429, 500])
def test_too_early_is_no_failure(campaign, area, status):
    upload = campaign()
    carry_due()
    poll(upload)
    fail_next(area, status=status)
    assert poll(upload) is False
    assert poll(upload) is True


@pytest.mark.parametrize("text", ["[]", "{}", '{"submittedItem": "3"}'])
def test_a_state_that_nobody_described_is_asked_again(campaign, text):
    upload = campaign()
    carry_due()
    fail_next("upload_status", status=200, text=text)
    with pytest.raises(GatewayError) as refused:
        poll(upload)
    assert not refused.value.permanent


def test_a_report_that_never_comes_is_not_waited_for_for_ever(campaign, time_machine):
    upload = campaign()
    carry_due()
    time_machine.move_to(upload.created_at + files.PATIENCE * 2)
    fail_next("upload_status", status=404)
    assert poll(upload) is True
    carry_due()
    assert states(upload) == [S.PUBLISHED] * 3


def test_a_hand_over_without_an_address_is_asked_again(sandbox):
    fail_next("upload", status=202, text="{}")
    with UploadClient(broker="80000410508") as client, pytest.raises(GatewayError) as refused:
        client.send("80000410508", files.archive([{}]))
    assert not refused.value.permanent


def test_the_archive_holds_one_json():
    with zipfile.ZipFile(io.BytesIO(files.archive([{"iupd": "è"}]))) as file:
        (name,) = file.namelist()
        assert json.loads(file.read(name)) == {"paymentPositions": [{"iupd": "è"}]}


@pytest.mark.parametrize(("provider", "exports"), [("node", 0), ("aca", 1), ("iris", 1), ("gpd", 1)])
def test_few_positions_or_other_providers_need_no_file(pisa, charged, sandbox, provider, exports):
    position = charged(pisa).option.position
    link = use(pisa, provider)
    with scope(entity=pisa):
        assert files.enqueue_written(link=link, position_ids=[position.pk]) == 0
        assert ProviderExport.objects.count() == exports


def test_positions_written_over_in_bulk_are_told_again(campaign, pisa, charged):
    upload = campaign()
    carry_due()
    with scope(entity=pisa):
        untold = charged(pisa, source="case:99").option.position
        ProviderExport.objects.filter(position=untold).delete()
        keys = [*ProviderExport.objects.values_list("position", flat=True), untold.pk]
        files.enqueue_changed(position_ids=keys)
        assert not ProviderExport.objects.filter(position=untold).exists()
        assert set(ProviderExport.objects.values_list("revision", "upload")) == {(2, None)}
    carry_due()
    assert states(upload) == [S.PUBLISHED] * 3


def test_what_is_cancelled_while_its_file_is_in_work_is_taken_away_afterwards(campaign):
    upload = campaign()
    carry_due()
    with scope(entity=upload.entity):
        export = ProviderExport.objects.order_by("pk").first()
        change(export, state=State.CANCELLED, cancelled_at=clock.now())
        with pytest.raises(GatewayError, match="still in work") as waits:
            services.deliver(export_id=export.pk)
        assert not waits.value.permanent
        while not poll(upload):
            pass
        services.deliver(export_id=export.pk)
    assert states(upload) == [S.WITHDRAWN, S.PUBLISHED, S.PUBLISHED]
    assert sorted(row["status"] for row in gpd.positions() if row["status"] == "VALID") == ["VALID", "VALID"]
