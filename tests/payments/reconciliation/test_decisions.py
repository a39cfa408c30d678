"""What the rules leave to persons: the last passes, proposals, two persons, undoing."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django_scopes import scopes_disabled

from payments.reconciliation.domain.outcomes import Code
from payments.reconciliation.models import Match, Suggestion, SuggestionThreshold, Verdict
from payments.reconciliation.services.people import ReasonNeeded
from payments.reconciliation.services.suggestions import (
    AlreadyDecided,
    SecondPersonNeeded,
    match_revoke,
    suggestion_confirm,
    suggestion_discard,
)
from payments.sandbox.treasurer import Credit
from portal.accounts.models import User
from portal.entities.models import Role, StaffRole
from tests.payments.reconciliation.books import ACTOR
from tests.payments.reconciliation.builders import DAY, IUF, REMITTANCE, credit, line, receipt

IUV, IUR = "01000000000004285", "RT-0001"
SECOND, THIRD = "2026-11-12BPPIITRRXXX-900001", "2026-11-12BPPIITRRXXX-900002"
PAGE = "admin:payments_reconciliation_suggestions"
UNDO = "admin:payments_reconciliation_undo"


def unreadable(cents: int, number: int = 1) -> Credit:
    """Money of the PSP with a text that names nothing."""
    return Credit(cents, "ACCREDITO", f"BANK{number:010d}", "Poste di prova")


@pytest.fixture
def anna(db) -> User:
    return User.objects.create_user(username="anna", kind="staff", is_staff=True)


@pytest.fixture
def bruno(db) -> User:
    return User.objects.create_user(username="bruno", kind="staff", is_staff=True)


def desk_of(entity) -> Client:
    """The desk of an accountant."""
    user = User.objects.create_user(username=f"conti-{entity.code}", kind="staff", is_staff=True)
    with scopes_disabled():
        StaffRole.objects.create(entity=entity, user=user, role=Role.ACCOUNTANT)
    client = Client()
    client.force_login(user)
    return client


def confirm(kept, user):
    chosen = Suggestion.objects.get(state="open")
    return suggestion_confirm(entity=kept.entity, suggestion_id=chosen.pk, user_id=user.pk, actor=ACTOR)


def discard(kept, user):
    chosen = Suggestion.objects.get(state="open")
    return suggestion_discard(
        entity=kept.entity, suggestion_id=chosen.pk, user_id=user.pk, reason="Un altro bonifico.", actor=ACTOR
    )


def flow(kept, iuf, cents, number):
    kept.flow([line(f"{number:017d}", f"RT-{number}", cents)], fdr=iuf, regulation=f"TRN-PROVA-{number}")


@pytest.mark.parametrize("legible", [1, 8, 18, 22])
def test_the_beginning_of_the_name_the_amount_and_the_days_are_enough_when_nothing_else_fits(kept, legible):
    kept.flow([line(IUV, IUR, 4800)])
    kept.journal([credit(4800, f"/PUR/LGPE-RIVERSAMENTO/URI/{IUF[:legible]}")])
    assert kept.run().counts == {"prefix_amount": 1}
    assert ("flow", "reconciled") in kept.said()


@pytest.mark.parametrize("what", ["two flows", "two credits", "another amount", "too late", "nothing legible"])
def test_a_doubt_about_the_beginning_matches_nothing(kept, what):
    text = "/PUR/LGPE-RIVERSAMENTO/URI/" + ("" if what == "nothing legible" else IUF[:18])
    kept.flow([line(IUV, IUR, 4800)])
    if what == "two flows":
        flow(kept, SECOND, 4800, 2)
    credits_ = [credit(4700 if what == "another amount" else 4800, text)] * (2 if what == "two credits" else 1)
    kept.journal(credits_, day=DAY + timedelta(7 if what == "too late" else 1))
    assert "prefix_amount" not in kept.run().counts


def test_a_flow_that_comes_later_and_fits_too_takes_the_match_back(kept):
    kept.flow([line(IUV, IUR, 4800)])
    kept.journal([credit(4800, f"/PUR/LGPE-RIVERSAMENTO/URI/{IUF[:8]}")])
    kept.run()
    flow(kept, SECOND, 4800, 2)
    assert kept.run().revoked == 1
    assert Match.objects.get(rule="prefix_amount").revoked_run_id
    assert ("movement", "remittance_unreadable") in kept.said()


@pytest.mark.parametrize("tag", ["RFS", "RFB"])
def test_a_payment_credited_alone_needs_no_flow(kept, owed, tag):
    notice = owed()
    receipt(kept.entity, notice.iuv, IUR, 4800)
    kept.journal([credit(4800, f"/{tag}/{notice.iuv}/48.00/TXT/prova")])
    assert kept.run().counts == {"single": 1}
    assert kept.of_payments() == {("receipt", "reconciled")}


def test_a_payment_credited_alone_that_a_flow_of_one_line_reports_pays_the_flow(kept, owed):
    notice = owed()
    receipt(kept.entity, notice.iuv, IUR, 4800)
    kept.flow([line(notice.iuv, IUR, 4800)])
    kept.journal([credit(4800, f"/RFB/{notice.iuv}/48.00")])
    kept.run()
    assert {("line", "reconciled"), ("flow", "reconciled")} <= kept.said()


def test_two_payments_of_a_notice_credited_alone_take_a_credit_each(kept, owed):
    notice = owed()
    for number in (1, 2):
        receipt(kept.entity, notice.iuv, f"RT-{number}", 4800)
    kept.journal([credit(4800, f"/RFB/{notice.iuv}", f"BANK000000000{number}") for number in (1, 2)])
    assert kept.run().counts == {"single": 2}


def test_the_same_amount_days_and_psp_are_proposed_and_never_decided(kept, anna):
    kept.flow([line(IUV, IUR, 4800)])
    kept.journal([unreadable(4800)])
    assert kept.run().counts == {}
    assert Suggestion.objects.get().rule == "amount_day_psp"
    confirm(kept, anna)
    assert ("flow", "reconciled") in kept.said()
    assert Match.objects.get(rule="amount_day_psp").made_by == anna


def test_two_credits_that_make_a_flow_are_proposed_together(kept, anna):
    kept.flow([line(IUV, IUR, 4800)])
    kept.journal([unreadable(3000, 1), unreadable(1800, 2), unreadable(55, 3)])
    kept.run()
    confirm(kept, anna)
    assert sorted(Match.objects.filter(rule="sum").values_list("cents", flat=True)) == [1800, 3000]
    assert ("flow", "reconciled") in kept.said()


def test_three_flows_in_one_credit_are_proposed_together(kept, anna):
    for number, iuf in enumerate((IUF, SECOND, THIRD), start=1):
        flow(kept, iuf, number * 1000, number)
    kept.journal([unreadable(6000)])
    kept.run()
    confirm(kept, anna)
    assert sorted(Match.objects.filter(rule="sum").values_list("cents", flat=True)) == [1000, 2000, 3000]
    assert not Verdict.objects.filter(closed_run=None, code=Code.FLOW_WITHOUT_TREASURY).exists()


def test_a_credit_that_names_one_flow_and_holds_two_is_shared(kept, anna):
    flow(kept, IUF, 1000, 1)
    flow(kept, SECOND, 2000, 2)
    kept.journal([credit(3000)])
    kept.run()
    assert [row.cents for row in kept.standing(Code.TREASURY_AMOUNT_DIFFERS)] == [2000]
    confirm(kept, anna)
    assert not kept.standing(Code.TREASURY_AMOUNT_DIFFERS, Code.FLOW_WITHOUT_TREASURY)
    assert sorted(Match.objects.filter(live=True).exclude(flow=None).values_list("cents", flat=True)) == [1000, 2000]


def test_beyond_the_threshold_a_second_person_confirms(kept, anna, bruno):
    SuggestionThreshold.objects.create(entity=kept.entity, cents=4799, valid_from=DAY, source="prova")
    kept.flow([line(IUV, IUR, 4800)])
    kept.journal([unreadable(4800)])
    kept.run()
    assert confirm(kept, anna).state == "open"
    with pytest.raises(SecondPersonNeeded):
        confirm(kept, anna)
    assert not Match.objects.filter(live=True).exclude(flow=None).exists()
    assert confirm(kept, bruno).state == "confirmed"
    assert ("flow", "reconciled") in kept.said()


def test_a_discarded_proposal_does_not_come_back(kept, anna):
    kept.flow([line(IUV, IUR, 4800)])
    kept.journal([unreadable(4800)])
    kept.run()
    chosen = Suggestion.objects.get()
    asked = {"entity": kept.entity, "suggestion_id": chosen.pk, "user_id": anna.pk, "actor": ACTOR}
    with pytest.raises(ReasonNeeded):
        suggestion_discard(**asked, reason="  ")
    suggestion_discard(**asked, reason="È un altro bonifico.")
    kept.run(full=True)
    assert list(Suggestion.objects.values_list("state", flat=True)) == ["discarded"]
    with pytest.raises(AlreadyDecided):
        suggestion_confirm(**asked)


def test_documents_said_not_to_be_the_same_money_are_not_proposed_again_when_others_take_their_place(kept, anna):
    kept.flow([line(IUV, IUR, 4800)])
    kept.journal([unreadable(4800)])
    kept.run()
    discard(kept, anna)
    assert not Suggestion.objects.filter(state="open").exists()
    kept.flow([line(IUV, IUR, 4800)], revision=2)
    kept.run(full=True)
    assert list(Suggestion.objects.values_list("state", flat=True)) == ["discarded"]
    kept.journal([unreadable(4800, 2)], day=DAY + timedelta(1))
    kept.run()  # another credit is another question
    assert Suggestion.objects.filter(state="open").count() == 1


def test_the_page_of_the_proposals_keeps_what_was_decided_with_who_and_why(kept):
    kept.flow([line(IUV, IUR, 4800)])
    kept.journal([unreadable(4800)])
    kept.run()
    client, page = desk_of(kept.entity), reverse(PAGE)
    values = {"proposta": Suggestion.objects.get().pk, "scarta": "1", "motivo": "Un altro bonifico."}
    assert "Già decise" not in client.get(page).content.decode()
    shown = client.post(page, values, follow=True).content.decode()
    assert "Sì, sono lo stesso denaro" not in shown
    assert all(text in shown for text in ("Già decise", "scartato", "Un altro bonifico.", "conti-PI"))


def test_a_proposal_that_the_evidence_overtakes_lapses(kept):
    kept.flow([line(IUV, IUR, 4800)])
    kept.journal([unreadable(4800)])
    kept.run()
    kept.journal([credit(4800)], day=DAY + timedelta(1))
    kept.run()
    assert list(Suggestion.objects.values_list("state", flat=True)) == ["lapsed"]


def test_a_match_taken_back_is_not_made_again_and_every_verdict_follows(kept, anna):
    kept.flow([line(IUV, IUR, 4800)])
    kept.journal([credit(4800)])
    kept.run()
    match = Match.objects.get(flow__isnull=False)
    asked = {"entity": kept.entity, "match_id": match.pk, "user_id": anna.pk, "actor": ACTOR}
    with pytest.raises(ReasonNeeded):
        match_revoke(**asked, reason="")
    match_revoke(**asked, reason="Il bonifico è di un altro flusso.")
    kept.run(full=True)
    assert {("flow", "flow_without_treasury"), ("movement", "treasury_without_flow")} <= kept.said()
    assert not Match.objects.filter(live=True, flow__isnull=False).exists()
    with pytest.raises(AlreadyDecided):
        match_revoke(**asked, reason="Ancora.")


@pytest.mark.parametrize(
    "change",
    [{"cents": 1}, {"live": False, "cents": 1, "revoked_reason": "x"}, {"rule": "by_hand"}, {"revoked_reason": "x"}],
)
def test_matches_are_taken_back_and_never_rewritten(kept, anna, change):
    kept.flow([line(IUV, IUR, 4800)])
    kept.journal([credit(4800)])
    kept.run()
    with pytest.raises(DatabaseError), transaction.atomic():
        Match.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Match.objects.all().delete()


def test_a_match_is_taken_back_once(kept, anna):
    kept.flow([line(IUV, IUR, 4800)])
    kept.journal([credit(4800)])
    kept.run()
    match = Match.objects.get(flow__isnull=False)
    match_revoke(entity=kept.entity, match_id=match.pk, user_id=anna.pk, reason="x", actor=ACTOR)
    with pytest.raises(DatabaseError), transaction.atomic():
        Match.objects.filter(pk=match.pk).update(live=True, revoked_at=None, revoked_by=None, revoked_reason="")


@pytest.mark.parametrize("change", [{"cents": 1}, {"code": "reported"}, {"facts": {}}, {"closed_run": None}])
def test_verdicts_are_closed_and_never_rewritten(kept, change):
    kept.flow([line(IUV, IUR, 4800)])
    kept.run()
    with pytest.raises(DatabaseError), transaction.atomic():
        Verdict.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Verdict.objects.all().delete()


def test_the_desk_proposes_confirms_and_undoes(kept):
    receipt(kept.entity, IUV, IUR, 4800)
    kept.flow([line(IUV, IUR, 4800)])
    kept.journal([unreadable(4800)])
    kept.run()
    client = desk_of(kept.entity)
    page = client.get(reverse(PAGE)).content.decode()
    assert IUF in page
    chosen = Suggestion.objects.get()
    assert client.post(reverse(PAGE), {"proposta": chosen.pk, "scarta": "1", "motivo": " "}).status_code == 302
    assert "Scrivi il motivo" in client.get(reverse(PAGE)).content.decode()
    client.post(reverse(PAGE), {"proposta": chosen.pk, "conferma": "1"})
    match = Match.objects.get(rule="amount_day_psp")
    row = match.flow.lines.get().matches.get().receipt_id
    answer = client.post(reverse(UNDO, args=[match.pk]), {"motivo": "Sbagliato.", "ricevuta": row})
    assert "annullato" in client.get(answer["Location"]).content.decode()
    match.refresh_from_db()
    assert (match.live, match.revoked_reason) == (False, "Sbagliato.")


def test_nobody_decides_for_another_body(kept, livorno):
    kept.flow([line(IUV, IUR, 4800)])
    kept.journal([unreadable(4800), credit(100, REMITTANCE + SECOND)])
    flow(kept, SECOND, 100, 2)
    kept.run()
    client = desk_of(livorno)
    assert IUF not in client.get(reverse(PAGE)).content.decode()
    for number in (Suggestion.objects.get().pk, "9" * 30, "x", ""):
        assert client.post(reverse(PAGE), {"proposta": number, "conferma": "1"}).status_code == 404
    match = Match.objects.get(flow__isnull=False)
    assert client.post(reverse(UNDO, args=[match.pk]), {"motivo": "x"}).status_code == 404
    assert match.live
