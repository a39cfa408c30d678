"""The day an act was served: from it come the two due dates and the amount after the sixtieth day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from payments.domain.judgement import Anomaly
from payments.events import receipt_judged
from payments.fines import events
from payments.fines.domain.amounts import amounts
from payments.fines.domain.drafts import LATE_RULE
from payments.fines.domain.rows import wrong_service
from payments.fines.domain.stages import OWN_NUMBERS, ServedHow, Stage
from payments.fines.domain.terms import Terms, terms
from payments.fines.law import law
from payments.fines.models import Fine
from payments.models import DatedAmount, Instalment, Position, ReceiptCase
from payments.models.receipts import CaseState
from payments.providers.files import enqueue_changed
from payments.services.receipts import paid_on
from portal import clock
from portal.audit.actor import Actor
from portal.billing.models import Charge
from portal.billing.services import charges_become_due
from portal.kernel.errors import DomainError


@dataclass(frozen=True, slots=True)
class ServedFine:
    """A fine and the day it was served."""

    fine_id: int
    served_on: date
    how: ServedHow | None


@transaction.atomic
def fine_serve(*, fine_id: int, served_on: date, how: ServedHow, actor: Actor) -> Fine:
    """Record, or put right, the day of service. Raises DomainError: a day that cannot be, a fine closed or paid."""
    fine = _open_fine(fine_id)
    wrong = wrong_service(served_on, violated_on=fine.violated_on, today=clock.today())
    if wrong:
        raise DomainError("served_on", wrong[0][1])
    if fine.served_on is not None and _is_paid(fine):
        raise DomainError("fine_paid", "La multa è già pagata: la data di notifica non si cambia più.")
    if fine.served_on is not None and fine.stage not in OWN_NUMBERS:
        raise DomainError(
            "fine_asked_otherwise",
            "Ci sono delle rate o una somma decisa che seguono dalla data di notifica: non si cambia più.",
        )
    before = fine.served_on
    acts_serve(entity_id=fine.entity_id, rows=[ServedFine(fine.pk, served_on, how)])
    fine.refresh_from_db(fields=["served_on", "served_how"])
    events.served(fine, before=before, actor=actor)
    return fine


def _open_fine(fine_id: int) -> Fine:
    _lock_charges([fine_id])
    fine = Fine.objects.select_for_update(of=("self",)).get(pk=fine_id)
    if fine.stage == Stage.CANCELLED:
        raise DomainError("fine_cancelled", "La multa è annullata.")
    return fine


def _lock_charges(fine_ids: Collection[int]) -> None:
    """As receipts, appeals and cancellations do, the charge is locked before the fine and what belongs to it."""
    charges = Fine.objects.filter(pk__in=fine_ids).values("position__charge")
    list(Charge.objects.select_for_update(of=("self",)).filter(pk__in=charges).order_by("pk").values_list("pk"))


def _is_paid(fine: Fine) -> bool:
    return Instalment.objects.filter(option__position=fine.position_id, paid_at__isnull=False).exists()


def acts_serve(*, entity_id: int, rows: Sequence[ServedFine]) -> None:
    """Write days of service, in the caller's transaction; an instalment already paid keeps what it said, and when that
    turns out to be too little for the day it was paid its receipt goes to the office's queue.

    Each statement is for all rows: a file has tens of thousands. The caller records the event.
    """
    by_id = {row.fine_id: row for row in rows}
    _lock_charges(by_id)
    fines = list(Fine.objects.select_for_update(of=("self",)).filter(entity_id=entity_id, pk__in=by_id))
    due = {}
    for fine in fines:
        row = by_id[fine.pk]
        fine.served_on, fine.served_how = row.served_on, row.how or ""
        due[fine.position_id] = terms(row.served_on, law=law(), on=fine.violated_on)
    Fine.objects.bulk_update(fines, ["served_on", "served_how"], batch_size=2000)
    _instalments_become_due(fines, due)
    _paid_too_little(fines, due)
    of_charge = Fine.objects.filter(pk__in=by_id, stage__in=sorted(OWN_NUMBERS)).values_list(
        "position__charge", "position"
    )
    charges_become_due(due={charge: due[position].reduced_until for charge, position in of_charge})
    enqueue_changed(position_ids=due)


def terms_after_taken_back(position: Position) -> None:
    """A number that was paid when the day of service came in kept what it said: open again, it has its term too."""
    fine = Fine.objects.filter(position=position).exclude(served_on=None).first()
    if fine is not None and fine.served_on is not None:
        how = ServedHow(fine.served_how) if fine.served_how else None
        acts_serve(entity_id=fine.entity_id, rows=[ServedFine(fine.pk, fine.served_on, how)])


def _instalments_become_due(fines: Sequence[Fine], due: dict[int, Terms]) -> None:
    """The discounted number ends on the fifth day, the reduced one on the sixtieth; from then on it costs more."""
    sanctions = {fine.position_id: (fine.sanction, fine.violated_on) for fine in fines}
    rows = list(
        Instalment.objects.select_for_update(of=("self",))
        .filter(option__position__in=due, option__added_at=None, paid_at__isnull=True)
        .select_related("option")
    )
    dated = []
    for row in rows:
        position = row.option.position_id
        if row.option.refused_after_due:
            row.due_on = due[position].discounted_until
            continue
        row.due_on = due[position].reduced_until
        sanction, violated_on = sanctions[position]
        late = amounts(sanction, law=law(), on=violated_on).late
        dated.append(
            DatedAmount(
                entity_id=row.entity_id, instalment=row, valid_from=due[position].late_from, cents=late, rule=LATE_RULE
            )
        )
    Instalment.objects.bulk_update(rows, ["due_on"], batch_size=2000)
    DatedAmount.objects.filter(instalment__in=[row.instalment_id for row in dated]).delete()
    DatedAmount.objects.bulk_create(dated)


def _paid_too_little(fines: Sequence[Fine], due: dict[int, Terms]) -> None:
    """Who paid while nobody knew the day of service may have paid the amount of a term already over."""
    late = {fine.position_id: amounts(fine.sanction, law=law(), on=fine.violated_on).late for fine in fines}
    cases = ReceiptCase.objects.select_for_update(of=("self",)).filter(
        settles=True, instalment__option__position__in=due, instalment__option__added_at=None
    )
    for case in cases.select_related("receipt", "instalment__option").defer("receipt__raw"):
        assert case.instalment is not None
        option, on = case.instalment.option, paid_on(case.receipt)
        terms_then = due[option.position_id]
        last = terms_then.discounted_until if option.refused_after_due else terms_then.reduced_until
        enough = not option.refused_after_due and case.receipt.amount_cents >= late[option.position_id]
        if on <= last or enough or Anomaly.LATE in case.anomalies:
            continue
        case.anomalies, case.state = [*case.anomalies, Anomaly.LATE.value], CaseState.TO_REVIEW
        case.save(update_fields=["anomalies", "state"])
        receipt_judged(case)
