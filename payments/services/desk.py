"""What the accountants decide on a position."""

from django.db import transaction

from payments.models import Position
from payments.services.positions import position_resume, position_suspend
from portal.audit.actor import Actor
from portal.billing.models import Charge
from portal.billing.services import cancel_charge
from portal.kernel.errors import DomainError

# Charges whose life is decided elsewhere, by how their source begins, and where.
CANCELLED_ELSEWHERE = {
    "case:": "Questa somma è stata chiesta da una pratica: si annulla dalla pratica, che altrimenti resterebbe ferma.",
    "fine:": "Questa posizione è di un verbale: si annulla dal verbale.",
}
SUSPENDED_ELSEWHERE = {"fine:": "Questa posizione è di un verbale: ricorsi e rateazioni si registrano nel verbale."}
RESUMED_ELSEWHERE = {"fine:": "Questa posizione è di un verbale: la sospensione si toglie dal verbale."}


@transaction.atomic
def position_withdraw(*, position_id: int, reason: str, actor: Actor) -> Position:
    """Cancel a position nobody has paid, with the reason. Raises DomainError, MoveNotAllowed."""
    if not reason.strip():
        raise DomainError("reason_missing", "Scrivi perché la posizione è annullata: il motivo resta agli atti.")
    position = Position.objects.select_related("charge").get(pk=position_id)
    _refuse_elsewhere(position.charge, CANCELLED_ELSEWHERE)
    cancel_charge(charge_id=position.charge_id, actor=actor)
    position.refresh_from_db()
    position.cancellation = reason.strip()[:140]
    position.save(update_fields=["cancellation"])
    return position


def position_stop(*, position_id: int, reason: str, actor: Actor) -> Position:
    """Let nobody pay a position until it is reopened. Raises DomainError for one that others suspend."""
    _refuse_elsewhere(Charge.objects.get(position=position_id), SUSPENDED_ELSEWHERE)
    return position_suspend(position_id=position_id, reason=reason, actor=actor)


def position_reopen(*, position_id: int, actor: Actor) -> Position:
    """Let a suspended position be paid again. Raises DomainError for one that others suspended."""
    _refuse_elsewhere(Charge.objects.get(position=position_id), RESUMED_ELSEWHERE)
    return position_resume(position_id=position_id, actor=actor)


def _refuse_elsewhere(charge: Charge, sentences: dict[str, str]) -> None:
    for start, sentence in sentences.items():
        if charge.source.startswith(start):
            raise DomainError("decided_elsewhere", sentence)
