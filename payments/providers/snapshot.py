"""From the tables to what a provider is told, as it is on a day."""

from datetime import date

from payments import conf
from payments.domain.states import last_payable_day
from payments.models import Instalment, PaymentOption, Position, Transfer
from payments.providers.data import (
    DebtorData,
    InstalmentData,
    NotExpressible,
    OptionData,
    PositionData,
    StampData,
    TransferData,
)
from portal import clock


def iupd_of(position: Position) -> str:
    """The name of a position at the providers: unique for ever, and nobody can guess it."""
    return f"{position.creditor.entity.fiscal_code}-{position.charge.uuid.hex}"


def snapshot(position_id: int, *, on: date) -> PositionData:
    """The position as it stands on a day, in five queries. Raises NotExpressible; needs the scope of the body."""
    position = Position.objects.select_related("creditor__entity", "charge", "debt_kind").get(pk=position_id)
    options = PaymentOption.objects.filter(position=position).order_by("pk")
    rows = list(options.prefetch_related("instalments__transfers", "instalments__dated_amounts"))
    used = {
        option.pk
        for option in rows
        if option.withdrawn_at is None and any(row.paid_at for row in option.instalments.all())
    }
    entity = position.creditor.entity
    return PositionData(
        iupd=iupd_of(position),
        entity=entity.fiscal_code,
        company=entity.name,
        office=position.office_name,
        debtor=_debtor(position),
        options=tuple(_option(position, option, on=on, closed=bool(used - {option.pk})) for option in rows),
        debt_kind=position.debt_kind.code if position.debt_kind else "",
        created_on=position.created_at.astimezone(clock.ROME).date(),
    )


def _debtor(position: Position) -> DebtorData:
    return DebtorData(
        kind=position.debtor_kind,
        fiscal_code=position.debtor_fiscal_code,
        name=position.debtor_name,
        street=position.debtor_street,
        civic=position.debtor_civic,
        postal_code=position.debtor_postal_code,
        city=position.debtor_city,
        province=position.debtor_province,
        country=position.debtor_country,
        email=position.debtor_email,
    )


def _option(position: Position, option: PaymentOption, *, on: date, closed: bool) -> OptionData:
    to_come = option.valid_from is not None and option.valid_from > on
    return OptionData(
        description=option.description or str(option.get_kind_display()),
        is_plan=option.kind == PaymentOption.Kind.PLAN,
        # The service refuses a validity that has already begun.
        valid_from=option.valid_from if to_come else None,
        switch_to_expired=option.refused_after_due,
        instalments=tuple(
            _instalment(
                position,
                option,
                row,
                on=on,
                closed=closed or row.paid_at is not None or option.withdrawn_at is not None,
            )
            for row in sorted(option.instalments.all(), key=lambda row: row.number)
        ),
        withdrawn=option.withdrawn_at is not None,
    )


def _instalment(
    position: Position, option: PaymentOption, row: Instalment, *, on: date, closed: bool
) -> InstalmentData:
    kind = position.debt_kind
    if row.due_on is None and (kind is None or kind.open_days is None):
        raise NotExpressible(
            "due_date_missing",
            "L'avviso non ha una scadenza: indica nel tipo di dovuto per quanti giorni si può pagare.",
        )
    issued_on = position.created_at.astimezone(clock.ROME).date()
    open_days = kind.open_days if kind is not None else None
    cents = row.cents_on(on)
    transfers = sorted(row.transfers.all(), key=lambda transfer: transfer.seq)
    return InstalmentData(
        nav=row.nav,
        iuv=row.iuv,
        cents=cents,
        due_on=last_payable_day(due_on=row.due_on, issued_on=issued_on, open_days=open_days, on=on),
        description=option.description or position.description,
        transfers=tuple(_transfer(transfer, extra=cents - row.amount_cents) for transfer in transfers),
        closed=closed,
    )


def _transfer(row: Transfer, *, extra: int) -> TransferData:
    return TransferData(
        seq=row.seq,
        entity=row.beneficiary_fiscal_code,
        company=row.beneficiary_name,
        cents=row.amount_cents + (extra if row.seq == 1 else 0),
        category=conf.taxonomy(row.category),
        remittance=row.remittance,
        iban=row.iban,
        postal_iban=row.postal_iban,
        stamp=StampData(row.stamp_hash, row.stamp_province) if row.stamp_hash else None,
    )
