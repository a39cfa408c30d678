"""The fee of the SEND platform: put on the position when it is known, so that whoever asks finds it in the amount."""

from django.db import transaction
from django.db.models import F

from payments.domain.drafts import ShareDraft
from payments.domain.states import OPEN, State
from payments.fines import conf, events
from payments.fines.domain.stages import OWN_NUMBERS
from payments.fines.models import Fine
from payments.models import DatedAmount, Instalment, Notice, Transfer
from payments.providers.files import enqueue_changed
from payments.services.numbers import debt_kind
from payments.services.positions import transfer_row
from portal.audit.actor import Actor
from portal.billing.models import Charge
from portal.billing.services import charge_item_priced
from portal.billing.socket import ChargeLineDraft
from portal.kernel.errors import DomainError

MOST_CENTS = 100_000
SEND = "Costo di notifica SEND"


@transaction.atomic
def fine_send_fee(*, fine_id: int, cents: int, actor: Actor) -> Fine:
    """Set what serving the act by SEND costs: it is owed whole in every amount. Raises DomainError when it is too late.

    A notice already printed says the old amount: the next one asked for is printed anew.
    """
    if not 0 <= cents <= MOST_CENTS:
        raise DomainError("send_fee", "Il costo di notifica va da zero a 1.000,00 euro.")
    charge_id = Fine.objects.values_list("position__charge", flat=True).get(pk=fine_id)
    Charge.objects.select_for_update(of=("self",)).get(pk=charge_id)
    fine = Fine.objects.select_for_update(of=("self",)).select_related("position").get(pk=fine_id)
    if fine.position.state not in OPEN:
        raise DomainError("fine_closed", "La multa non è più da pagare: il costo di notifica non si cambia.")
    if fine.stage not in OWN_NUMBERS or fine.position.state != State.PUBLISHED:
        raise DomainError(
            "fine_asked_otherwise",
            "Al posto degli importi del verbale ci sono già delle rate o una somma decisa: il costo di notifica non si "
            "cambia più. Se nessuna rata è pagata, ritira prima la rateazione.",
        )
    change = cents - fine.send_fee_cents
    before, fine.send_fee_cents = fine.send_fee_cents, cents
    if not change:
        return fine
    fine.save(update_fields=["send_fee_cents"])
    charge_item_priced(charge_id=charge_id, item=ChargeLineDraft("send", SEND, cents, conf.COSTS_KIND))
    own = Instalment.objects.filter(option__position=fine.position_id, option__added_at=None, paid_at=None)
    for row in own.select_related("creditor__entity"):
        _reprice(row, change)
    Notice.objects.filter(position=fine.position_id).delete()
    enqueue_changed(position_ids=[fine.position_id])
    events.send_fee_set(fine, before=before, actor=actor)
    return fine


def _reprice(row: Instalment, change: int) -> None:
    """The costs of a number grow or shrink, the sanction stays; so do the amounts that follow."""
    costs = Transfer.objects.filter(instalment=row, debt_kind__code=conf.COSTS_KIND)
    if not costs.exists():
        kind = debt_kind(entity_id=row.entity_id, code=conf.COSTS_KIND)
        transfer_row(row, ShareDraft(kind.code, change), kind, seq=2, creditor=row.creditor).save()
    elif costs.filter(amount_cents=-change).exists():
        costs.delete()
    else:
        costs.update(amount_cents=F("amount_cents") + change)
    row.amount_cents += change
    row.save(update_fields=["amount_cents"])
    DatedAmount.objects.filter(instalment=row).update(cents=F("cents") + change)
