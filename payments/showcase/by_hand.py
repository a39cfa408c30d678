"""What the accountant decided by hand before the demonstration began: one of each, waiting for whoever looks."""

from collections.abc import Iterator

from payments.domain.outside import How
from payments.fines.models import Fine
from payments.fines.seeds import BY_SILENT_TRANSFER, BY_TRANSFER
from payments.models import Receipt, ReceiptCase
from payments.reconciliation.models import FlowLine, ReportingFlow, TreasuryMovement
from payments.reconciliation.services.books import reconcile_and_book
from payments.reconciliation.services.duplicates import Paid, duplicate_mark
from payments.reconciliation.services.foreign import outside_from_credit
from payments.reconciliation.services.linking import Piece, link_by_hand
from payments.reconciliation.services.receipt_requests import receipt_ask
from payments.sandbox.treasurer import Credit
from payments.services.outside import Arrived, outside_record
from payments.services.refunds import refund_request
from payments.showcase.stories import ACCOUNTANT, ACTOR, STRANGERS_ACCOUNT
from portal.accounts.events import actor_for
from portal.accounts.models import User
from portal.entities.models import Entity

# A fine in time: the minimum and the costs.
FINE_CENTS = 5_850
DOUBLE_CENTS = 6_400
SILENT = "UEBERWEISUNG STRAFZETTEL ITALIEN"


def from_abroad(entity: Entity) -> Iterator[tuple[int, Credit]]:
    """Credits for fines of foreign plates, and how many working days ago they came."""
    for number, days, name in ((BY_TRANSFER, 4, "ANNA SCHMIDT"), (BY_SILENT_TRANSFER, 3, "PIOTR NOWAK")):
        fine = Fine.objects.filter(entity=entity, number=number).first()
        if fine is not None:
            text = f"STRAFE {fine.reference}" if number == BY_TRANSFER else SILENT
            yield days, Credit(FINE_CENTS, text, f"TRNESTERO{number}", name)


def decided(entity: Entity) -> None:
    """A link above the threshold, a double with its refund, a receipt asked for, two transfers from abroad."""
    reconcile_and_book(entity=entity, actor=ACTOR)
    user = User.objects.get(username=ACCOUNTANT)
    _linked(entity, user)
    _doubled(entity, user)
    # Of the receipts that never came, the last is the one that pagoPA does not have either.
    line = FlowLine.objects.filter(entity=entity).exclude(matches__kind="line_receipt").latest("pk")
    receipt_ask(entity=entity, line_id=line.pk, user_id=user.pk, actor=actor_for(user))
    _recorded(entity, user)


def _linked(entity: Entity, user: User) -> None:
    """A credit that names nobody, given to the flow of the same days: it waits for a second person."""
    credit = TreasuryMovement.objects.get(entity=entity, customer="TESORERIA")
    flow = ReportingFlow.objects.get(entity=entity, declared_cents=credit.cents)
    link_by_hand(
        entity=entity,
        pieces=[Piece(credit.pk, credit.cents, flow_id=flow.pk)],
        reason="La banca dice al telefono che è il riversamento di quel giorno.",
        user_id=user.pk,
        actor=actor_for(user),
    )


def _doubled(entity: Entity, user: User) -> None:
    """The same access asked for twice, and paid twice."""
    first, second = Receipt.objects.filter(entity=entity, amount_cents=DOUBLE_CENTS).order_by("paid_at", "pk")
    reason = "Lo stesso accesso è stato chiesto due volte, con due posizioni."
    actor = actor_for(user)
    duplicate_mark(entity=entity, payment=Paid(second.pk), first=first.nav, reason=reason, user_id=user.pk, actor=actor)
    case = ReceiptCase.objects.get(receipt=second)
    refund_request(
        case_id=case.pk, cents=DOUBLE_CENTS, beneficiary_name="Chiara Pardini", iban=STRANGERS_ACCOUNT, reason=reason,
        actor=actor,
    )  # fmt: skip


def _recorded(entity: Entity, user: User) -> None:
    """One transfer recorded from its credit, which names the act; one recorded without saying which credit it was."""
    actor = actor_for(user)
    fines = {row.number: row for row in Fine.objects.filter(entity=entity)}
    credits_ = {row.operation_reference: row for row in TreasuryMovement.objects.filter(cents=FINE_CENTS)}
    if BY_TRANSFER not in fines:
        return
    outside_from_credit(
        entity=entity, movement_id=credits_[f"TRNESTERO{BY_TRANSFER}"].pk, fine_id=fines[BY_TRANSFER].pk,
        cents=FINE_CENTS, user_id=user.pk, actor=actor,
    )  # fmt: skip
    silent = credits_[f"TRNESTERO{BY_SILENT_TRANSFER}"]
    arrived = Arrived(silent.booked_on, FINE_CENTS, How.TRANSFER, silent.operation_reference)
    outside_record(position_id=fines[BY_SILENT_TRANSFER].position_id, arrived=arrived, actor=actor)
