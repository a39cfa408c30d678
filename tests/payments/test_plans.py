"""Plans, stamps, several beneficiaries, amounts that change with the days, suspensions."""

from datetime import date, timedelta
from hashlib import sha256

import pytest
from django.db import IntegrityError, transaction
from django_scopes import scopes_disabled
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.drafts import ShareDraft, grouped_shares, planned
from payments.domain.states import Payability, cents_on, last_payable_day
from payments.models import (
    Broker,
    DatedAmount,
    DebtKind,
    Instalment,
    PaymentOption,
    Position,
    Station,
    StationLink,
    Transfer,
)
from payments.services.numbers import numbers_reserve
from payments.services.positions import position_resume, position_suspend
from portal.audit.actor import Actor
from portal.billing.models import Charge
from portal.billing.socket import ChargeLineDraft, Payer, PlannedInstalment
from portal.kernel.errors import DomainError

pytestmark = pytest.mark.usefixtures("every_entity")
OFFICE = Actor.system("ragioneria")
SPRING, SUMMER = date(2027, 4, 30), date(2027, 6, 30)
PLAN = (PlannedInstalment(2000, SPRING), PlannedInstalment(2800, SUMMER))


def rows_of(entity):
    return Instalment.objects.filter(entity=entity).select_related("option__position").order_by("pk")


@pytest.fixture
def with_plan(pisa, charged_many):
    """48,00 euro at once, or 20,00 and 28,00."""
    return charged_many(pisa, plan=PLAN)


def test_a_plan_stands_beside_the_single_payment_with_numbers_of_its_own(pisa, with_plan):
    rows = list(rows_of(pisa))
    assert [(row.option.kind, row.number, row.amount_cents, row.due_on) for row in rows] == [
        ("single", 1, 4800, date(2027, 6, 30)),
        ("plan", 1, 2000, SPRING),
        ("plan", 2, 2800, SUMMER),
    ]
    assert len({row.nav for row in rows}) == 3


def test_the_shares_fill_the_instalments_in_their_order(pisa, with_plan):
    shares = [list(row.transfers.values_list("debt_kind__code", "amount_cents")) for row in rows_of(pisa)]
    assert shares == [
        [("TE_BOLLO", 3200), ("TE_ISTRUTTORIA", 1600)],
        [("TE_BOLLO", 2000)],
        [("TE_BOLLO", 1200), ("TE_ISTRUTTORIA", 1600)],
    ]


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        ((PlannedInstalment(4800, SPRING),), "plan"),
        ((PlannedInstalment(4800, SPRING), PlannedInstalment(0, SUMMER)), "plan"),
        ((PlannedInstalment(2000, SPRING), PlannedInstalment(2000, SUMMER)), "plan_total"),
        ((PlannedInstalment(2000, SUMMER), PlannedInstalment(2800, SUMMER)), "plan_dates"),
    ],
)
def test_a_plan_that_is_none_leaves_nothing_behind(pisa, charged_many, plan, code):
    with pytest.raises(DomainError) as error:
        charged_many(pisa, plan=plan)
    assert error.value.code == code
    assert not Charge.objects.exists()


cents = st.integers(1, 10_000_000)


@given(st.lists(cents, min_size=1, max_size=5), st.lists(cents, min_size=2, max_size=12))
def test_a_plan_gives_every_cent_of_every_kind_away_once(kinds, weights):
    shares = [ShareDraft(f"K{index}", amount) for index, amount in enumerate(kinds)]
    total = sum(kinds)
    parts = [max(1, total * weight // sum(weights)) for weight in weights[:-1]]
    rest = total - sum(parts)
    if rest < 1:
        return
    plan = [(amount, SPRING + timedelta(days=day)) for day, amount in enumerate([*parts, rest])]
    option = planned(shares, plan)
    assert [row.cents for row in option.instalments] == [amount for amount, _day in plan]
    for share in shares:
        given_away = [part.cents for row in option.instalments for part in row.shares if part.kind == share.kind]
        assert sum(given_away) == share.cents
    assert all(1 <= len(row.shares) <= 5 for row in option.instalments)


def test_stamps_never_merge_and_six_kinds_do_not_fit():
    stamps = [ShareDraft("BOLLO", 1600, "aGFzaA==", "PI"), ShareDraft("BOLLO", 1600, "b3RoZXI=", "PI")]
    assert len(grouped_shares([*stamps, ShareDraft("A", 1), ShareDraft("A", 2)])) == 3
    with pytest.raises(DomainError, match="cinque"):
        grouped_shares([ShareDraft(f"K{index}", 1) for index in range(6)])


def test_a_plan_with_a_stamp_is_refused():
    with pytest.raises(DomainError) as error:
        planned([ShareDraft("BOLLO", 1600, "aGFzaA==", "PI")], [(800, SPRING), (800, SUMMER)])
    assert error.value.code == "plan_stamp"


def stamped(entity):
    DebtKind.objects.filter(entity=entity, code="TE_BOLLO").update(digital_stamp=True)
    return ChargeLineDraft("bollo", "Marca da bollo", 1600, "TE_BOLLO", sha256(b"istanza").hexdigest(), "PI")


def test_a_digital_stamp_carries_the_hash_of_its_document_instead_of_an_account(pisa, charged):
    charged(pisa, lines=[stamped(pisa), ChargeLineDraft("istruttoria", "Oneri", 1600, "TE_ISTRUTTORIA")])
    stamp, fee = Transfer.objects.order_by("seq")
    assert (stamp.iban, stamp.postal_iban, stamp.stamp_province, len(stamp.stamp_hash)) == ("", "", "PI", 44)
    assert fee.iban
    assert not fee.stamp_hash


def test_a_kind_that_is_a_stamp_wants_a_document_and_the_others_want_none(pisa, charged):
    draft = stamped(pisa)
    for line in (
        ChargeLineDraft("bollo", "Marca da bollo", 1600, "TE_BOLLO"),
        ChargeLineDraft("altro", "Oneri", 1600, "TE_ISTRUTTORIA", draft.stamp_digest, "PI"),
    ):
        with pytest.raises(DomainError) as error:
            charged(pisa, lines=[line])
        assert error.value.code == "stamp"


def test_another_body_gets_its_share_on_its_own_account(pisa, charged):
    DebtKind.objects.filter(entity=pisa, code="TE_USURA").update(
        beneficiary_fiscal_code="80016450480",
        beneficiary_name="Città Metropolitana",
        iban="IT07X0542811101000000654321",
    )
    charged(
        pisa,
        lines=[
            ChargeLineDraft("istruttoria", "Oneri", 1600, "TE_ISTRUTTORIA"),
            ChargeLineDraft("usura", "Usura", 900, "TE_USURA"),
        ],
    )
    assert list(Transfer.objects.order_by("seq").values_list("beneficiary_fiscal_code", "iban", "postal_iban")) == [
        ("80000410508", "IT60X0542811101000000123456", "IT46Y0760114000000000111111"),
        ("80016450480", "IT07X0542811101000000654321", ""),
    ]


def test_a_beneficiary_without_name_or_account_is_refused_by_the_table(pisa):
    with pytest.raises(IntegrityError, match="beneficiary_whole"), transaction.atomic():
        DebtKind.objects.filter(entity=pisa, code="TE_USURA").update(beneficiary_fiscal_code="80016450480")


def test_a_kind_of_debt_may_issue_through_another_broker(pisa, charged):
    creditor = StationLink.objects.get(entity=pisa).creditor
    broker = Broker.objects.create(entity=pisa, name="Regione Toscana", fiscal_code="01386030488")
    station = Station.objects.create(entity=pisa, broker=broker, code="01386030488_07")
    link = StationLink.objects.create(
        entity=pisa, creditor=creditor, station=station, segregation_code=7, provider="iris", issues=False
    )
    DebtKind.objects.filter(entity=pisa, code="TE_BOLLO").update(link=link)
    assert charged(pisa).nav.startswith("307")
    plain = charged(pisa, source="case:2", lines=[ChargeLineDraft("i", "Oneri", 1600, "TE_ISTRUTTORIA")])
    assert plain.nav.startswith("301")
    assert Position.objects.get(charge__source="case:1").link == link


def test_a_block_of_numbers_is_taken_at_once(pisa):
    link = StationLink.objects.get(entity=pisa)
    first = numbers_reserve(link=link, count=3)
    second = numbers_reserve(link=link, count=2)
    assert [int(number.sequence) for number in first + second] == [1, 2, 3, 4, 5]


@given(st.dictionaries(st.dates(date(2026, 1, 1), date(2027, 12, 31)), cents, max_size=5), cents, st.dates())
def test_the_amount_of_a_day_is_the_last_one_begun(dated, printed, on):
    expected = printed
    for since in sorted(dated):
        if since <= on:
            expected = dated[since]
    assert cents_on(on, printed=printed, dated=dated.items()) == expected


@pytest.mark.parametrize(
    ("due_on", "open_days", "expected"),
    [
        (date(2026, 1, 5), 90, date(2026, 1, 5)),
        (None, 90, date(2026, 3, 2)),
        (None, 10, date(2026, 2, 1)),
        (None, None, date(2026, 2, 1)),
    ],
)
def test_a_notice_without_due_date_says_the_last_day_its_kind_leaves_it_open(due_on, open_days, expected):
    found = last_payable_day(due_on=due_on, issued_on=date(2025, 12, 2), open_days=open_days, on=date(2026, 2, 1))
    assert found == expected


def test_what_is_paid_cannot_change_any_more(notice):
    add = DatedAmount(entity=notice.entity, instalment=notice, valid_from=SPRING, cents=9900, rule="prova")
    Instalment.objects.filter(pk=notice.pk).update(paid_at=notice.option.position.created_at)
    changes = (
        lambda: Instalment.objects.filter(pk=notice.pk).update(amount_cents=1),
        lambda: Instalment.objects.filter(pk=notice.pk).update(due_on=SPRING),
        lambda: Instalment.objects.filter(pk=notice.pk).update(paid_at=None),
        lambda: Transfer.objects.filter(instalment=notice, seq=1).update(iban="IT60X0542811101000000123457"),
        lambda: Transfer.objects.filter(instalment=notice, seq=1).delete(),
        lambda: add.save(),
    )
    for change in changes:
        with pytest.raises(IntegrityError, match="cannot change any more"), transaction.atomic():
            change()


def test_a_number_never_changes(notice):
    with pytest.raises(IntegrityError, match="cannot change any more"), transaction.atomic():
        Instalment.objects.filter(pk=notice.pk).update(nav="301" + "1" * 15)


def test_a_suspended_position_cannot_be_paid_until_it_is_resumed(notice):
    position = notice.option.position
    with scopes_disabled():
        position_suspend(position_id=position.pk, reason="Ricorso al Prefetto", actor=OFFICE)
        row = Instalment.objects.select_related("option__position").get(pk=notice.pk)
        assert row.payability(SPRING) is Payability.SUSPENDED
        position_resume(position_id=position.pk, actor=OFFICE)
        row = Instalment.objects.select_related("option__position").get(pk=notice.pk)
        assert row.payability(SPRING) is Payability.PAYABLE


def test_a_suspension_says_why_and_stops_only_what_is_to_pay(notice):
    with scopes_disabled():
        with pytest.raises(DomainError, match="perché"):
            position_suspend(position_id=notice.option.position_id, reason=" ", actor=OFFICE)
        Position.objects.filter(pk=notice.option.position_id).update(state="draft")
        with pytest.raises(DomainError, match="da pagare"):
            position_suspend(position_id=notice.option.position_id, reason="Ricorso", actor=OFFICE)


def test_the_debtors_address_is_one_line(pisa, charged):
    payer = Payer("F", "RSSMRA60D20F205R", "Mario Rossi", "", "Vicolo Corto", "12", "20133", "Milano", "MI", "IT")
    row = charged(pisa, payer=payer)
    assert row.option.position.debtor_address == "Vicolo Corto 12, 20133 Milano MI"


def test_options_of_one_instalment_are_single(pisa, with_plan):
    assert set(PaymentOption.objects.values_list("kind", flat=True)) == {"single", "plan"}
