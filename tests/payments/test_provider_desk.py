"""What the office and who runs the system see of the providers; what beat wakes up."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django_scopes import scope, scopes_disabled

from payments.domain.states import State
from payments.models import (
    DebtKind,
    IbanCheck,
    Instalment,
    Position,
    ProviderExport,
    ProviderUpload,
    Receipt,
    StationLink,
)
from payments.providers import examination, services
from payments.providers.seeds import seed
from payments.sandbox import gpd
from payments.sandbox.gpd_views import NOTICES
from payments.sandbox.platform import fail_next
from payments.services.positions import position_cancel, position_resume, position_suspend
from payments.tasks import check_ibans, poll_uploads, pull_receipts, refresh_amounts
from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Role
from portal.operations import doctor, timetable
from portal.operations.sandbox.store import Store
from portal.outbox.services import carry_due
from tests.factories.world import browser_of_staff
from tests.payments.provider_sandbox import again, published, sandbox, use

__all__ = ["published", "sandbox"]
RITA = Actor(label="Rita Bruni")
S = ProviderExport.State


def test_what_happens_to_a_position_reaches_the_provider_by_itself(pisa, charged, sandbox):
    use(pisa, "gpd")
    position = charged(pisa).option.position
    carry_due()
    assert [row["status"] for row in gpd.positions()] == ["VALID"]
    with scope(entity=pisa):
        position_suspend(position_id=position.pk, reason="ricorso", actor=RITA)
        carry_due()
        assert [row["status"] for row in gpd.positions()] == ["DRAFT"]
        position_resume(position_id=position.pk, actor=RITA)
        carry_due()
        assert [row["status"] for row in gpd.positions()] == ["VALID"]
    position_cancel(charge=position.charge)
    carry_due()
    assert gpd.positions() == []


def test_a_position_that_is_rolled_back_promises_nothing(pisa, charged, sandbox):
    use(pisa, "gpd")
    with transaction.atomic():
        charged(pisa)
        transaction.set_rollback(True)
    with scopes_disabled():
        assert not ProviderExport.objects.exists()


def test_beat_takes_receipts_of_every_link(published, settled_charges):
    export = published()
    carry_due()
    gpd.pay(export.entity.fiscal_code, gpd.positions()[0]["parts"][0]["nav"])
    pull_receipts()
    with scope(entity=export.entity):
        assert Receipt.objects.count() == 1
        assert Position.objects.get().state == State.PAID


def test_the_trouble_of_one_link_does_not_stop_the_task(published):
    published()
    fail_next("receipts", status=500)
    pull_receipts()


def test_beat_looks_up_the_accounts_and_the_doctor_says_so(pisa, sandbox):
    assert "mai controllati" in next(examination.examine()).text
    check_ibans()
    assert next(examination.examine()).level is doctor.Level.OK
    with scopes_disabled():
        IbanCheck.objects.update(checked_at=clock.now() - timedelta(days=3))
    assert "ultima volta" in next(examination.examine()).text
    with scopes_disabled():
        IbanCheck.objects.update(state=IbanCheck.State.MISSING)
    accounts = next(examination.examine())
    assert accounts.level is doctor.Level.WARNING
    assert "2 IBAN" in accounts.text


def test_the_doctor_names_refused_positions(published):
    assert list(examination.examine())[1].level is doctor.Level.OK
    published()
    fail_next("gpd", status=400)
    carry_due()
    assert "1 posizioni rifiutate" in list(examination.examine())[1].text


def test_beat_reads_reports_and_refreshes_amounts(published):
    export = published()
    with scope(entity=export.entity):
        ProviderUpload.objects.create(
            entity=export.entity, link=export.position.link, created_at=clock.now(), file_id="ignoto",
            state=ProviderUpload.State.WORKING,
        )  # fmt: skip
    poll_uploads()
    refresh_amounts()


def test_the_tasks_are_in_the_timetable():
    tasks = {row["task"] for row in timetable.schedule(production=True).values()}
    ours = ("pull_receipts", "poll_uploads", "check_ibans", "refresh_amounts")
    assert {f"payments.tasks.{name}" for name in ours} <= tasks


@pytest.fixture
def refused(published) -> ProviderExport:
    export = published()
    fail_next("gpd", status=400)
    carry_due()
    return export


def test_an_accountant_sends_again_what_was_refused(refused):
    client = browser_of_staff(refused.entity, Role.ACCOUNTANT)
    url = reverse("admin:payments_providerexport_changelist")
    assert "The sandbox was asked to fail." in client.get(url).content.decode()
    client.post(url, {"action": "try_again", "_selected_action": [refused.pk]})
    assert again(refused).state == S.WAITING
    carry_due()
    assert again(refused).state == S.PUBLISHED


def test_an_administrator_only_looks(refused):
    client = browser_of_staff(refused.entity, Role.ADMINISTRATOR)
    url = reverse("admin:payments_providerexport_changelist")
    client.post(url, {"action": "try_again", "_selected_action": [refused.pk]})
    assert again(refused).state == S.FAILED


def test_another_body_sees_and_sends_nothing(refused, firenze):
    client = browser_of_staff(firenze, Role.ACCOUNTANT)
    url = reverse("admin:payments_providerexport_changelist")
    assert "asked to fail" not in client.get(url).content.decode()
    client.post(url, {"action": "try_again", "_selected_action": [refused.pk]})
    assert again(refused).state == S.FAILED


def test_a_plan_half_paid_leaves_only_what_is_due_in_the_archive_of_notices(published):
    export = published("aca")
    with scope(entity=export.entity):
        services.deliver(export_id=export.pk)
        assert len(Store().list(NOTICES)) == 1
        Instalment.objects.update(paid_at=clock.now())
        Position.objects.update(state=State.PARTLY_PAID)
        services.deliver(export_id=export.pk)
    assert Store().list(NOTICES) == []


def test_a_body_of_the_demonstration_uses_two_stations(firenze):
    seed()
    seed()
    with scope(entity=firenze):
        assert set(StationLink.objects.values_list("provider", "issues")) == {("node", True), ("gpd", False)}
        assert DebtKind.objects.get(code="SP_CANONE").link.provider == "gpd"
        assert DebtKind.objects.get(code="SP_SEGRETERIA").link is None
