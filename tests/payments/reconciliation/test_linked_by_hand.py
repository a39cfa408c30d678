"""Matches that a person makes: a credit and a flow, shares over several, one payment; undone by a contrary."""

from datetime import timedelta

import pytest
from django.urls import reverse

from payments.reconciliation.link_choices import base_of
from payments.reconciliation.models import Channel, FlowLine, Match, ReportingFlow, Suggestion, TreasuryMovement
from payments.reconciliation.services.flows import ingest_flow
from payments.reconciliation.services.linking import CannotLink, Piece, link_by_hand
from payments.reconciliation.services.people import NotAnAccountant, ReasonNeeded
from payments.reconciliation.services.suggestions import (
    SecondPersonNeeded,
    match_revoke,
    suggestion_confirm,
    suggestion_discard,
)
from payments.sandbox.treasurer import Credit
from tests.payments.reconciliation.books import ACTOR
from tests.payments.reconciliation.builders import DAY, IUF, REMITTANCE, flow_xml, line, receipt, xml_line
from tests.payments.reconciliation.test_work import desk, staff

SECOND = "2026-11-12BPPIITRRXXX-900001"
IUV, IUR = "01000000000004285", "RT-0001"
PAGE = "admin:payments_reconciliation_link"


@pytest.fixture
def anna(pisa):
    return staff(pisa, "anna")


@pytest.fixture
def bruno(pisa):
    return staff(pisa, "bruno")


def credit(kept, cents, number=1, text="ACCREDITO"):
    kept.journal([Credit(cents, text, f"BANK{number:010d}", f"Versante {number}")], day=DAY + timedelta(number))
    return TreasuryMovement.objects.get(customer=f"Versante {number}")


def flow(kept, cents, iuf=IUF, number=1):
    kept.flow([line(f"{number:017d}", f"RT-{number}", cents)], fdr=iuf, regulation=f"TRN-{number}")
    return ReportingFlow.objects.get(iuf=iuf)


def join(kept, user, *pieces, reason="Lo dice l'estratto conto"):
    return link_by_hand(entity=kept.entity, pieces=pieces, reason=reason, user_id=user.pk, actor=ACTOR)


def undo(kept, user, match):
    return match_revoke(entity=kept.entity, match_id=match.pk, user_id=user.pk, reason="Errore", actor=ACTOR)


def test_a_credit_that_says_nothing_is_given_to_a_flow_and_every_run_respects_it(kept, anna):
    paper, money = flow(kept, 4800), credit(kept, 4800)
    kept.run()
    join(kept, anna, Piece(money.pk, 4800, flow_id=paper.pk))
    assert ("flow", "reconciled") in kept.said()
    match = Match.objects.get(rule="by_hand")
    assert (match.made_by, match.cents) == (anna, 4800)
    hashed = kept.run(full=True).hash
    assert Match.objects.get(pk=match.pk).live
    assert kept.run(full=True).hash == hashed


def test_a_person_takes_it_back_and_no_run_makes_it_again(kept, anna):
    paper, money = flow(kept, 4800), credit(kept, 4800, text=f"{REMITTANCE}{IUF}")
    kept.run()
    undo(kept, anna, Match.objects.get(kind="flow_movement"))
    join(kept, anna, Piece(money.pk, 4800, flow_id=paper.pk))
    undo(kept, anna, Match.objects.get(kind="flow_movement", live=True))
    kept.run(full=True)
    assert not Match.objects.filter(kind="flow_movement", live=True).exists()
    assert Match.objects.filter(kind="flow_movement").count() == 2
    assert ("flow", "flow_without_treasury") in kept.said() or ("flow", "reported") in kept.said()


def test_a_credit_is_split_over_flows_and_the_remainder_is_shown(kept, anna):
    first, second, money = flow(kept, 3000), flow(kept, 1500, SECOND, 2), credit(kept, 4800)
    kept.run()
    join(kept, anna, Piece(money.pk, 3000, flow_id=first.pk), Piece(money.pk, 1500, flow_id=second.pk))
    kept.on(DAY + timedelta(20))
    kept.run()
    assert {(row.code, row.cents) for row in kept.standing() if row.movement_id == money.pk} == {
        ("reconciled", 4500), ("treasury_without_flow", 300),
    }  # fmt: skip
    assert base_of([kept.entity.pk], flow_id=0, movement_id=money.pk).left == 300


def test_several_credits_are_given_to_one_flow(kept, anna):
    paper, one, two = flow(kept, 4800), credit(kept, 3000, 1), credit(kept, 1800, 2)
    join(kept, anna, Piece(one.pk, 3000, flow_id=paper.pk), Piece(two.pk, 1800, flow_id=paper.pk))
    assert ("flow", "reconciled") in kept.said()


def test_a_payment_that_no_flow_reports_is_given_its_credit(kept, owed, anna):
    notice, money = owed(), credit(kept, 4800)
    paper = receipt(kept.entity, notice.iuv, IUR, 4800)
    kept.run()
    join(kept, anna, Piece(money.pk, 4800, receipt_id=paper.pk))
    assert kept.of_payments() == {("receipt", "reconciled")}
    undo(kept, anna, Match.objects.get(rule="by_hand"))
    assert ("receipt", "reconciled") not in kept.of_payments()


def test_one_line_of_a_flow_is_given_its_credit(kept, anna):
    paper, money = flow(kept, 4800), credit(kept, 4800)
    kept.run()
    join(kept, anna, Piece(money.pk, 4800, line_id=FlowLine.objects.get(flow=paper).pk))
    assert ("flow", "reconciled") in kept.said()


@pytest.mark.parametrize("full", [False, True])
def test_a_line_keeps_its_credit_when_its_flow_is_replaced(kept, anna, full):
    paper, money = flow(kept, 4800), credit(kept, 4800)
    kept.run()
    join(kept, anna, Piece(money.pk, 4800, line_id=FlowLine.objects.get(flow=paper).pk))
    kept.flow([line(f"{1:017d}", "RT-1", 4800)], revision=2, regulation="TRN-1")
    kept.on(DAY + timedelta(20))
    kept.run(full=full)
    assert {row.code for row in kept.standing() if row.flow_id or row.movement_id == money.pk} == {"reconciled"}
    assert kept.run(full=True).run_id is None


def test_a_receipt_keeps_its_credit_when_a_flow_reports_it_later(kept, owed, anna):
    notice, money = owed(), credit(kept, 4800)
    paper = receipt(kept.entity, notice.iuv, IUR, 4800)
    kept.run()
    join(kept, anna, Piece(money.pk, 4800, receipt_id=paper.pk))
    kept.flow([line(notice.iuv, IUR, 4800)])
    kept.run()
    assert kept.of_payments() == {("line", "reconciled")}
    kept.on(DAY + timedelta(20))
    kept.run()
    assert {row.code for row in kept.standing() if row.flow_id or row.movement_id == money.pk} == {"reconciled"}


def test_what_a_person_took_back_from_a_line_stays_so_when_its_flow_is_replaced(kept, anna):
    kept.flow([line(IUV, IUR, 4800)])
    credit(kept, 4800, text=f"/RFB/{IUV}/48.00")
    kept.run()
    undo(kept, anna, Match.objects.get(kind="single_movement"))
    kept.flow([line(IUV, IUR, 4800)], revision=2)
    kept.run(full=True)
    assert not Match.objects.filter(kind="single_movement", live=True).exists()


def wrong(what, paper, money):
    return {
        "nothing": [],
        "no cents": [Piece(money.pk, 0, flow_id=paper.pk)],
        "more than the credit": [Piece(money.pk, 4001, flow_id=paper.pk)],
        "more than the flow": [Piece(money.pk, 3001, flow_id=paper.pk)],
        "no such credit": [Piece(0, 1, flow_id=paper.pk)],
        "no such flow": [Piece(money.pk, 1, flow_id=10**9)],
        "no such line": [Piece(money.pk, 1, line_id=10**9)],
        "no such receipt": [Piece(money.pk, 1, receipt_id=10**9)],
        "the same twice": [Piece(money.pk, 1, flow_id=paper.pk)] * 2,
    }[what]


@pytest.mark.parametrize(
    "what",
    ["nothing", "no cents", "more than the credit", "more than the flow", "no such credit", "no such flow",
     "no such line", "no such receipt", "the same twice"],
)  # fmt: skip
def test_what_does_not_hold_together_is_refused(kept, anna, what):
    paper, money = flow(kept, 3000), credit(kept, 4000)
    with pytest.raises(CannotLink):
        join(kept, anna, *wrong(what, paper, money))
    assert not Match.objects.filter(rule="by_hand").exists()


def test_a_flow_that_a_revision_replaced_is_not_linked(kept, anna):
    paper, money = flow(kept, 4800), credit(kept, 4800)
    kept.flow([line(IUV, IUR, 4800)], revision=2)
    with pytest.raises(CannotLink):
        join(kept, anna, Piece(money.pk, 4800, flow_id=paper.pk))


def test_what_was_linked_to_a_flow_holds_for_its_revisions(kept, anna):
    paper, one, two = flow(kept, 4800), credit(kept, 4800, 1), credit(kept, 4800, 2)
    join(kept, anna, Piece(one.pk, 4800, flow_id=paper.pk))
    kept.flow([line(f"{1:017d}", "RT-1", 4800)], fdr=IUF, revision=2, regulation="TRN-1")
    kept.run()
    paper = ReportingFlow.objects.get(revision=2)
    shown = base_of([kept.entity.pk], flow_id=paper.pk, movement_id=0)
    assert (shown.left, [match.movement for match in shown.matches]) == (0, [one])
    for money in (one, two):
        with pytest.raises(CannotLink):
            join(kept, anna, Piece(money.pk, 4800, flow_id=paper.pk))
    undo(kept, anna, shown.matches[0])
    join(kept, anna, Piece(two.pk, 4800, flow_id=paper.pk))
    assert {row.code for row in kept.standing() if row.subject == "flow"} == {"reconciled"}


def test_a_flow_and_a_credit_are_put_together_once_whatever_the_revision(kept, anna):
    paper, money = flow(kept, 3000), credit(kept, 4800)
    join(kept, anna, Piece(money.pk, 3000, flow_id=paper.pk))
    kept.flow([line(f"{1:017d}", "RT-1", 4800)], fdr=IUF, revision=2, regulation="TRN-1")
    with pytest.raises(CannotLink, match="annulla e ricollega"):
        join(kept, anna, Piece(money.pk, 1800, flow_id=ReportingFlow.objects.get(revision=2).pk))


def test_a_line_linked_before_a_revision_is_not_linked_again_after_it(kept, anna):
    rows = [line(f"{1:017d}", "RT-1", 1000), line(f"{2:017d}", "RT-2", 3800, seq=2)]
    kept.flow(rows, fdr=IUF)
    one, two = credit(kept, 1000, 1), credit(kept, 1000, 2)
    join(kept, anna, Piece(one.pk, 1000, line_id=FlowLine.objects.get(iur="RT-1").pk))
    kept.flow(rows, fdr=IUF, revision=2)
    with pytest.raises(CannotLink, match="paga da solo"):
        join(kept, anna, Piece(two.pk, 1000, line_id=FlowLine.objects.get(iur="RT-1", flow__revision=2).pk))


def test_a_receipt_linked_before_its_flow_came_counts_for_the_flow(kept, owed, anna):
    notice, one, two = owed(), credit(kept, 4800, 1), credit(kept, 4800, 2)
    paper = receipt(kept.entity, notice.iuv, IUR, 4800)
    kept.run()
    join(kept, anna, Piece(one.pk, 4800, receipt_id=paper.pk))
    kept.flow([line(notice.iuv, IUR, 4800)])
    kept.run()
    reported = ReportingFlow.objects.get()
    shown = base_of([kept.entity.pk], flow_id=reported.pk, movement_id=0)
    assert (shown.left, [match.movement for match in shown.matches]) == (0, [one])
    for piece in (Piece(two.pk, 4800, flow_id=reported.pk), Piece(two.pk, 4800, line_id=reported.lines.get().pk)):
        with pytest.raises(CannotLink):
            join(kept, anna, piece)


def test_a_flow_that_came_whole_after_it_was_cut_is_the_one_of_the_page(kept, anna):
    rows = [xml_line("01", "A", "48.00"), xml_line("02", "B", "1.00")]
    content = flow_xml(kept.entity.fiscal_code, rows, total="49.00")
    for part in (content[: content.rindex(b"<datiSingoliPagamenti>") + 40], content):
        ingest_flow(entity=kept.entity, content=part, name="f.xml", channel=Channel.API, actor=ACTOR)
    cut, whole = ReportingFlow.objects.order_by("pk")
    assert base_of([kept.entity.pk], flow_id=cut.pk, movement_id=0) is None
    assert base_of([kept.entity.pk], flow_id=whole.pk, movement_id=0).left == 4900


def test_a_receipt_that_only_a_replaced_flow_reports_is_of_no_flow(kept, owed, anna):
    notice, money = owed(), credit(kept, 4800)
    paper = receipt(kept.entity, notice.iuv, IUR, 4800)
    kept.flow([line(notice.iuv, IUR, 4800)])
    kept.run()
    with pytest.raises(CannotLink):
        join(kept, anna, Piece(money.pk, 4800, receipt_id=paper.pk))
    kept.flow([line(IUV, "RT-9", 4800)], revision=2)
    kept.run()
    join(kept, anna, Piece(money.pk, 4800, receipt_id=paper.pk))
    assert ("receipt", "reconciled") in kept.of_payments()


def test_it_takes_an_accountant_and_a_reason(kept, anna, livorno):
    paper, money = flow(kept, 4800), credit(kept, 4800)
    with pytest.raises(ReasonNeeded):
        join(kept, anna, Piece(money.pk, 4800, flow_id=paper.pk), reason=" ")
    with pytest.raises(NotAnAccountant):
        join(kept, staff(livorno, "carla"), Piece(money.pk, 4800, flow_id=paper.pk))


@pytest.fixture
def waiting(kept, anna):
    """A link of more than a thousand euro, that one person has made."""
    paper, money = flow(kept, 200_000), credit(kept, 200_000)
    kept.run()
    Suggestion.objects.filter(state="open").update(state="lapsed", decided_at="2026-11-18T00:00Z")
    return join(kept, anna, Piece(money.pk, 150_000, flow_id=paper.pk))


def test_beyond_the_threshold_another_person_must_agree(kept, waiting, anna, bruno):
    assert not Match.objects.filter(rule="by_hand").exists()
    with pytest.raises(SecondPersonNeeded):
        suggestion_confirm(entity=kept.entity, suggestion_id=waiting.pk, user_id=anna.pk, actor=ACTOR)
    kept.run(full=True)  # no run overtakes what a person proposed
    page = desk(bruno).get(reverse("admin:payments_reconciliation_suggestions")).content.decode()
    assert "Lo dice l&#x27;estratto conto" in page
    suggestion_confirm(entity=kept.entity, suggestion_id=waiting.pk, user_id=bruno.pk, actor=ACTOR)
    assert Match.objects.get(rule="by_hand").cents == 150_000


def test_what_no_longer_fits_when_the_second_person_agrees_is_refused(kept, waiting, bruno):
    money = TreasuryMovement.objects.get(pk=waiting.movements[0])
    other = flow(kept, 90_000, SECOND, 2)
    join(kept, bruno, Piece(money.pk, 90_000, flow_id=other.pk))
    with pytest.raises(CannotLink):
        suggestion_confirm(entity=kept.entity, suggestion_id=waiting.pk, user_id=bruno.pk, actor=ACTOR)
    suggestion_discard(entity=kept.entity, suggestion_id=waiting.pk, user_id=bruno.pk, reason="No", actor=ACTOR)


def test_the_page_searches_proposes_links_and_takes_back(kept, anna):
    paper, money = flow(kept, 3000), credit(kept, 4800)
    flow(kept, 700, SECOND, 2)
    kept.run()
    client, page = desk(anna), f"{reverse(PAGE)}?movimento={money.pk}"
    assert IUF in client.get(page).content.decode()
    found = client.get(page, {"movimento": money.pk, "q": SECOND}).content.decode()
    assert SECOND in found
    assert IUF not in found
    chosen = f"{page}&con=f{paper.pk}"
    text = client.get(chosen).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert 'value="30,00"' in text
    assert "restano da attribuire 18,00 €" in text
    answer = client.post(chosen, {f"importo-f{paper.pk}": "30,00", "motivo": "Estratto conto"})
    assert answer.url == page
    match = Match.objects.get(rule="by_hand")
    assert match.cents == 3000
    back = client.post(
        reverse("admin:payments_reconciliation_undo", args=[match.pk]),
        {"motivo": "Errore", "collega": f"movimento={money.pk}"},
    )
    assert back.url == page
    assert not Match.objects.filter(rule="by_hand", live=True).exists()


@pytest.mark.parametrize(
    "query", [{"importo": "3000"}, {"importo": "30,00"}, {"psp": "poste"}, {"dal": "2026-11-12", "al": "2026-11-12"}]
)
def test_the_page_searches_by_amount_psp_and_days(kept, anna, query):
    flow(kept, 3000)
    money = credit(kept, 4800)
    page = desk(anna).get(reverse(PAGE), {"movimento": money.pk} | query).content.decode()
    assert (IUF in page) is (query != {"importo": "3000"})


def test_the_page_of_a_flow_looks_for_credits(kept, anna):
    paper, _money = flow(kept, 3000), credit(kept, 4800)
    page = desk(anna).get(reverse(PAGE), {"flusso": paper.pk, "q": "BANK0000000001"}).content.decode()
    assert "Versante 1" in page


@pytest.mark.parametrize("written", ["molto", "-3", "1,234", "1e400", "1e999999", "9" * 30, "NaN"])
def test_an_amount_that_is_none_links_nothing(kept, anna, written):
    paper, money = flow(kept, 3000), credit(kept, 4800)
    chosen = f"{reverse(PAGE)}?movimento={money.pk}&con=f{paper.pk}"
    assert desk(anna).post(chosen, {f"importo-f{paper.pk}": written, "motivo": "x"}).status_code == 200
    assert not Match.objects.filter(rule="by_hand").exists()


@pytest.mark.parametrize("query", ["", "movimento=x", "flusso=999999999", "movimento=99999999999999999999"])
def test_a_document_that_is_not_there_is_no_page(anna, query):
    assert desk(anna).get(f"{reverse(PAGE)}?{query}").status_code == 404


def test_another_body_sees_no_document_of_this_one(kept, livorno):
    money = credit(kept, 4800)
    assert desk(staff(livorno, "carla")).get(reverse(PAGE), {"movimento": money.pk}).status_code == 404
