"""Positions: opened from a charge with numbers that are unique for ever, cancelled while nobody has paid."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django_scopes import scope

from payments import events
from payments.domain.codes import NoticeNumber
from payments.domain.drafts import InstalmentDraft, OptionDraft, ShareDraft, grouped_shares, planned
from payments.domain.states import SETTLED, TRANSITIONS, Action, State
from payments.models import (
    CreditorEntity,
    DatedAmount,
    DebtKind,
    Instalment,
    PaymentOption,
    Position,
    StationLink,
    Transfer,
)
from payments.models.positions import UNKNOWN_DEBTOR
from payments.providers import services as providers
from payments.services.numbers import CREDITOR_MISSING, debt_kind, issuing_link, numbers_reserve
from portal import clock
from portal.audit.actor import Actor
from portal.billing.models import Charge, ChargeLine
from portal.billing.socket import Payer, PlannedInstalment
from portal.kernel.errors import DomainError
from portal.kernel.states import move
from portal.outbox import services as outbox

Kinds = dict[str, DebtKind]


@transaction.atomic
def position_open(*, charge: Charge, payer: Payer, plan: Sequence[PlannedInstalment] = ()) -> Instalment:
    """Make the position of a charge, in the caller's transaction, and ask for its notice to be printed.

    Returns the instalment to pay all at once. Raises DomainError when the body, its station or a kind of debt is not
    set up, or when the plan is not one.
    """
    with scope(entity=charge.entity):
        shares = grouped_shares([_share(line) for line in ChargeLine.objects.filter(charge=charge).order_by("seq")])
        options = [OptionDraft((InstalmentDraft(shares, charge.due_on),))]
        if plan:
            options.append(planned(shares, [(row.cents, row.due_on) for row in plan]))
        return position_write(charge=charge, payer=payer, options=options)


def _share(line: ChargeLine) -> ShareDraft:
    digest = b64encode(bytes.fromhex(line.stamp_digest)).decode() if line.stamp_digest else ""
    return ShareDraft(line.debt_kind, line.cents, digest, line.stamp_province)


@transaction.atomic
def position_write(*, charge: Charge, payer: Payer, options: Sequence[OptionDraft]) -> Instalment:
    """Write the position of a charge with the given ways to pay, publish it and have it printed.

    Needs the scope of the body. Returns the first instalment of the first option. Raises DomainError.
    """
    if not CreditorEntity.objects.filter(entity_id=charge.entity_id).exists():
        raise DomainError("creditor_missing", CREDITOR_MISSING)
    kinds = kinds_of(charge.entity_id, options)
    main = kinds[options[0].instalments[0].shares[0].kind]
    link = issuing_link(entity_id=charge.entity_id, kind=main)
    position = _position_row(charge, payer, link=link, main=main, kinds=kinds)
    numbers = iter(numbers_reserve(link=link, count=sum(len(option.instalments) for option in options)))
    instalments = [row for option in options for row in option_rows(position, option, numbers, kinds)]
    position.state = move(TRANSITIONS, State.DRAFT, Action.PUBLISH)
    position.save(update_fields=["state"])
    events.position_opened(position, navs=[row.nav for row in instalments])
    outbox.send("payments.notice", {"position": position.pk}, key=f"notice:{position.pk}", entity_id=charge.entity_id)
    providers.enqueue(position)
    return instalments[0]


def kinds_of(entity_id: int, options: Sequence[OptionDraft]) -> Kinds:
    """The kinds of debt of all shares, in force and fit for what they are asked."""
    shares = [share for option in options for row in option.instalments for share in row.shares]
    kinds = {code: debt_kind(entity_id=entity_id, code=code) for code in dict.fromkeys(row.kind for row in shares)}
    for share in shares:
        if kinds[share.kind].digital_stamp != bool(share.stamp_hash):
            raise DomainError(
                "stamp", "La marca da bollo digitale vuole l'impronta del documento e un tipo di dovuto suo."
            )
    return kinds


def _position_row(charge: Charge, payer: Payer, *, link: StationLink, main: DebtKind, kinds: Kinds) -> Position:
    return Position.objects.create(
        entity=charge.entity,
        creditor=link.creditor,
        charge=charge,
        link=link,
        debt_kind=main,
        description=charge.description[:140],
        office_name=next((kind.office_name for kind in kinds.values() if kind.office_name), ""),
        debtor_kind=charge.payer_kind,
        debtor_fiscal_code=charge.payer_fiscal_code or UNKNOWN_DEBTOR,
        debtor_name=charge.payer_name[:70],
        debtor_email=charge.payer_email,
        debtor_street=payer.street[:70],
        debtor_civic=payer.civic[:16],
        debtor_postal_code=payer.postal_code[:16],
        debtor_city=payer.city[:35],
        debtor_province=payer.province[:35],
        debtor_country=payer.country[:2],
        created_at=clock.now(),
    )


def option_rows(
    position: Position,
    draft: OptionDraft,
    numbers: Iterator[NoticeNumber],
    kinds: Kinds,
    *,
    added_at: datetime | None = None,
) -> list[Instalment]:
    """Write a way to pay with its instalments; `added_at` is when it took the place of others, if it did."""
    option = PaymentOption.objects.create(
        entity_id=position.entity_id,
        position=position,
        kind=PaymentOption.Kind.SINGLE if len(draft.instalments) == 1 else PaymentOption.Kind.PLAN,
        description=draft.description,
        valid_from=draft.valid_from,
        refused_after_due=draft.refused_after_due,
        added_at=added_at,
    )
    return [
        _instalment_row(option, row, seq=seq, number=next(numbers), kinds=kinds)
        for seq, row in enumerate(draft.instalments, start=1)
    ]


def _instalment_row(
    option: PaymentOption, draft: InstalmentDraft, *, seq: int, number: NoticeNumber, kinds: Kinds
) -> Instalment:
    entity_id, creditor = option.entity_id, option.position.creditor
    row = Instalment.objects.create(
        entity_id=entity_id,
        creditor=creditor,
        option=option,
        number=seq,
        nav=number.nav,
        iuv=number.iuv,
        amount_cents=draft.cents,
        due_on=draft.due_on,
    )
    Transfer.objects.bulk_create(
        transfer_row(row, share, kinds[share.kind], seq=index, creditor=creditor)
        for index, share in enumerate(draft.shares, start=1)
    )
    DatedAmount.objects.bulk_create(
        DatedAmount(entity_id=entity_id, instalment=row, valid_from=since, cents=cents, rule=rule)
        for since, cents, rule in draft.dated
    )
    return row


def transfer_row(
    instalment: Instalment, share: ShareDraft, kind: DebtKind, *, seq: int, creditor: CreditorEntity
) -> Transfer:
    """A transfer not yet saved: where a share goes, by its kind of debt."""
    own = not kind.iban and not kind.digital_stamp
    return Transfer(
        entity_id=instalment.entity_id,
        instalment=instalment,
        seq=seq,
        beneficiary_fiscal_code=kind.beneficiary_fiscal_code or creditor.entity.fiscal_code,
        beneficiary_name=kind.beneficiary_name or creditor.entity.name,
        amount_cents=share.cents,
        iban="" if kind.digital_stamp else kind.iban or creditor.iban,
        # A kind with an account of its own must not end on the common postal one.
        postal_iban=creditor.postal_iban if own else "",
        stamp_hash=share.stamp_hash,
        stamp_province=share.stamp_province,
        category=kind.taxonomy_code,
        remittance=kind.description,
        debt_kind=kind,
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
        providers.enqueue(position)


@transaction.atomic
def position_report(*, position_id: int) -> Position:
    """The money of a paid position has arrived at the treasurer. Raises MoveNotAllowed."""
    position = Position.objects.select_for_update(of=("self",)).get(pk=position_id)
    before, position.state = position.state, move(TRANSITIONS, State(position.state), Action.REPORT)
    position.save(update_fields=["state"])
    events.position_moved(position, before=before, actor=events.PAYMENTS)
    return position


@transaction.atomic
def position_suspend(*, position_id: int, reason: str, actor: Actor) -> Position:
    """Nobody can pay it until it is resumed: an appeal is open, or a plan is being decided. Raises DomainError."""
    if not reason.strip():
        raise DomainError("reason_missing", "Scrivi perché la posizione è sospesa: il motivo resta agli atti.")
    position = Position.objects.select_for_update(of=("self",)).get(pk=position_id)
    if position.state != State.PUBLISHED:
        raise DomainError("position_not_open", "Si sospende soltanto una posizione da pagare.")
    position.suspended_at, position.suspension = clock.now(), reason.strip()[:140]
    position.save(update_fields=["suspended_at", "suspension"])
    events.position_suspended(position, actor=actor)
    providers.enqueue(position)
    return position


@transaction.atomic
def position_resume(*, position_id: int, actor: Actor) -> Position:
    """A suspended position can be paid again. Nothing happens to one that is not suspended."""
    position = Position.objects.select_for_update(of=("self",)).get(pk=position_id)
    if position.suspended_at is None:
        return position
    position.suspended_at, position.suspension = None, ""
    position.save(update_fields=["suspended_at", "suspension"])
    events.position_resumed(position, actor=actor)
    providers.enqueue(position)
    return position
