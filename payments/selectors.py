"""Reads of payments that are worth a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django_scopes import scopes_disabled

from payments.domain.states import PAYABILITY_LABELS, SETTLED, Payability, State
from payments.models import Instalment, Position
from portal.billing.models import Charge, ChargeLine
from portal.documents.readers import staff_may_read
from portal.entities.models import Role, StaffRole

BOOK_READERS = frozenset({Role.ACCOUNTANT, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class PositionPage:
    """What the citizen's page shows of a position."""

    instalment: Instalment
    payability: Payability
    lines: list[ChargeLine]

    @property
    def can_be_paid(self) -> bool:
        """Whether "Paga adesso" makes sense now."""
        return self.payability is Payability.PAYABLE

    @property
    def is_settled(self) -> bool:
        """Whether there is a receipt to download."""
        return self.instalment.option.position.state in SETTLED

    @property
    def has_notice(self) -> bool:
        """A cancelled position's notice must not be paid: it is not offered any more."""
        return State(self.instalment.option.position.state) is not State.CANCELLED

    @property
    def label(self) -> str:
        """The state as people read it."""
        return PAYABILITY_LABELS[self.payability]


def reads_source(source: str, entity_id: int, roles: Sequence[StaffRole]) -> bool:
    """Whether roles open the papers of a position: the books' readers, and who works on what it pays for."""
    number = source.removeprefix("position:")
    position = Position.objects.filter(pk=number, entity_id=entity_id).select_related("charge").first()
    if position is None:
        return False
    if any(held.role in BOOK_READERS and held.entity_id == entity_id for held in roles):
        return True
    return staff_may_read(position.charge.source, entity_id=entity_id, roles=roles)


def position_page(charge: Charge, *, on: date) -> PositionPage | None:
    """The position of a charge that the caller may see; None when no position was made."""
    with scopes_disabled():
        instalment = (
            Instalment.objects.filter(option__position__charge=charge)
            .select_related("option__position", "creditor__entity")
            .order_by("number")
            .first()
        )
        lines = list(ChargeLine.objects.filter(charge=charge).order_by("seq"))
    if instalment is None:
        return None
    return PositionPage(instalment, instalment.payability(on), lines)
