from datetime import timedelta

import pytest

from portal import clock
from portal.audit.models import Event
from portal.billing.models import Charge
from portal.cases.domain.states import State
from portal.cases.models import CitizenRequest, Decision, LegalTerm
from portal.cases.selectors import clock_of, timeline
from portal.cases.services import applicant, desk
from portal.documents.models import Document
from portal.kernel.errors import DomainError
from portal.kernel.states import MoveNotAllowed
from portal.messaging.models import Message
from portal.registry.models import Direction, ProtocolEntry
from tests.factories import platform as make


@pytest.fixture
def taken(case, officer, desk_actor, in_pisa):
    return desk.case_take(case_id=case.pk, user=officer, actor=desk_actor)


def test_of_two_officers_who_take_a_case_the_second_is_told(taken, pisa, desk_actor):
    with pytest.raises(MoveNotAllowed):
        desk.case_take(case_id=taken.pk, user=make.make_staff(pisa), actor=desk_actor)


def test_asking_for_an_integration_stops_the_clock_and_the_answer_starts_it_again(
    taken, giulia, desk_actor, time_machine
):
    due = clock_of(taken, on=taken.submitted_at.date()).due_on
    request = desk.integration_request(case_id=taken.pk, text=" Manca il disegno. ", actor=desk_actor)
    assert request.text == "Manca il disegno."
    taken.refresh_from_db()
    assert (taken.state, taken.due_on) == (State.INTEGRATION_REQUESTED, None)

    time_machine.move_to(clock.now() + timedelta(days=4))
    applicant.request_answer(case_id=taken.pk, text="Eccolo.", acting=giulia)

    taken.refresh_from_db()
    assert taken.state == State.UNDER_REVIEW
    assert taken.due_on >= due + timedelta(days=4)


def test_what_is_asked_is_registered_and_told(taken, desk_actor):
    desk.integration_request(case_id=taken.pk, text="Manca il disegno.", actor=desk_actor)
    assert ProtocolEntry.objects.get(direction=Direction.OUT).source == taken.source
    assert "Manca il disegno." in Message.objects.filter(source=taken.source).latest("pk").body


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_an_empty_request_is_refused(taken, desk_actor, text):
    with pytest.raises(DomainError, match="Scrivi"):
        desk.integration_request(case_id=taken.pk, text=text, actor=desk_actor)


def test_a_term_nobody_confirmed_blocks_with_a_clear_word(taken, desk_actor):
    LegalTerm.objects.update(confirmed_by="")
    with pytest.raises(DomainError, match="confermato"):
        desk.integration_request(case_id=taken.pk, text="Manca il disegno.", actor=desk_actor)


def test_without_a_refusal_notice_nobody_is_refused(taken, desk_actor):
    with pytest.raises(DomainError, match="10-bis"):
        desk.case_refuse(case_id=taken.pk, reasons="No.", actor=desk_actor)


def test_refusal_after_the_notice_was_answered(taken, giulia, desk_actor):
    desk.refusal_notice_give(case_id=taken.pk, text="Il ponte non regge.", actor=desk_actor)
    applicant.request_answer(case_id=taken.pk, text="Regge.", acting=giulia)
    case = desk.case_refuse(case_id=taken.pk, reasons="Non regge.", actor=desk_actor)

    assert case.state == State.REFUSED
    assert case.closed_at is not None
    assert Decision.objects.get(case=case).reasons == "Non regge."


def test_the_office_waits_for_the_term_before_going_on_without_an_answer(taken, desk_actor, time_machine):
    request = desk.integration_request(case_id=taken.pk, text="Manca il disegno.", actor=desk_actor)
    with pytest.raises(DomainError, match="può rispondere fino al"):
        desk.case_resume(case_id=taken.pk, actor=desk_actor)

    time_machine.move_to(clock.now() + timedelta(days=11))
    assert desk.case_resume(case_id=taken.pk, actor=desk_actor).state == State.UNDER_REVIEW
    assert CitizenRequest.objects.get(pk=request.pk).closed_at is not None


def test_what_costs_nothing_goes_straight_to_the_issue(taken, desk_actor):
    case = desk.case_approve(case_id=taken.pk, prescriptions=["Piano."], due_on=None, actor=desk_actor)
    assert case.state == State.READY_TO_ISSUE
    assert not Charge.objects.exists()
    assert Decision.objects.get(case=case).prescriptions == ["Piano."]


def test_issuing_closes_the_case_with_an_act_for_its_holder(taken, giulia, desk_actor):
    desk.case_approve(case_id=taken.pk, prescriptions=[], due_on=None, actor=desk_actor)
    document = desk.case_issue(case_id=taken.pk, actor=desk_actor)

    taken.refresh_from_db()
    assert taken.state == State.GRANTED
    assert document.holder_person == giulia.person
    with pytest.raises(MoveNotAllowed):
        desk.case_issue(case_id=taken.pk, actor=desk_actor)
    assert Document.objects.filter(kind="trial_act").count() == 1


def test_the_applicant_withdraws_and_nothing_is_asked_any_more(taken, giulia, desk_actor):
    desk.integration_request(case_id=taken.pk, text="Manca il disegno.", actor=desk_actor)
    case = applicant.case_withdraw(case_id=taken.pk, acting=giulia)
    assert case.state == State.WITHDRAWN
    assert not CitizenRequest.objects.filter(closed_at__isnull=True).exists()


def test_an_answer_to_nothing_is_refused(taken, giulia):
    with pytest.raises(DomainError, match="non aspetta"):
        applicant.request_answer(case_id=taken.pk, text="Ecco.", acting=giulia)


def test_the_applicants_timeline_has_no_internal_word(taken, officer, desk_actor):
    desk.note_add(case_id=taken.pk, user=officer, text="Sentire il Comune.", actor=desk_actor)
    assert [entry.label for entry in timeline(taken, internal=False)] == ["Presentata", "Presa in carico"]
    assert "Nota interna" in [entry.label for entry in timeline(taken, internal=True)]


def test_every_move_leaves_one_event_with_its_author(taken, desk_actor):
    desk.case_approve(case_id=taken.pk, prescriptions=[], due_on=None, actor=desk_actor)
    rows = Event.objects.filter(subject_type="portal_cases.Case", subject_id=str(taken.pk)).order_by("pk")
    assert [row.action for row in rows] == ["case.submitted", "case.take", "case.approve", "case.settle"]
    assert rows[2].user_id == desk_actor.user_id
    assert rows[2].data["before"] == "under_review"


def test_a_table_that_is_missing_blocks_the_approval(taken, desk_actor, monkeypatch):
    def missing(self, case):
        raise DomainError("wear_table_missing", "Manca la tabella.")

    monkeypatch.setattr(make.TrialHandler, "charges", missing)
    with pytest.raises(DomainError, match="Manca la tabella"):
        desk.case_approve(case_id=taken.pk, prescriptions=[], due_on=None, actor=desk_actor)
    taken.refresh_from_db()
    assert taken.state == State.UNDER_REVIEW
