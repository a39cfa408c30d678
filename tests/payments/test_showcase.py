"""What the demonstration of payments shows ready-made; told twice, it is the same."""

from collections import Counter
from typing import Any

import pytest
from django_scopes import scopes_disabled

from payments.domain.judgement import Anomaly
from payments.fines import seeds as fines
from payments.models import Campaign, CampaignItem, Instalment, ProviderExport, ReceiptCase, Refund, StampCheck
from payments.models.receipts import CaseState
from payments.providers import seeds as providers
from payments.reconciliation.models import (
    CollectionOrderProposal,
    DuplicateMark,
    EvidenceReading,
    OutsideCredit,
    ReceiptRequest,
    Suggestion,
    Verdict,
)
from payments.reconciliation.selectors.without_credit import without_credit
from payments.seeds import seed as seed_bodies
from payments.showcase.people import MARCO, Invented
from payments.showcase.seeds import seed
from portal.audit.models import Event
from portal.billing.models import Charge
from portal.kernel.taxcodes import is_codice_fiscale
from portal.operations.seeds import seed as seed_platform


def what_is_there() -> dict[str, Any]:
    rows = (Charge, Instalment, ReceiptCase, Refund, CampaignItem, ProviderExport, EvidenceReading, Event)
    return {model.__name__: model._default_manager.count() for model in rows}


@pytest.mark.django_db
def test_the_demonstration_shows_everything_of_payments_and_seeding_again_changes_nothing(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    seed_platform()
    seed_bodies()
    providers.seed()
    fines.seed()
    seed()
    with scopes_disabled():
        before = what_is_there()
        seed()
        assert what_is_there() == before
        plan = Instalment.objects.filter(option__kind="plan", option__position__debtor_fiscal_code=MARCO.fiscal_code)
        assert [row.paid_at is not None for row in plan.order_by("number")] == [True, False, False]
        done, paused = Campaign.objects.order_by("pk")
        assert (done.state, done.total, done.parts.filter(file__isnull=False).count()) == ("done", 40, 1)
        assert (paused.state, paused.items.filter(outcome="printed").count()) == ("paused", 20)
        assert sorted(Refund.objects.values_list("state", flat=True)) == ["done", "requested", "requested"]
        assert StampCheck.objects.get().state == "valid"
        assert Charge.objects.get(source="demo:stamp:2").state == "requested"
        queue = ReceiptCase.objects.filter(state=CaseState.TO_REVIEW)
        assert {name for row in queue for name in row.anomalies} >= {
            Anomaly.UNKNOWN_NOTICE, Anomaly.AMOUNT_SHORT, Anomaly.AMOUNT_OVER, Anomaly.SECOND_PAYMENT,
            Anomaly.CANCELLED, Anomaly.SUSPENDED, Anomaly.SIBLING_USED,
        }  # fmt: skip
        assert ProviderExport.objects.get().provider == "gpd"
        assert all(not reading.warnings for reading in EvidenceReading.objects.all())
        said = Counter(Verdict.objects.filter(closed_run=None).values_list("code", flat=True))
        assert (said["reconciled"], said["flow_without_treasury"], said["receipt_without_flow"]) == (20, 4, 1)
        assert (said["remittance_unreadable"], said["journal_gap"]) == (1, 0)
        assert sorted(Suggestion.objects.filter(state="open").values_list("rule", "cents")) == [
            ("amount_day_psp", 37_400), ("by_hand", 155_000), ("sum", 168_500),
        ]  # fmt: skip
        assert CollectionOrderProposal.objects.count() == 5
        assert_by_hand()


def assert_by_hand() -> None:
    """One of each thing that an accountant does by hand."""
    mark = DuplicateMark.objects.get(live=True)
    assert Refund.objects.get(case__receipt=mark.receipt).state == "requested"
    assert ReceiptRequest.objects.get().state == "waiting"
    assert Verdict.objects.filter(closed_run=None, code="flow_without_receipt").count() == 2
    assert OutsideCredit.objects.get().outside.state == "requested"
    [lonely] = without_credit([mark.entity_id])
    assert [row.customer for row in lonely.credits] == ["PIOTR NOWAK"]


@pytest.mark.django_db
def test_without_bodies_there_is_nothing_to_show():
    seed()
    with scopes_disabled():
        assert not Charge.objects.exists()


def test_invented_people_have_codes_that_can_be_asked_for_and_are_nobodys():
    codes = [Invented(number).fiscal_code for number in range(90)]
    assert all(is_codice_fiscale(code) and code[11] == "Y" for code in codes)
    assert len(set(codes)) == 90
