"""What is told of a position is what it is on that day: amounts, beneficiaries, stamps, and the copy kept by ACA."""

from datetime import date, timedelta

import pytest
from django_scopes import scope, scopes_disabled

from payments.domain.states import State
from payments.models import DatedAmount, Instalment, ProviderExport, Transfer
from payments.providers import services
from payments.providers.data import NotExpressible
from payments.providers.snapshot import snapshot
from payments.sandbox.gpd_views import NOTICES
from portal import clock
from portal.operations.sandbox.store import Store
from tests.payments.provider_sandbox import again, change, published, sandbox, use

__all__ = ["published", "sandbox"]
TODAY = date(2026, 11, 22)


def test_a_position_as_it_was_made(pisa, charged):
    instalment = charged(pisa)
    with scope(entity=pisa):
        data = snapshot(instalment.option.position_id, on=TODAY)
    assert data.iupd == f"80000410508-{instalment.option.position.charge.uuid.hex}"
    (part,) = data.instalments
    assert (part.nav, part.cents, part.due_on) == (instalment.nav, 4800, date(2027, 6, 30))
    assert [(row.cents, row.entity) for row in part.transfers] == [(3200, "80000410508"), (1600, "80000410508")]
    assert part.transfers[0].category.startswith("9/")


def test_a_dated_amount_changes_the_first_transfer(pisa, charged):
    instalment = charged(pisa)
    with scope(entity=pisa):
        DatedAmount.objects.create(entity=pisa, instalment=instalment, valid_from=TODAY, cents=6000, rule="prova")
        before = snapshot(instalment.option.position_id, on=TODAY - timedelta(days=1)).instalments[0]
        after = snapshot(instalment.option.position_id, on=TODAY).instalments[0]
    assert (before.cents, after.cents) == (4800, 6000)
    assert [row.cents for row in after.transfers] == [4400, 1600]


def test_the_provider_is_told_the_amount_that_changes_today(published):
    export = published()
    with scope(entity=export.entity):
        services.deliver(export_id=export.pk)
        instalment = Instalment.objects.get()
        DatedAmount.objects.create(
            entity=export.entity, instalment=instalment, valid_from=clock.today(), cents=6000, rule="prova"
        )
    with scopes_disabled():
        assert services.refresh_dated_amounts() == 1
    assert again(export).state == ProviderExport.State.WAITING
    with scopes_disabled():
        assert services.refresh_dated_amounts() == 0


def test_a_validity_already_begun_is_not_told(pisa, charged):
    instalment = charged(pisa)
    with scope(entity=pisa):
        option = instalment.option
        option.valid_from = TODAY
        option.save()
        assert snapshot(option.position_id, on=TODAY).options[0].valid_from is None
        assert snapshot(option.position_id, on=TODAY - timedelta(days=1)).options[0].valid_from == TODAY


def test_a_snapshot_costs_few_queries(pisa, charged, django_assert_max_num_queries):
    position = charged(pisa).option.position
    with scope(entity=pisa), django_assert_max_num_queries(5):
        snapshot(position.pk, on=TODAY)


def test_our_station_keeps_a_copy_in_the_archive_of_notices(published):
    export = published("aca")
    assert export.provider == "aca"
    with scope(entity=export.entity):
        services.deliver(export_id=export.pk)
    ((_, notice),) = Store().list(NOTICES)
    assert (notice["amount"], notice["payStandIn"], notice["switchToExpired"]) == (4800, True, False)


def test_a_suspended_notice_is_not_collected_in_our_place(published):
    export = published("aca")
    change(export, suspended_at=clock.now(), suspension="ricorso")
    with scope(entity=export.entity):
        services.deliver(export_id=export.pk)
    assert Store().list(NOTICES)[0][1]["payStandIn"] is False


@pytest.mark.parametrize("state", [State.CANCELLED, State.PAID])
def test_a_notice_cancelled_or_paid_leaves_the_archive(published, state):
    export = published("aca")
    with scope(entity=export.entity):
        services.deliver(export_id=export.pk)
    change(export, state=state, cancelled_at=clock.now(), paid_at=clock.now())
    with scope(entity=export.entity):
        services.deliver(export_id=export.pk)
        services.deliver(export_id=export.pk)
    assert Store().list(NOTICES) == []
    assert again(export).state == ProviderExport.State.WITHDRAWN


def test_when_copies_are_no_longer_kept_the_old_ones_are_taken_away(published, pisa):
    export = published("aca")
    with scope(entity=export.entity):
        services.deliver(export_id=export.pk)
    use(pisa, "node")
    change(export)
    with scope(entity=export.entity):
        services.deliver(export_id=export.pk)
    assert Store().list(NOTICES) == []


def test_a_paid_position_is_not_promised(pisa, charged, sandbox):
    use(pisa, "gpd")
    position = charged(pisa).option.position
    with scope(entity=pisa):
        ProviderExport.objects.all().delete()
        position.state, position.paid_at = State.PAID, clock.now()
        position.save()
        services.enqueue(position)
        assert not ProviderExport.objects.exists()


def test_without_due_date_the_kind_of_debt_says_how_long(pisa, charged):
    instalment = charged(pisa, due_on=None)
    with scope(entity=pisa):
        with pytest.raises(NotExpressible):
            snapshot(instalment.option.position_id, on=TODAY)
        kind = instalment.option.position.debt_kind
        kind.open_days = 60
        kind.save()
        made = instalment.option.position.created_at.astimezone(clock.ROME).date()
        part = snapshot(instalment.option.position_id, on=made).instalments[0]
    assert part.due_on == made + timedelta(days=60)


def test_a_digital_stamp_is_not_copied_to_the_archive_of_notices(pisa, charged, sandbox):
    use(pisa, "aca")
    instalment = charged(pisa)
    with scope(entity=pisa):
        Transfer.objects.filter(instalment=instalment, seq=1).update(
            iban="", postal_iban="", stamp_hash="n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=", stamp_province="PI"
        )
        export = ProviderExport.objects.get()
        services.deliver(export_id=export.pk)
    assert again(export).state == ProviderExport.State.WITHDRAWN
    assert Store().list(NOTICES) == []


def test_an_amount_that_changed_while_the_worker_was_stopped_is_told_later(published, time_machine):
    export = published()
    with scope(entity=export.entity):
        services.deliver(export_id=export.pk)
        instalment = Instalment.objects.get()
        tomorrow = clock.today() + timedelta(days=1)
        DatedAmount.objects.create(
            entity=export.entity, instalment=instalment, valid_from=tomorrow, cents=6000, rule="prova"
        )
    with scopes_disabled():
        assert services.refresh_dated_amounts() == 0
        time_machine.move_to(clock.now() + timedelta(days=3))
        assert services.refresh_dated_amounts() == 1
    with scope(entity=export.entity):
        services.deliver(export_id=export.pk)
    with scopes_disabled():
        assert services.refresh_dated_amounts() == 0
