"""Every night our accounts are looked up in PagoPA's back office."""

from datetime import date, timedelta

import pytest
from django_scopes import scope

from payments.models import DebtKind, IbanCheck
from payments.providers import examination, ibans
from payments.providers.ibans import check_ibans
from payments.sandbox import gpd_views
from payments.sandbox.platform import fail_next
from portal import clock
from portal.kernel.errors import GatewayError
from portal.operations import doctor
from tests.payments.provider_sandbox import sandbox, use

__all__ = ["sandbox"]
OWN = "IT60X0542811101000000123456"
OTHER = "IT60X0542811101000000999999"
S = IbanCheck.State


def check(pisa) -> tuple[int, dict[str, str]]:
    with scope(entity=pisa):
        wrong = check_ibans(entity_id=pisa.pk)
        return wrong, dict(IbanCheck.objects.values_list("iban", "state"))


def kind_with_account(pisa, iban: str = OTHER, **values) -> DebtKind:
    with scope(entity=pisa):
        return DebtKind.objects.create(
            entity=pisa, code="PROVA", description="Prova", taxonomy_code="PROVA1TS", iban=iban,
            valid_from=date(2026, 1, 1), source="prova", confirmed_by="prova", **values,
        )  # fmt: skip


def test_registered_accounts_are_in_order(pisa, sandbox):
    wrong, found = check(pisa)
    assert wrong == 0
    assert set(found.values()) == {S.REGISTERED}
    with scope(entity=pisa):
        assert IbanCheck.objects.get(iban=OWN).used_by == "conto dell'ente"


def test_an_account_that_nobody_registered_is_found(pisa, sandbox):
    kind_with_account(pisa)
    wrong, found = check(pisa)
    assert (wrong, found[OTHER]) == (1, S.MISSING)
    with scope(entity=pisa):
        assert IbanCheck.objects.get(iban=OTHER).used_by == "PROVA"


FLORENCE = {"beneficiary_fiscal_code": "80016450480", "beneficiary_name": "Firenze"}


def test_an_account_of_another_beneficiary_of_our_broker_is_looked_up_as_its_own(pisa, sandbox):
    gpd_views.account("80016450480", OTHER)
    kind_with_account(pisa, **FLORENCE)
    assert check(pisa)[1][OTHER] == S.REGISTERED
    # The same account as ours does not count, and the other body's list is still there to say so.
    gpd_views.account("80016450480", "IT64X0542811101000000987654")
    gpd_views.account("80000410508", OTHER)
    assert check(pisa)[1][OTHER] == S.MISSING


def test_an_account_of_a_beneficiary_whose_list_nobody_shows_us_is_no_alarm(pisa, sandbox):
    kind_with_account(pisa, **FLORENCE)
    assert check(pisa) == (0, {OWN: S.REGISTERED, "IT46Y0760114000000000111111": S.REGISTERED, OTHER: S.FOREIGN})
    with scope(entity=pisa):
        assert not IbanCheck.alarming().exists()
        assert "non verificabile" in IbanCheck.objects.get(iban=OTHER).get_state_display()
    assert next(examination.examine()).level is doctor.Level.OK


@pytest.mark.parametrize(
    ("iban", "status", "state"),
    [
        ("IT07X0542811101000000654321", "ENABLED", S.REGISTERED),
        ("IT07X0542811101000000654321", "DISABLED", S.DISABLED),
        (OTHER, "ENABLED", S.MISSING),
    ],
)
def test_a_beneficiary_of_this_installation_is_looked_up_through_its_own_broker(
    pisa, firenze, sandbox, iban, status, state
):
    gpd_views.account("80016450480", "IT07X0542811101000000654321", status=status, broker="80016450480")
    kind_with_account(pisa, iban, **FLORENCE)
    wrong, found = check(pisa)
    assert (found[iban], wrong) == (state, 0 if state is S.REGISTERED else 1)


def test_when_the_broker_of_the_other_does_not_answer_our_own_check_is_done(pisa, firenze, sandbox, monkeypatch):
    kind_with_account(pisa, **FLORENCE)
    ours = ibans._registered

    def registered(broker):
        if broker == "80016450480":
            raise GatewayError("401", permanent=False)
        return ours(broker)

    monkeypatch.setattr(ibans, "_registered", registered)
    wrong, found = check(pisa)
    assert (wrong, found[OWN], found[OTHER]) == (0, S.REGISTERED, S.FOREIGN)


def test_a_beneficiary_that_issues_through_the_region_cannot_be_looked_up(pisa, firenze, sandbox):
    use(firenze, "iris")
    kind_with_account(pisa, **FLORENCE)
    assert check(pisa)[1][OTHER] == S.FOREIGN


@pytest.mark.parametrize(
    ("status", "days", "state"),
    [("DISABLED", -1, S.DISABLED), ("ENABLED", 3, S.NOT_YET), ("ENABLED", -1, S.REGISTERED)],
)
def test_disabled_and_future_accounts_are_told_apart(pisa, sandbox, status, days, state):
    gpd_views.account(pisa.fiscal_code, OTHER, status=status, valid_from=clock.now() + timedelta(days=days))
    kind_with_account(pisa)
    assert check(pisa)[1][OTHER] == state


def test_a_kind_of_the_past_is_not_looked_up(pisa, sandbox):
    kind_with_account(pisa, valid_until=date(2026, 2, 1))
    assert OTHER not in check(pisa)[1]


def test_what_is_no_longer_used_leaves_the_list(pisa, sandbox):
    kind = kind_with_account(pisa)
    check(pisa)
    with scope(entity=pisa):
        DebtKind.objects.filter(pk=kind.pk).update(iban="")
    assert OTHER not in check(pisa)[1]


def test_accounts_come_page_by_page(pisa, sandbox, monkeypatch):
    monkeypatch.setattr("payments.gateways.ibans.PAGE_SIZE", 1)
    assert check(pisa)[0] == 0


@pytest.mark.parametrize("status", [401, 429, 500, 404])
def test_when_the_back_office_does_not_answer_the_last_check_stays(pisa, sandbox, status):
    check(pisa)
    with scope(entity=pisa):
        before = IbanCheck.objects.order_by("iban").values_list("iban", "checked_at")[0]
        fail_next("backoffice", status=status)
        with pytest.raises(GatewayError):
            check_ibans(entity_id=pisa.pk)
        assert IbanCheck.objects.order_by("iban").values_list("iban", "checked_at")[0] == before


@pytest.mark.parametrize(
    "text",
    ["<html>", "{}", '{"ibans": [], "pageInfo": {}}', '{"ibans": [1], "pageInfo": {"totalPages": 1}}',
     '{"ibans": [{"iban": "IT60", "ciFiscalCode": "1", "status": "ENABLED", "validityDate": "ieri"}],'
     ' "pageInfo": {"totalPages": 1}}'],
)  # fmt: skip
def test_a_list_that_nobody_described_changes_nothing(pisa, sandbox, text):
    fail_next("backoffice", status=200, text=text)
    with scope(entity=pisa):
        with pytest.raises(GatewayError):
            check_ibans(entity_id=pisa.pk)
        assert not IbanCheck.objects.exists()


def test_a_body_that_issues_only_through_the_region_has_nobody_to_ask(pisa, sandbox):
    use(pisa, "iris")
    with scope(entity=pisa), pytest.raises(GatewayError) as refused:
        check_ibans(entity_id=pisa.pk)
    assert refused.value.permanent
