"""What follows from a payment, and from what the office tells other systems."""

from django_scopes import scopes_disabled

from payments.fines.models import Fine
from payments.fines.services.notices import notice_prepare
from payments.fines.services.stages import plan_settled
from portal import clock
from portal.audit.actor import Actor
from portal.kernel.errors import DomainError


def fine_settled(*, charge_id: int) -> None:
    """A fine was paid: a plan is over, and the text for who paid is prepared. A second call changes nothing."""
    with scopes_disabled():
        plan_settled(charge_id=charge_id)
        fine = Fine.objects.get(position__charge=charge_id)
    notice_prepare(fine_id=fine.pk, entity_id=fine.entity_id, code="pagamento_ricevuto", on=clock.today())


def points_sent(*, fine_id: int, actor: Actor) -> None:
    """The office has told the national register which points to take: prepare the text. Raises DomainError."""
    fine = Fine.objects.get(pk=fine_id)
    if not notice_prepare(fine_id=fine.pk, entity_id=fine.entity_id, code="punti_comunicati", on=clock.today()):
        raise DomainError("points_not_told", "Il messaggio sui punti c'è già, oppure la multa è sospesa o annullata.")
