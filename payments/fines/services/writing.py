"""Rows of a file become charges, positions and fines, a batch at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from payments.domain.codes import NoticeNumber
from payments.domain.drafts import OptionDraft
from payments.fines import conf
from payments.fines.domain.amounts import Sanction, amounts
from payments.fines.domain.drafts import options_of
from payments.fines.domain.rows import FineRow
from payments.fines.domain.stages import DriverState, Stage
from payments.fines.domain.terms import terms
from payments.fines.law import law
from payments.fines.models import Fine, FineFile
from payments.models import DebtKind, StationLink
from payments.services.bulk import PositionDraft, WrittenPosition, positions_write_in_bulk
from payments.services.numbers import debt_kind, issuing_link
from portal.billing.services import request_charges_in_bulk
from portal.billing.socket import ANONYMOUS, ChargeDraft, ChargeLineDraft, Payer
from portal.entities.copying import copy_rows, reserve_ids

# Columns that a fine has from its row as they are.
SAME = (
    "violated_on", "place", "plate", "country", "article", "min_cents", "max_cents", "costs_cents", "send_fee_cents",
    "discountable", "served_on",
)  # fmt: skip


@dataclass(slots=True)
class Desk:
    """What is the same for all rows of a file: station, kinds of debt, numbers reserved beforehand."""

    file: FineFile
    link: StationLink
    kinds: dict[str, DebtKind]
    numbers: Iterator[NoticeNumber] = field(default_factory=lambda: iter(()))


def desk_of(file: FineFile) -> Desk:
    """Station and kinds of debt of the body of a file. Raises DomainError when they are not set up."""
    codes = (conf.SANCTION_KIND, conf.COSTS_KIND)
    kinds = {code: debt_kind(entity_id=file.entity_id, code=code) for code in codes}
    return Desk(file, issuing_link(entity_id=file.entity_id, kind=kinds[conf.SANCTION_KIND]), kinds)


def fines_write(desk: Desk, lines: Sequence[tuple[int, FineRow]]) -> None:
    """Write some rows, in the caller's transaction. Raises IntegrityError when an act is already there."""
    keys = reserve_ids(Fine, len(lines))
    options = [options_of_row(row) for _line, row in lines]
    payers = [payer_of(row) for _line, row in lines]
    words = [described(row) for _line, row in lines]
    written: list[WrittenPosition] = []

    def open_many(charges: Sequence[int]) -> list[str]:
        drafts = [PositionDraft(*each) for each in zip(charges, words, payers, options, strict=True)]
        found = positions_write_in_bulk(link=desk.link, kinds=desk.kinds, drafts=drafts, numbers=desk.numbers)
        written.extend(found)
        return [position.navs[-1] for position in found]

    charges = [
        ChargeDraft(
            source=f"fine:{key}",
            payer=payer,
            description=text,
            lines=lines_of(row),
            due_on=ways[-1].instalments[0].due_on,
            handler=conf.HANDLER,
        )
        for key, (_line, row), text, payer, ways in zip(keys, lines, words, payers, options, strict=True)
    ]
    request_charges_in_bulk(entity=desk.link.creditor.entity, drafts=charges, open_many=open_many)
    rows = [
        {"id": key, **values_of(desk.file, position.position_id, line, row)}
        for key, position, (line, row) in zip(keys, written, lines, strict=True)
    ]
    copy_rows(Fine, list(rows[0]), (list(row.values()) for row in rows))


def described(row: FineRow) -> str:
    """The subject of the position: the act, its day, the plate."""
    return f"Verbale n. {row.act} del {row.violated_on:%d/%m/%Y} - targa {row.plate}"


def options_of_row(row: FineRow) -> tuple[OptionDraft, ...]:
    """The ways to pay the fine of a row. Raises FigureMissing."""
    sanction = Sanction(row.min_cents, row.max_cents, row.costs_cents + row.send_fee_cents, row.discountable)
    return _options(sanction, row.violated_on, row.served_on)


# In a file the same few amounts come back with the days of one year.
@lru_cache(maxsize=8192)
def _options(sanction: Sanction, violated_on: date, served_on: date | None) -> tuple[OptionDraft, ...]:
    found = amounts(sanction, law=law(), on=violated_on)
    due = terms(served_on, law=law(), on=violated_on) if served_on else None
    return options_of(found, due, sanction_kind=conf.SANCTION_KIND, costs_kind=conf.COSTS_KIND)


def payer_of(row: FineRow) -> Payer:
    """Who owes, as pagoPA calls them."""
    return Payer(
        kind=row.debtor_kind,
        fiscal_code=row.debtor_code or ANONYMOUS,
        name=row.debtor_name,
        street=row.street,
        civic=row.civic,
        postal_code=row.postal_code,
        city=row.city,
        province=row.province,
        country=row.debtor_country,
    )


def lines_of(row: FineRow) -> tuple[ChargeLineDraft, ...]:
    """Sanction, costs, fee of SEND: what is zero is left out."""
    return _lines(row.min_cents, row.costs_cents, row.send_fee_cents)


@lru_cache(maxsize=8192)
def _lines(min_cents: int, costs_cents: int, send_fee_cents: int) -> tuple[ChargeLineDraft, ...]:
    lines = (
        ChargeLineDraft("sanzione", "Sanzione (importo ridotto)", min_cents, conf.SANCTION_KIND),
        ChargeLineDraft("spese", "Spese di procedura e notifica", costs_cents, conf.COSTS_KIND),
        ChargeLineDraft("send", "Costo di notifica SEND", send_fee_cents, conf.COSTS_KIND),
    )
    return tuple(line for line in lines if line.cents)


def values_of(file: FineFile, position_id: int, line: int, row: FineRow) -> dict[str, Any]:
    """The columns of a fine and their plain values."""
    driver = DriverState.MISSING if row.driver_data else DriverState.NOT_ASKED
    return {
        "series": row.act.series,
        "number": row.act.number,
        "year": row.act.year,
        **{name: getattr(row, name) for name in SAME},
        "entity_id": file.entity_id,
        "file_id": file.pk,
        "line": line,
        "position_id": position_id,
        "reference": row.reference,
        "stage": Stage.OPEN.value,
        "served_how": row.served_how.value if row.served_how else "",
        "driver": driver.value,
    }
