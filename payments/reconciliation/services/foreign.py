"""A transfer from abroad for a fine: recorded as a payment outside pagoPA and tied to the credit that brought it."""

from django.db import transaction
from django.utils.translation import gettext as _

from payments.domain.outside import How
from payments.domain.outside import State as OutsideState
from payments.fines.models import Fine
from payments.models import OutsidePayment
from payments.reconciliation import decision_events as events
from payments.reconciliation.models import OutsideCredit, PullSource, TreasuryMovement
from payments.reconciliation.selectors.desk import suggestion_threshold
from payments.reconciliation.services.books import reconcile_and_book
from payments.reconciliation.services.cursors import cursor_locked
from payments.reconciliation.services.people import accountant_needed
from payments.reconciliation.services.shares import HELD, free_cents
from payments.services.outside import Arrived, outside_record
from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from portal.kernel.money import euro


class NothingToRecord(DomainError):
    """The credit, or the fine, is not there for this."""


@transaction.atomic
def outside_from_credit(
    *, entity: Entity, movement_id: int, fine_id: int, cents: int, user_id: int, actor: Actor
) -> OutsideCredit:
    """Record that a credit of the treasury paid a fine, wholly or in part; a second person confirms it where every
    payment outside pagoPA is confirmed, and from then on the credit is explained. Raises DomainError.
    """
    accountant_needed(entity, user_id)
    cursor_locked(entity=entity, source=PullSource.MATCHING)
    fine = Fine.objects.filter(entity=entity, pk=fine_id).first()
    if fine is None:
        raise NothingToRecord("foreign_unknown", _("Il verbale non è di questo ente."))
    movement = _credit(entity, movement_id, cents)
    arrived = Arrived(
        credited_on=movement.booked_on,
        cents=cents,
        how=How.TRANSFER,
        reference=(movement.operation_reference or movement.end_to_end or movement.document_number)[:35],
        note=_("Provvisorio %(number)s/%(year)s") % {"number": movement.document_number, "year": movement.year},
    )
    row = OutsideCredit.objects.create(
        entity=entity,
        movement=movement,
        outside=outside_record(position_id=fine.position_id, arrived=arrived, actor=actor),
        reference=fine.reference,
        made_by_id=user_id,
        made_at=clock.now(),
    )
    events.outside_credited(credit=row, actor=actor)
    return row


@transaction.atomic
def outside_link(*, entity: Entity, outside_id: int, movement_id: int, user_id: int, actor: Actor) -> OutsideCredit:
    """Say which credit of the treasury brought a payment outside pagoPA that was recorded without it: from then on, if
    two persons stand behind the payment, the credit is explained and the books have the money. Beyond the threshold of
    the body not who recorded it. Raises DomainError.
    """
    accountant_needed(entity, user_id)
    cursor_locked(entity=entity, source=PullSource.MATCHING)
    rows = OutsidePayment.objects.select_for_update(of=("self",)).filter(entity=entity, reverses=None, state__in=HELD)
    paid = rows.filter(pk=outside_id).first()
    if paid is None or OutsideCredit.objects.filter(outside=outside_id).exists():
        raise NothingToRecord("outside_linked", _("Questo pagamento ha già il suo accredito, o non vale più."))
    if paid.requested_by_id == user_id and paid.amount_cents > suggestion_threshold(entity.pk, on=clock.today()):
        raise NothingToRecord(
            "outside_second_person",
            _("Per questo importo l'accredito lo dice una persona diversa da chi ha registrato."),
        )
    fine = Fine.objects.filter(entity=entity, position=paid.position_id).first()
    row = OutsideCredit.objects.create(
        entity=entity, movement=_credit(entity, movement_id, paid.amount_cents), outside=paid,
        reference=fine.reference if fine else "", made_by_id=user_id, made_at=clock.now(),
    )  # fmt: skip
    events.outside_credited(credit=row, actor=actor)
    if paid.state == OutsideState.CONFIRMED:
        reconcile_and_book(entity=entity, actor=actor, full=True)
    return row


def _credit(entity: Entity, movement_id: int, cents: int) -> TreasuryMovement:
    """A credit that stands and has that much left. Raises NothingToRecord."""
    credits_ = TreasuryMovement.objects.filter(entity=entity, direction="ENTRATA", operation="ESEGUITO", counts=True)
    movement = credits_.exclude(reversals__live=True).filter(pk=movement_id).first()
    if movement is None:
        raise NothingToRecord("foreign_unknown", _("L'accredito non c'è più: è stornato, o conta un altro documento."))
    free = free_cents([movement])[movement.pk]
    if not 1 <= cents <= free:
        raise NothingToRecord(
            "foreign_cents", _("Di questo accredito restano da attribuire %(left)s.") % {"left": euro(free)}
        )
    return movement
