"""Transfers for fines of foreign plates: credits that pagoPA does not explain and whose text names an act of ours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from payments.domain.outside import State as OutsideState
from payments.domain.states import OPEN
from payments.fines.models import Fine
from payments.models import Instalment
from payments.reconciliation.domain.amounts import in_field
from payments.reconciliation.domain.creditor_references import plates_in, references_in
from payments.reconciliation.domain.outcomes import Code
from payments.reconciliation.models import OutsideCredit, TreasuryMovement
from payments.reconciliation.selectors.outcomes import standing
from payments.reconciliation.services.shares import free_cents

MOST = 200
_UNEXPLAINED = [Code.TREASURY_NOT_PAGOPA, Code.TREASURY_WITHOUT_FLOW]
_MENTION = r"\mRF ?[0-9]{2}"


@dataclass(frozen=True, slots=True)
class ForeignTransfer:
    """A credit and the act that it names. `exact` when it is what was due on its day, to the cent."""

    movement: TreasuryMovement
    fine: Fine
    free_cents: int
    due: Sequence[int]
    by_plate: bool = False

    @property
    def exact(self) -> bool:
        """Whether it settles the act by itself."""
        return self.free_cents in self.due

    @property
    def proposed(self) -> str:
        """The amount as its field has it."""
        return in_field(self.free_cents)


def foreign_transfers(entity_ids: Sequence[int]) -> list[ForeignTransfer]:
    """Credits that wait to be recorded, the latest first; a fixed number of statements.

    By the reference printed on the act; by the plate only when the amount is what was due on that day.
    """
    unexplained = _unexplained(entity_ids)
    named = list(unexplained.filter(remittance__iregex=_MENTION)[:MOST])
    found = _by_reference(entity_ids, named)
    rest = list(unexplained.exclude(pk__in=list(found))[:MOST])
    guessed = _by_plate(entity_ids, rest)
    found |= guessed
    movements = list({row.pk: row for row in [*named, *rest] if row.pk in found}.values())
    due, free = _due(found.values()), free_cents(movements)
    rows = [
        ForeignTransfer(row, fine, free[row.pk], _on(due.get(fine.position_id, []), row), row.pk in guessed)
        for row in movements
        for fine in [found[row.pk]]
        if free[row.pk] > 0
    ]
    return [row for row in rows if not row.by_plate or row.exact]


def recorded_transfers(entity_ids: Sequence[int]) -> QuerySet[OutsideCredit]:
    """Those recorded that still wait for a second person, and the last ones that were confirmed."""
    rows = OutsideCredit.objects.filter(
        entity_id__in=entity_ids, outside__state__in=[OutsideState.REQUESTED, OutsideState.CONFIRMED]
    )
    related = ("movement", "outside__position__fine", "outside__requested_by", "outside__decided_by")
    return rows.select_related(*related).order_by("outside__decided_at", "-pk")


def _unexplained(entity_ids: Sequence[int]) -> QuerySet[TreasuryMovement]:
    said = standing(entity_ids).filter(code__in=_UNEXPLAINED, movement__isnull=False).order_by()
    return TreasuryMovement.objects.filter(pk__in=said.values("movement"), direction="ENTRATA").order_by(
        "-booked_on", "-pk"
    )


def _by_reference(entity_ids: Sequence[int], movements: Iterable[TreasuryMovement]) -> dict[int, Fine]:
    said = {row.pk: (row.entity_id, references_in(row.remittance)) for row in movements}
    wanted = {reference for _entity, references in said.values() for reference in references}
    fines = _fines(entity_ids).filter(reference__in=wanted)
    ours = {(fine.entity_id, fine.reference): fine for fine in fines}
    found = {}
    for key, (entity_id, references) in said.items():
        fine = next((ours[entity_id, each] for each in references if (entity_id, each) in ours), None)
        if fine is not None:
            found[key] = fine
    return found


def _by_plate(entity_ids: Sequence[int], movements: Iterable[TreasuryMovement]) -> dict[int, Fine]:
    """A plate with several open acts says nothing of which one is paid: those are left to persons."""
    said = {row.pk: (row.entity_id, plates_in(row.remittance)) for row in movements}
    wanted = {plate for _entity, plates in said.values() for plate in plates}
    ours: dict[tuple[int, str], list[Fine]] = {}
    for fine in _fines(entity_ids).filter(plate__in=wanted):
        ours.setdefault((fine.entity_id, fine.plate), []).append(fine)
    found = {}
    for key, (entity_id, plates) in said.items():
        acts = [fine for plate in plates for fine in ours.get((entity_id, plate), [])]
        if len(acts) == 1:
            found[key] = acts[0]
    return found


def _fines(entity_ids: Sequence[int]) -> QuerySet[Fine]:
    """Acts of foreign plates that still wait for their money."""
    rows = Fine.objects.filter(entity_id__in=entity_ids, position__state__in=OPEN).exclude(reference="")
    return rows.select_related("position")


def _due(fines: Iterable[Fine]) -> Mapping[int, list[Instalment]]:
    rows = Instalment.objects.filter(
        option__position__in=[fine.position_id for fine in fines], option__withdrawn_at=None, paid_at=None
    )
    due: dict[int, list[Instalment]] = {}
    for row in rows.select_related("option").prefetch_related("dated_amounts"):
        due.setdefault(row.option.position_id, []).append(row)
    return due


def _on(instalments: Iterable[Instalment], movement: TreasuryMovement) -> list[int]:
    """What was due on the day of the credit."""
    return sorted({row.cents_on(movement.booked_on) for row in instalments})
