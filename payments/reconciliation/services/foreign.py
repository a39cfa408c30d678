"""A transfer from abroad for a fine: recorded as a payment outside pagoPA and tied to the credit that brought it."""

from django.db import transaction
from django.utils.translation import gettext as _

from payments.domain.outside import How
from payments.fines.models import Fine
from payments.reconciliation import decision_events as events
from payments.reconciliation.models import OutsideCredit, PullSource, TreasuryMovement
from payments.reconciliation.services.cursors import cursor_locked
from payments.reconciliation.services.people import accountant_needed
from payments.reconciliation.services.shares import free_cents
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
    credits_ = TreasuryMovement.objects.filter(entity=entity, direction="ENTRATA", operation="ESEGUITO", counts=True)
    movement = credits_.exclude(reversals__live=True).filter(pk=movement_id).first()
    fine = Fine.objects.filter(entity=entity, pk=fine_id).first()
    if movement is None or fine is None:
        raise NothingToRecord("foreign_unknown", _("L'accredito non c'è più, o il verbale non è di questo ente."))
    free = free_cents([movement])[movement.pk]
    if not 1 <= cents <= free:
        raise NothingToRecord(
            "foreign_cents", _("Di questo accredito restano da attribuire %(left)s.") % {"left": euro(free)}
        )
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
