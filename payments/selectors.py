"""Reads of payments that are worth a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.crypto import constant_time_compare
from django_scopes import scopes_disabled

from payments.domain.masking import masked
from payments.domain.states import PAYABILITY_LABELS, SETTLED, Payability, State
from payments.models import Instalment, Position
from payments.models.positions import UNKNOWN_DEBTOR
from portal.billing.models import Charge, ChargeLine
from portal.documents.readers import staff_may_read
from portal.entities.models import Entity, Role, StaffRole

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


@dataclass(frozen=True, slots=True)
class VisitorPage(PositionPage):
    """The same for whoever typed number and tax code: of the debtor, only what the holder of the notice recognises."""

    @property
    def debtor(self) -> str:
        """The debtor's name, masked."""
        return masked(self.instalment.option.position.debtor_name)


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


def notice_of_debtor(*, nav: str, fiscal_code: str, entity: Entity | None) -> int | None:
    """The instalment with that number whose debtor has that tax code, of one body (of any, where no body is the
    face of the page).

    One query and one comparison whatever is found, so that the answer's time does not tell a wrong pair from a number
    nobody issued. An anonymous debtor's notice is never found.
    """
    with scopes_disabled():
        rows = Instalment.objects.filter(nav=nav)
        if entity is not None:
            rows = rows.filter(entity=entity)
        pairs = list(rows.order_by("pk").values_list("pk", "option__position__debtor_fiscal_code"))
    found = None
    for key, code in pairs or [(0, UNKNOWN_DEBTOR)]:
        if constant_time_compare(code.upper(), fiscal_code) and code != UNKNOWN_DEBTOR:
            found = key
    return found


def visitor_page(instalment_id: int, *, on: date) -> VisitorPage | None:
    """An instalment as a visitor sees it, read now; None when it is not there."""
    with scopes_disabled():
        instalment = (
            Instalment.objects.filter(pk=instalment_id)
            .select_related("option__position__charge", "creditor__entity")
            .first()
        )
        if instalment is None:
            return None
        lines = list(ChargeLine.objects.filter(charge=instalment.option.position.charge).order_by("seq"))
    return VisitorPage(instalment, instalment.payability(on), lines)
