"""The queue of odd receipts: every reason has its words, its filters and its way out."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from payments.domain.guidance import GUIDANCE, suggested_refund
from payments.domain.judgement import ANOMALY_LABELS, Anomaly
from payments.domain.refunds import State as RefundState
from payments.domain.states import State
from payments.models import DatedAmount, Position, ReceiptCase, Refund
from payments.models.receipts import CaseState
from payments.selectors_desk import case_page
from payments.services.positions import position_suspend
from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Role
from tests.factories.platform import make_staff
from tests.payments.node_messages import PlainClient, Receipt, post, send

pytestmark = pytest.mark.usefixtures("every_entity")
IBAN = "IT60X0542811101000000123456"
ASKED = {"euro": "48,00", "beneficiary_name": "Mario Rossi", "iban": IBAN, "reason": "Secondo pagamento"}


def desk(entity, role=Role.ACCOUNTANT, name="Paola"):
    client = PlainClient()
    client.force_login(make_staff(entity, role, name=name))
    return client


def url(name, *args):
    return reverse(f"admin:payments_{name}", args=args)


@pytest.fixture
def odd(notice):
    post(send(Receipt(notice.nav)))
    post(send(Receipt(notice.nav, receipt_id="b" * 32)))
    return ReceiptCase.objects.get(state=CaseState.TO_REVIEW)


@pytest.mark.parametrize("code", Anomaly)
def test_every_anomaly_says_in_whole_sentences_what_happened_and_what_to_do(code):
    words = GUIDANCE[code]
    assert words.happened.endswith(".")
    assert words.todo.endswith(".")
    assert code in ANOMALY_LABELS


@pytest.mark.parametrize(
    ("anomalies", "due", "cents"),
    [
        ([Anomaly.SECOND_PAYMENT], 4800, 3200),
        ([Anomaly.UNKNOWN_NOTICE], None, 3200),
        ([Anomaly.AMOUNT_OVER], 4000, 800),
        ([Anomaly.AMOUNT_OVER], None, 0),
        ([Anomaly.AMOUNT_OVER, Anomaly.SECOND_PAYMENT], 4000, 3200),
        ([Anomaly.OUTCOME_KO, Anomaly.SECOND_PAYMENT], 4800, 0),
        ([Anomaly.SUSPENDED], 4800, 0),
        ([], 4800, 0),
    ],
)
def test_the_sum_proposed_for_a_refund(anomalies, due, cents):
    assert suggested_refund(anomalies, own=3200, paid=4800, due=due) == cents


def test_a_suspended_position_that_is_paid_is_settled_and_told_to_the_office(notice, settled_charges):
    position_suspend(position_id=notice.option.position_id, reason="Ricorso", actor=Actor("Paola"))
    assert post(send(Receipt(notice.nav))).outcome == "OK"
    case = ReceiptCase.objects.get()
    assert (case.state, case.settles, case.anomalies) == (CaseState.TO_REVIEW, True, ["suspended"])
    assert Position.objects.get().state == State.PAID


def test_what_is_proposed_to_go_back_is_beyond_what_was_due_on_the_day_it_was_paid(notice):
    DatedAmount.objects.create(
        entity=notice.entity, instalment=notice, valid_from=date(2026, 1, 1), cents=9600, rule="prova"
    )
    post(send(Receipt(notice.nav, amount="100.00")))
    page = case_page(ReceiptCase.objects.get())
    assert page.case.settles
    assert page.suggested_cents == 400


def test_a_second_payment_of_a_suspended_position_is_only_a_second_payment(notice):
    post(send(Receipt(notice.nav)))
    Position.objects.update(suspended_at=clock.now(), suspension="x")
    post(send(Receipt(notice.nav, receipt_id="c" * 32)))
    assert ReceiptCase.objects.get(state=CaseState.TO_REVIEW).anomalies == ["second_payment"]


def test_the_page_says_what_happened_what_to_do_and_where_everything_is(odd):
    page = desk(odd.entity).get(url("receiptcase_change", odd.pk)).content.decode()
    words = GUIDANCE[Anomaly.SECOND_PAYMENT]
    assert words.happened in page.replace("&#x27;", "'")
    assert words.todo in page.replace("&#x27;", "'")
    assert url("position_change", odd.instalment.option.position_id) in page
    assert url("receipt_change", odd.receipt_id) in page
    assert url("receiptcase_refund", odd.pk) in page
    first = ReceiptCase.objects.exclude(pk=odd.pk).get()
    assert url("receiptcase_change", first.pk) in page
    assert "Di solito in questo caso si rimborsano 48,00" in page


def test_the_page_of_an_unknown_notice_has_no_position_and_still_its_refund(pisa):
    post(send(Receipt("301000000000004285")))
    case = ReceiptCase.objects.get()
    page = desk(pisa).get(url("receiptcase_change", case.pk)).content.decode()
    assert "Nessuna posizione" in page
    assert url("receiptcase_refund", case.pk) in page


def test_the_queue_counts_and_filters_by_reason_and_by_age(odd, pisa):
    post(send(Receipt("301000000000004285", outcome="KO")))
    client = desk(pisa)
    listed = client.get(url("receiptcase_changelist"))
    assert {code: number for code, _label, number in listed.context["counts"]} == {
        Anomaly.SECOND_PAYMENT: 1, Anomaly.UNKNOWN_NOTICE: 1, Anomaly.OUTCOME_KO: 1,
    }  # fmt: skip
    found = client.get(url("receiptcase_changelist"), {"motivo": "second_payment"})
    assert list(found.context["cl"].queryset) == [odd]
    assert not client.get(url("receiptcase_changelist"), {"giorni": "7"}).context["cl"].queryset
    nonsense = client.get(url("receiptcase_changelist"), {"motivo": "'; drop", "giorni": "x"})
    assert nonsense.status_code in {200, 302}


def test_the_queue_finds_what_has_waited_for_long(odd, pisa, monkeypatch):
    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    found = desk(pisa).get(url("receiptcase_changelist"), {"giorni": "7"})
    assert list(found.context["cl"].queryset) == [odd]


def test_a_note_too_long_or_missing_is_told_on_the_page(odd):
    client = desk(odd.entity)
    for note in ("", "x" * 301):
        response = client.post(url("receiptcase_change", odd.pk), {"note": note})
        assert response.status_code == 422
    odd.refresh_from_db()
    assert odd.state == CaseState.TO_REVIEW


def test_a_receipt_closed_meanwhile_cannot_be_closed_again(odd):
    client = desk(odd.entity)
    assert client.post(url("receiptcase_change", odd.pk), {"note": "Fatto."}).status_code == 302
    assert client.post(url("receiptcase_change", odd.pk), {"note": "Di nuovo."}).status_code == 403


def test_a_refund_is_asked_approved_by_another_and_followed_to_the_end(odd, pisa):
    asker, other = desk(pisa, name="Paola"), desk(pisa, Role.ADMINISTRATOR, name="Bruno")
    assert asker.get(url("receiptcase_refund", odd.pk)).status_code == 200
    assert asker.post(url("receiptcase_refund", odd.pk), ASKED).status_code == 302
    refund = Refund.objects.get()
    assert refund.amount_cents == 4800
    own = asker.get(url("refund_change", refund.pk)).content.decode()
    assert "lo approva un&#x27;altra persona" in own or "lo approva un'altra persona" in own
    assert url("refund_action", refund.pk, "approve") not in own
    assert asker.post(url("refund_action", refund.pk, "approve")).status_code == 403
    assert other.get(url("refund_action", refund.pk, "approve")).status_code == 200
    refund.refresh_from_db()
    assert refund.state == RefundState.REQUESTED, "opening the page changes nothing"
    assert other.post(url("refund_action", refund.pk, "approve")).status_code == 302
    assert other.post(url("refund_action", refund.pk, "order"), {"reference": "1"}).status_code == 403
    assert asker.post(url("refund_action", refund.pk, "order"), {"reference": "812/2026"}).status_code == 302
    assert asker.post(url("refund_action", refund.pk, "confirm"), {"reference": "CRO 9"}).status_code == 302
    refund.refresh_from_db()
    assert (refund.state, refund.outcome_reference) == (RefundState.DONE, "CRO 9")
    done = asker.get(url("refund_change", refund.pk)).content.decode()
    assert "CRO 9" in done
    assert "azione/" not in done


def test_the_list_of_refunds_hides_the_account(odd, pisa):
    client = desk(pisa)
    client.post(url("receiptcase_refund", odd.pk), ASKED)
    for page in (url("refund_changelist"), url("receiptcase_change", odd.pk)):
        shown = client.get(page).content.decode()
        assert IBAN not in shown
        assert "IT ···· 3456" in shown


@pytest.mark.parametrize(
    "wrong",
    [{"iban": "IT00"}, {"iban": ""}, {"euro": "0"}, {"euro": "-1"}, {"euro": "48,001"}, {"euro": "abc"},
     {"euro": "48,01"}, {"euro": "99999999999999"}, {"beneficiary_name": ""}, {"reason": ""},
     {"beneficiary_name": "x" * 141}],
)  # fmt: skip
def test_a_wrong_request_stays_on_the_page_with_the_reason(odd, wrong):
    response = desk(odd.entity).post(url("receiptcase_refund", odd.pk), ASKED | wrong)
    assert response.status_code == 422
    assert "error-summary" in response.content.decode()
    assert not Refund.objects.exists()


def test_an_unknown_step_or_a_stale_one_is_refused(odd, pisa):
    client = desk(pisa)
    client.post(url("receiptcase_refund", odd.pk), ASKED)
    refund = Refund.objects.get()
    assert client.post(url("refund_action", refund.pk, "delete")).status_code == 404
    response = client.post(url("refund_action", refund.pk, "confirm"), {"reference": "1"})
    assert response.status_code == 422
    assert "stato è cambiato" in response.content.decode()


def test_refunds_of_another_body_are_invisible(odd, pisa, firenze):
    desk(pisa).post(url("receiptcase_refund", odd.pk), ASKED)
    refund, stranger = Refund.objects.get(), desk(firenze)
    assert not stranger.get(url("refund_changelist")).context["cl"].queryset
    for address in (
        url("refund_change", refund.pk), url("refund_action", refund.pk, "approve"),
        url("receiptcase_refund", odd.pk), url("receiptcase_change", odd.pk),
    ):  # fmt: skip
        assert stranger.get(address).status_code == 404
        assert stranger.post(address, ASKED).status_code == 404
    refund.refresh_from_db()
    assert refund.state == RefundState.REQUESTED


def test_an_administrator_does_not_ask_for_refunds_and_an_officer_sees_none(odd, pisa):
    assert desk(pisa, Role.ADMINISTRATOR).get(url("receiptcase_refund", odd.pk)).status_code == 403
    assert desk(pisa, Role.OFFICER).get(url("receiptcase_refund", odd.pk)).status_code == 403


def test_a_receipt_without_anomalies_may_be_refunded_too(notice, pisa):
    post(send(Receipt(notice.nav)))
    case = ReceiptCase.objects.get()
    assert case.state == CaseState.MATCHED
    page = desk(pisa).get(url("receiptcase_change", case.pk)).content.decode()
    assert "non c'è niente da verificare" in page.replace("&#x27;", "'")
    assert desk(pisa, name="Carla").post(url("receiptcase_refund", case.pk), ASKED).status_code == 302
