"""What the help desk says of the money of a payment is what the documents say now: revisions, lone credits, orders."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from payments.reconciliation.domain.story import Cover, StepState
from payments.reconciliation.models import Match, TreasuryMovement
from payments.reconciliation.selectors.story import find_payments, story
from payments.reconciliation.selectors.travels import travels
from payments.reconciliation.services.linking import Piece, link_by_hand
from payments.reconciliation.services.suggestions import match_revoke
from portal import clock
from portal.entities.models import Role, StaffRole
from tests.payments.reconciliation.acts import paid
from tests.payments.reconciliation.books import ACTOR
from tests.payments.reconciliation.books_of import BookKeeper
from tests.payments.reconciliation.builders import DAY, IUF, credit, line
from tests.payments.reconciliation.test_work import desk, staff

IUR = "RT-0001"
LATER = DAY + timedelta(20)
FIND = "admin:payments_reconciliation_followedpayment_changelist"


@pytest.fixture
def notice(owed):
    return owed()


def told(notice, on=LATER):
    return story(notice.option.position, on=on)


def steps(notice, on=LATER):
    return [(step.title, step.state) for step in told(notice, on).steps][1:]


def titles(notice, on=LATER):
    return [title for title, _state in steps(notice, on)]


@pytest.mark.parametrize("revised", [False, True])
def test_a_payment_transferred_alone_and_reported_by_a_flow_is_in_the_treasury(kept, notice, revised):
    paid(notice, IUR)
    kept.flow([line(notice.iuv, IUR, 4800)])
    kept.journal([credit(4800, f"/RFB/{notice.iuv}/48.00")])
    kept.run()
    if revised:
        kept.flow([line(notice.iuv, IUR, 4800)], revision=2)
        kept.run()
    assert "Il denaro è in tesoreria dal 12/11/2026" in told(notice).answer
    assert titles(notice) == ["Pagato", "Rendicontato", "In tesoreria", "Reversale da emettere"]


@pytest.mark.parametrize("reported", [False, True])
def test_a_receipt_given_a_credit_by_hand_is_in_the_treasury_also_once_a_flow_reports_it(kept, notice, reported):
    receipt = paid(notice, IUR)
    kept.journal([credit(4800, "ACCREDITO")])
    kept.run()
    money = TreasuryMovement.objects.get(remittance="ACCREDITO")
    anna = staff(kept.entity, "anna")
    pieces = [Piece(money.pk, 4800, receipt_id=receipt.pk)]
    link_by_hand(entity=kept.entity, pieces=pieces, reason="Lo dice l'estratto", user_id=anna.pk, actor=ACTOR)
    if reported:
        kept.flow([line(notice.iuv, IUR, 4800)])
        kept.run()
    assert "Il denaro è in tesoreria dal" in told(notice).answer
    assert titles(notice) == ["Pagato", *["Rendicontato"] * reported, "In tesoreria", "Reversale da emettere"]


def test_a_revision_takes_the_place_of_the_flow_that_it_replaces(kept, notice):
    paid(notice, IUR)
    kept.flow([line(notice.iuv, IUR, 4800)])
    kept.run()
    kept.flow([line(notice.iuv, IUR, 4800)], revision=2)
    kept.journal([credit(4800)])
    kept.run()
    assert titles(notice) == ["Pagato", "Rendicontato", "In tesoreria", "Reversale da emettere"]


def test_a_credit_given_by_hand_to_a_flow_stays_with_its_revision_until_it_is_taken_back(kept, notice):
    paid(notice, IUR)
    kept.flow([line(notice.iuv, IUR, 4800)])
    kept.journal([credit(4800, "ACCREDITO")])
    kept.run()
    anna, money = staff(kept.entity, "anna"), TreasuryMovement.objects.get(remittance="ACCREDITO")
    flow = Match.objects.get(kind="line_receipt").line.flow
    pieces = [Piece(money.pk, 4800, flow_id=flow.pk)]
    link_by_hand(entity=kept.entity, pieces=pieces, reason="Lo dice l'estratto", user_id=anna.pk, actor=ACTOR)
    kept.flow([line(notice.iuv, IUR, 4800)], revision=2)
    kept.run()
    assert titles(notice) == ["Pagato", "Rendicontato", "In tesoreria", "Reversale da emettere"]
    match = Match.objects.get(rule="by_hand")
    match_revoke(entity=kept.entity, match_id=match.pk, user_id=anna.pk, reason="Errore", actor=ACTOR)
    assert steps(notice)[-1] == ("In tesoreria", StepState.PROBLEM)


def test_a_payment_that_the_revision_no_longer_reports_is_not_reported(kept, notice):
    paid(notice, IUR)
    kept.flow([line(notice.iuv, IUR, 4800)])
    kept.run()
    kept.flow([line("01" * 8 + "9", "RT-9", 4800)], revision=2)
    kept.run()
    assert steps(notice)[-1] == ("Rendicontato", StepState.PROBLEM)


NUMBER = {"number": "0000077", "cents": 4800}
DAY_OF_ORDER = date(2026, 11, 16)


def order(keeper, number="500", cents=4800, **changes):
    values = {"document_type": "REVERSALE", "suspended": [NUMBER | {"cents": cents}], "booked_on": DAY_OF_ORDER}
    keeper.movement(number, cents, **values | changes)


def on_itself(keeper, operation):
    keeper.movement("77", 4800, operation=operation, booked_on=DAY_OF_ORDER)


def annulled(keeper):
    order(keeper)
    order(keeper, operation="STORNATO")


def made_again(keeper):
    annulled(keeper)
    order(keeper, "501")


def on_itself_and_put_back(keeper):
    on_itself(keeper, "REGOLARIZZATO")
    on_itself(keeper, "RIPRISTINATO")


def named_and_put_back_on_itself(keeper):
    order(keeper)
    on_itself_and_put_back(keeper)


def of_others(keeper):
    order(keeper, year=2025)
    order(keeper, "501", treasurer_code="ALTRO")
    order(keeper, "502", counts=False)


def part_of_it_reversed(keeper):
    keeper.movement("77", 1800, operation="STORNATO")
    order(keeper, cents=3000)


@pytest.mark.parametrize(
    ("happens", "cover", "orders"),
    [
        (order, Cover.WHOLE, ("500/2026",)),
        (annulled, Cover.NONE, ()),
        (made_again, Cover.WHOLE, ("501/2026",)),
        (lambda keeper: order(keeper, cents=1800), Cover.PART, ("500/2026",)),
        (lambda keeper: on_itself(keeper, "REGOLARIZZATO"), Cover.WHOLE, ()),
        (on_itself_and_put_back, Cover.NONE, ()),
        (named_and_put_back_on_itself, Cover.NONE, ()),
        (of_others, Cover.NONE, ()),
        (part_of_it_reversed, Cover.WHOLE, ("500/2026",)),
    ],
)
def test_a_provisional_is_covered_by_what_stands_of_its_orders(pisa, happens, cover, orders):
    keeper = BookKeeper(pisa)
    receipt, flow = keeper.receipt("1", IUR, 4800), keeper.flow(IUF, ("1", IUR, 1, 4800))
    keeper.meets(flow, 1, receipt)
    keeper.credited(flow, keeper.movement("77", 4800))
    happens(keeper)
    (credit,) = travels([receipt.pk], [])[receipt.pk].flows[0].credits
    assert (credit.cover, credit.orders) == (cover, orders)
    assert credit.covered_on == (DAY_OF_ORDER if cover is not Cover.NONE else None)


def alone(kept, notice, *, status="NO_RPT", iur=IUR):
    """Paid for the PSP and in the treasury, and no receipt."""
    kept.flow([line(notice.iuv, iur, 4800, status=status)])
    kept.journal([credit(4800)])
    kept.run()


@pytest.mark.parametrize("status", ["NO_RPT", "EXECUTED"])
def test_a_payment_that_only_a_flow_reports_is_told(kept, notice, status):
    alone(kept, notice, status=status)
    said = told(notice)
    assert "Non risulta nessun pagamento" not in said.answer
    assert "Poste di prova riporta un pagamento di 48,00" in said.answer
    assert "Il denaro è in tesoreria dal 12/11/2026" in said.answer
    assert steps(notice) == [
        ("Pagato", StepState.PROBLEM), ("Rendicontato", StepState.DONE), ("In tesoreria", StepState.DONE),
        ("Reversale da emettere", StepState.WAITING),
    ]  # fmt: skip


def test_once_its_receipt_is_there_it_is_told_once(kept, notice):
    alone(kept, notice, status="EXECUTED")
    paid(notice, IUR)
    kept.run()
    assert titles(notice).count("Pagato") == 1
    assert "è arrivato" in told(notice).answer


def test_a_second_payment_that_only_a_flow_reports_is_told_beside_the_good_one(kept, notice):
    paid(notice, IUR)
    rows = [line(notice.iuv, IUR, 4800), line(notice.iuv, "RT-2", 4800, seq=2, status="NO_RPT")]
    kept.flow(rows)
    kept.run()
    assert "C'è anche un pagamento di 48,00" in told(notice).answer.replace("\N{NO-BREAK SPACE}", " ")
    assert titles(notice).count("Pagato") == 2


def test_a_line_that_a_revision_dropped_is_told_no_more(kept, notice):
    alone(kept, notice)
    kept.flow([line("01" * 8 + "9", "RT-9", 4800)], revision=2)
    kept.run()
    assert "Non risulta nessun pagamento" in told(notice).answer


@pytest.mark.parametrize("received", [True, False])
def test_a_revoked_payment_is_never_said_to_be_in_order(kept, notice, received):
    if received:
        paid(notice, IUR)
    alone(kept, notice, status="EXECUTED")
    second = line(notice.iuv, IUR, 4800, status="REVOKED")
    kept.flow([second], fdr="2026-11-13BPPIITRRXXX-2", regulation="TRN-2", regulationDate="2026-11-13")
    kept.run()
    assert ("Revocato", StepState.PROBLEM) in steps(notice)
    assert titles(notice).count("Rendicontato") == 1
    assert "revocato" in told(notice).answer


def roles(entity):
    return list(StaffRole.objects.filter(entity=entity))


@pytest.mark.parametrize("of", [lambda row: row.iuv, lambda row: IUR.lower()])
def test_it_is_found_by_any_of_its_numbers(kept, notice, of):
    alone(kept, notice)
    staff(kept.entity, "anna")
    found = find_payments(of(notice), roles=roles(kept.entity), on=clock.today())
    assert [item.position for item in found.items] == [notice.option.position]
    assert (found.strays, found.lines) == ([], [])


@pytest.mark.parametrize("asked", ["301000000000004285", "rt-77"])
def test_of_no_position_of_ours_it_is_found_by_who_reads_the_books(kept, pisa, livorno, asked):
    kept.flow([line("01000000000004285", "RT-77", 4800, status="NO_RPT")])
    kept.run()
    page = desk(staff(pisa, "anna")).post(reverse(FIND), {"text": asked}).content.decode()
    assert "Pagamenti che riporta solo un flusso" in page
    assert "Non c'è nulla" not in page.replace("&#x27;", "'")
    for user in (staff(pisa, "ufficio", Role.OFFICER), staff(livorno, "di-livorno")):
        assert "riporta solo un flusso" not in desk(user).post(reverse(FIND), {"text": asked}).content.decode()
