"""Two hands on one case in the same instant: exactly one wins, and money always leaves a trace."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django_scopes import scope

from payments.models import Instalment, Position, ReceiptCase
from payments.models.receipts import CaseState
from payments.seeds import seed
from portal import clock
from portal.audit.actor import Actor
from portal.billing.domain.states import State as ChargeState
from portal.billing.models import Charge
from portal.billing.services import charge_settled
from portal.billing.socket import ChargeLineDraft
from portal.cases.domain.states import State
from portal.cases.models import Attachment, Case, Draft
from portal.cases.services.applicant import case_withdraw
from portal.cases.services.desk import case_approve, case_archive, case_take
from portal.cases.services.drafts import draft_attach, draft_open
from portal.cases.services.submission import case_submit
from portal.documents.domain.uploads import UploadRules
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from portal.outbox import services as outbox
from portal.outbox.models import OutboxMessage
from portal.people.acting import Acting
from portal.registry.models import ProtocolEntry
from tests.exceptional_transport.pages import pdf
from tests.factories import platform as make
from tests.payments import node_messages as node

pytestmark = pytest.mark.django_db(transaction=True)
DESK = Actor(label="Paolo Conti")
COSTS = [ChargeLineDraft("bollo", "Imposta di bollo", 4800, "TE_BOLLO")]


@pytest.fixture
def pisa() -> Entity:
    make.confirm_terms()
    make.trial_service()
    entity = make.make_entity("PI", fiscal_code="80000410508", name="Provincia di Pisa")
    seed()
    return entity


@pytest.fixture
def giulia() -> Acting:
    return Acting(make.make_person())


def together(*hands: Callable[[], Any]) -> list[str]:
    """Run all at once, each in a thread with its own connection: the code of the refusal, or "done"."""
    barrier = Barrier(len(hands), timeout=20)

    def run(hand: Callable[[], Any]) -> str:
        try:
            barrier.wait()
            hand()
        except DomainError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(hands)) as pool:
        return [done.result(timeout=60) for done in [pool.submit(run, hand) for hand in hands]]


def in_scope(entity: Entity, hand: Callable[[], Any]) -> Callable[[], Any]:
    def run() -> Any:
        with scope(entity=entity):
            return hand()

    return run


def due_case(entity: Entity, acting: Acting) -> tuple[Case, Charge]:
    """A case approved, whose charge waits to be paid."""
    case = make.make_case(entity, acting)
    make.trial_service().lines = COSTS
    with scope(entity=entity):
        case_take(case_id=case.pk, user=make.make_staff(entity), actor=DESK)
        case_approve(case_id=case.pk, prescriptions=[], due_on=None, actor=DESK)
        return case, Charge.objects.get(source=case.source)


def receipt_for(charge: Charge) -> str:
    with scope(entity=charge.entity):
        rows = tuple(
            (row.seq, f"{row.amount_cents / 100:.2f}", charge.entity.fiscal_code, row.iban)
            for row in Instalment.objects.get(nav=charge.notice_number).transfers.all()
        )
    return node.send(node.Receipt(charge.notice_number, amount="48.00", transfers=rows))


def test_an_application_sent_twice_at_once_is_one_case(pisa: Entity, giulia: Acting):
    draft = draft_open(acting=giulia, service=make.SERVICE)
    created: list[Case] = []

    def send() -> None:
        case_submit(
            draft_id=draft.pk, acting=giulia, entity=pisa, title="Prova", snapshot={}, on_created=created.append
        )

    assert together(send, send, send) == ["done"] * 3
    assert len(created) == 1
    with scope(entity=pisa):
        assert Case.objects.count() == ProtocolEntry.objects.count() == 1


def test_a_file_added_while_the_application_leaves_is_on_the_case_or_refused(pisa: Entity, giulia: Acting):
    for _attempt in range(4):
        draft = draft_open(acting=giulia, service=make.SERVICE)

        def send(draft: Draft = draft) -> None:
            case_submit(
                draft_id=draft.pk, acting=giulia, entity=pisa, title="Prova", snapshot={}, on_created=lambda case: None
            )

        def attach(draft: Draft = draft) -> None:
            draft_attach(draft=draft, field="carta", label="Carta", upload=pdf(), rules=UploadRules())

        sent, attached = together(send, attach)
        assert sent == "done"
        assert attached in {"done", "already_submitted"}
        with scope(entity=pisa):
            assert Attachment.objects.filter(case__uuid=draft.uuid).count() == (attached == "done")


def test_of_two_officers_one_takes_the_case_and_the_other_is_told(pisa: Entity, giulia: Acting):
    case = make.make_case(pisa, giulia)
    first, second = make.make_staff(pisa), make.make_staff(pisa, name="Anna")
    hands = [
        in_scope(pisa, partial(case_take, case_id=case.pk, user=user, actor=Actor(str(user), user.pk)))
        for user in (first, second)
    ]
    outcome = together(*hands)
    assert sorted(outcome) == ["done", "move_not_allowed"]
    with scope(entity=pisa):
        assert Case.objects.get().assignee == (first, second)[outcome.index("done")]


@pytest.mark.parametrize("attempt", range(4))
def test_a_receipt_against_a_withdrawal_one_wins_and_the_money_leaves_a_trace(
    pisa: Entity, giulia: Acting, attempt: int
):
    case, charge = due_case(pisa, giulia)
    message = receipt_for(charge)
    withdrawn, paid = together(
        in_scope(pisa, lambda: case_withdraw(case_id=case.pk, acting=giulia)), lambda: node.post(message)
    )
    assert paid == "done"
    with scope(entity=pisa):
        case.refresh_from_db()
        charge.refresh_from_db()
        receipt, position = ReceiptCase.objects.get(), Position.objects.get()
        if withdrawn == "done":
            assert (case.state, charge.state, position.state) == (State.WITHDRAWN, ChargeState.CANCELLED, "cancelled")
            assert (receipt.state, receipt.settles) == (CaseState.TO_REVIEW, False)  # the accountants give it back
        else:
            assert withdrawn in {"move_not_allowed", "charge_paid", "position_paid"}
            assert (charge.state, receipt.state) == (ChargeState.SETTLED, CaseState.MATCHED)
            assert case.state in {State.PAYMENT_DUE, State.READY_TO_ISSUE}
    outbox.carry_due()
    with scope(entity=pisa):
        case.refresh_from_db()
        assert case.state == (State.WITHDRAWN if withdrawn == "done" else State.READY_TO_ISSUE)


@pytest.mark.parametrize("closing", ["withdraw", "archive"])
def test_a_case_whose_charge_is_paid_cannot_be_closed_before_the_news_arrives(
    pisa: Entity, giulia: Acting, closing: str
):
    case, charge = due_case(pisa, giulia)
    with scope(entity=pisa):
        charge_settled(charge_id=charge.pk, receipt_reference="RT1", paid_at=clock.now())
        with pytest.raises(DomainError) as refusal:
            if closing == "withdraw":
                case_withdraw(case_id=case.pk, acting=giulia)
            else:
                case_archive(case_id=case.pk, reasons="Non ha pagato.", actor=DESK)
        assert refusal.value.code == "charge_paid"
        case.refresh_from_db()
        assert case.state == State.PAYMENT_DUE


def test_two_notices_of_one_receipt_at_once_settle_once(pisa: Entity, giulia: Acting):
    _case, charge = due_case(pisa, giulia)
    message = receipt_for(charge)
    assert together(lambda: node.post(message), lambda: node.post(message), lambda: node.post(message)) == ["done"] * 3
    assert OutboxMessage.objects.filter(key=f"settled:{charge.pk}").count() == 1
    with scope(entity=pisa):
        assert ReceiptCase.objects.get().state == CaseState.MATCHED


def test_the_news_of_a_payment_carried_twice_moves_the_case_once(pisa: Entity, giulia: Acting):
    case, charge = due_case(pisa, giulia)
    node.post(receipt_for(charge))
    news = OutboxMessage.objects.get(key=f"settled:{charge.pk}")
    assert together(lambda: outbox.carry_one(news), lambda: outbox.carry_one(news)) == ["done", "done"]
    outbox.carry_one(news)
    with scope(entity=pisa):
        case.refresh_from_db()
        assert case.state == State.READY_TO_ISSUE
        assert case.requests.count() == 0
