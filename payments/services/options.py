"""Other ways to pay an open position: they take the place of those it had, which cannot be paid any more."""

from django.db import transaction
from django_scopes import scope

from payments import events
from payments.domain.drafts import OptionDraft
from payments.domain.states import OPEN, State
from payments.models import Instalment, Notice, PaymentOption, Position, ProviderExport
from payments.providers import services as providers
from payments.services.numbers import issuing_link, numbers_reserve
from payments.services.positions import kinds_of, option_rows
from portal import clock
from portal.audit.actor import Actor
from portal.kernel.errors import DomainError
from portal.outbox import services as outbox


@transaction.atomic
def options_replace(*, position_id: int, draft: OptionDraft, actor: Actor) -> list[Instalment]:
    """Withdraw every way to pay that is in force and offer another one, with numbers of its own. The caller holds the
    lock of the charge. What was paid stays paid: `draft` asks only for what is left.

    Returns the new instalments. Raises DomainError when the position is no longer to be paid.
    """
    position = _open_position(position_id)
    now = clock.now()
    with scope(entity=position.entity_id):
        _may_change(position)
        withdrawn = _in_force(position)
        kinds = kinds_of(position.entity_id, [draft])
        link = position.link or issuing_link(entity_id=position.entity_id)
        numbers = iter(numbers_reserve(link=link, count=len(draft.instalments)))
        PaymentOption.objects.filter(pk__in=withdrawn).update(withdrawn_at=now)
        rows = option_rows(position, draft, numbers, kinds, added_at=now)
        events.options_changed(position, withdrawn=withdrawn, offered=[rows[0].option_id], actor=actor)
        _tell(position)
    return rows


@transaction.atomic
def options_restore(*, position_id: int, actor: Actor) -> None:
    """Take back what `options_replace` offered, and offer again what the position was opened with. The caller holds
    the lock of the charge. Raises DomainError when something was paid.
    """
    position = _open_position(position_id)
    with scope(entity=position.entity_id):
        if position.state != State.PUBLISHED:
            raise DomainError(
                "position_partly_paid", "Una parte è già stata pagata: non si torna agli avvisi di prima."
            )
        _may_change(position)
        withdrawn = _in_force(position)
        first = PaymentOption.objects.filter(position=position, added_at=None)
        offered = sorted(first.values_list("pk", flat=True))
        PaymentOption.objects.filter(pk__in=withdrawn).exclude(pk__in=offered).update(withdrawn_at=clock.now())
        first.update(withdrawn_at=None)
        events.options_changed(position, withdrawn=withdrawn, offered=offered, actor=actor)
        _tell(position)


def _open_position(position_id: int) -> Position:
    position = Position.objects.select_for_update(of=("self",)).select_related("link__creditor").get(pk=position_id)
    if position.state not in OPEN:
        raise DomainError("position_not_open", "La posizione non è più da pagare: i modi di pagare non si cambiano.")
    return position


def _in_force(position: Position) -> list[int]:
    rows = PaymentOption.objects.filter(position=position, withdrawn_at=None)
    return sorted(rows.values_list("pk", flat=True))


def _may_change(position: Position) -> None:
    """Who collects in our place takes no change once something was paid there: nobody could pay the new number."""
    elsewhere = ProviderExport.objects.filter(position=position).exclude(provider=ProviderExport.Provider.ACA)
    if position.state == State.PARTLY_PAID and elsewhere.exists():
        raise DomainError(
            "provider_keeps_it",
            "Una parte è già stata pagata presso l'intermediario che tiene gli avvisi, e lì non si cambiano più: "
            "chiedi all'intermediario di ritirare le rate rimaste.",
        )


def _tell(position: Position) -> None:
    """The old paper says numbers that nobody takes any more; the providers hold what is in force."""
    Notice.objects.filter(position=position).delete()
    outbox.send("payments.notice", {"position": position.pk}, entity_id=position.entity_id)
    providers.enqueue(position)
