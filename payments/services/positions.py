"""Positions: opened from a charge with a number that is unique for ever, cancelled while nobody has paid."""

from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import Q
from django_scopes import scope

from payments import events
from payments.domain import codes
from payments.domain.states import SETTLED, TRANSITIONS, Action, State
from payments.models import (
    CreditorEntity,
    DebtKind,
    Instalment,
    IuvSequence,
    PaymentOption,
    Position,
    StationLink,
    Transfer,
)
from payments.models.positions import UNKNOWN_DEBTOR
from portal import clock
from portal.billing.models import Charge, ChargeLine
from portal.kernel.errors import DomainError
from portal.kernel.states import move
from portal.outbox import services as outbox

MAX_TRANSFERS = 5


@transaction.atomic
def position_open(*, charge: Charge) -> Instalment:
    """Make the position of a charge, in the caller's transaction, and ask for its notice to be printed.

    Raises DomainError when the body, its station or a kind of debt is not set up.
    """
    with scope(entity=charge.entity):
        link = _issuing_link(charge)
        lines = _grouped_lines(charge)
        position = _position_row(charge, link.creditor, lines)
        option = PaymentOption.objects.create(entity=charge.entity, position=position)
        number = _next_number(link)
        instalment = Instalment.objects.create(
            entity=charge.entity,
            creditor=link.creditor,
            option=option,
            nav=number.nav,
            iuv=number.iuv,
            amount_cents=charge.amount_cents,
            due_on=charge.due_on,
        )
        _transfers(instalment, lines)
        position.state = move(TRANSITIONS, State.DRAFT, Action.PUBLISH)
        position.save(update_fields=["state"])
        events.position_opened(position, nav=number.nav)
        outbox.send(
            "payments.notice", {"position": position.pk}, key=f"notice:{position.pk}", entity_id=charge.entity_id
        )
        return instalment


def _issuing_link(charge: Charge) -> StationLink:
    link = (
        StationLink.objects.filter(creditor__entity=charge.entity, issues=True, active=True)
        .select_related("creditor", "station")
        .first()
    )
    if link is None:
        raise DomainError(
            "creditor_missing", "L'ente non è ancora collegato a pagoPA: completa i dati nella sezione Pagamenti."
        )
    return link


def _grouped_lines(charge: Charge) -> list[tuple[DebtKind, list[ChargeLine]]]:
    """Lines of one kind of debt become one transfer: the node takes five at most."""
    rows = sorted(ChargeLine.objects.filter(charge=charge), key=lambda line: line.seq)
    order = {kind: rank for rank, kind in enumerate(dict.fromkeys(line.debt_kind for line in rows))}
    rows.sort(key=lambda line: order[line.debt_kind])
    groups = [
        (debt_kind(entity_id=charge.entity_id, code=code), list(lines))
        for code, lines in groupby(rows, key=lambda line: line.debt_kind)
    ]
    if not 1 <= len(groups) <= MAX_TRANSFERS:
        raise DomainError("transfers", "Un avviso di pagamento ha da uno a cinque versamenti.")
    return groups


def debt_kind(*, entity_id: int, code: str) -> DebtKind:
    """The kind in force today. Raises DomainError when it is missing or nobody has confirmed it."""
    today = clock.today()
    kind = (
        DebtKind.objects.filter(Q(valid_until=None) | Q(valid_until__gte=today), valid_from__lte=today)
        .filter(entity_id=entity_id, code=code)
        .order_by("-valid_from")
        .first()
    )
    if kind is None:
        raise DomainError("debt_kind_missing", f"Manca il tipo di dovuto «{code}» in vigore oggi.")
    if not kind.confirmed_by:
        raise DomainError("debt_kind_unconfirmed", f"Il tipo di dovuto «{code}» attende la conferma della ragioneria.")
    return kind


def _position_row(charge: Charge, creditor: CreditorEntity, lines: list[tuple[DebtKind, list[ChargeLine]]]) -> Position:
    return Position.objects.create(
        entity=charge.entity,
        creditor=creditor,
        charge=charge,
        description=charge.description[:140],
        office_name=next((kind.office_name for kind, _ in lines if kind.office_name), ""),
        debtor_kind=charge.payer_kind,
        debtor_fiscal_code=charge.payer_fiscal_code or UNKNOWN_DEBTOR,
        debtor_name=charge.payer_name[:70],
        debtor_email=charge.payer_email,
        created_at=clock.now(),
    )


def _next_number(link: StationLink) -> codes.NoticeNumber:
    key: dict[str, Any] = {"entity_id": link.entity_id, "segregation_code": link.segregation_code}
    IuvSequence.objects.get_or_create(**key)
    sequence = IuvSequence.objects.select_for_update(of=("self",)).get(**key)
    number = codes.issue(segregation_code=link.segregation_code, sequence=sequence.next_value)
    sequence.next_value += 1
    sequence.save(update_fields=["next_value"])
    return number


def _transfers(instalment: Instalment, lines: list[tuple[DebtKind, list[ChargeLine]]]) -> None:
    creditor = instalment.creditor
    Transfer.objects.bulk_create(
        Transfer(
            entity_id=instalment.entity_id,
            instalment=instalment,
            seq=seq,
            beneficiary_fiscal_code=creditor.entity.fiscal_code,
            beneficiary_name=creditor.entity.name,
            amount_cents=sum(line.cents for line in group),
            iban=kind.iban or creditor.iban,
            # A kind with an account of its own must not end on the common postal one.
            postal_iban="" if kind.iban else creditor.postal_iban,
            category=kind.taxonomy_code,
            remittance=kind.description,
            debt_kind=kind,
        )
        for seq, (kind, group) in enumerate(lines, start=1)
    )


@transaction.atomic
def position_cancel(*, charge: Charge) -> None:
    """Take a position back. Raises DomainError when somebody has paid."""
    with scope(entity=charge.entity):
        position = Position.objects.select_for_update(of=("self",)).get(charge=charge)
        if position.state in SETTLED | {State.PARTLY_PAID}:
            raise DomainError("position_paid", "L'avviso risulta già pagato: non si può più annullare.")
        before, position.state = position.state, move(TRANSITIONS, State(position.state), Action.CANCEL)
        position.cancelled_at = clock.now()
        position.save(update_fields=["state", "cancelled_at"])
        events.position_moved(position, before=before, actor=events.PAYMENTS)


@transaction.atomic
def position_report(*, position_id: int) -> Position:
    """The money of a paid position has arrived at the treasurer. Raises MoveNotAllowed."""
    position = Position.objects.select_for_update(of=("self",)).get(pk=position_id)
    before, position.state = position.state, move(TRANSITIONS, State(position.state), Action.REPORT)
    position.save(update_fields=["state"])
    events.position_moved(position, before=before, actor=events.PAYMENTS)
    return position
