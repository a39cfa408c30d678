"""Many positions at once, as `position_write` writes one: by COPY, without printing and without an event for each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from payments.domain.codes import NoticeNumber
from payments.domain.drafts import InstalmentDraft, OptionDraft, ShareDraft
from payments.domain.states import TRANSITIONS, Action, State
from payments.models import DatedAmount, DebtKind, Instalment, PaymentOption, Position, StationLink, Transfer
from payments.models.positions import UNKNOWN_DEBTOR
from payments.providers import files
from payments.services.positions import transfer_row
from portal import clock
from portal.billing.socket import Payer
from portal.entities.copying import copy_rows, reserve_ids
from portal.kernel.states import move

POSITION = (
    "id", "entity_id", "creditor_id", "charge_id", "link_id", "debt_kind_id", "state", "description", "office_name",
    "debtor_kind", "debtor_fiscal_code", "debtor_name", "debtor_email", "debtor_street", "debtor_civic",
    "debtor_postal_code", "debtor_city", "debtor_province", "debtor_country", "created_at",
)  # fmt: skip
OPTION = ("id", "entity_id", "position_id", "kind", "description", "valid_from", "refused_after_due")
INSTALMENT = ("id", "entity_id", "creditor_id", "option_id", "number", "nav", "iuv", "amount_cents", "due_on")
TRANSFER = (
    "entity_id", "instalment_id", "seq", "beneficiary_fiscal_code", "beneficiary_name", "amount_cents", "iban",
    "postal_iban", "category", "remittance", "debt_kind_id",
)  # fmt: skip
DATED = ("entity_id", "instalment_id", "valid_from", "cents", "rule")


@dataclass(frozen=True, slots=True)
class PositionDraft:
    """A position to be: the key of its charge, what it is for, who owes, the ways to pay."""

    charge_id: int
    description: str
    payer: Payer
    options: tuple[OptionDraft, ...]


@dataclass(frozen=True, slots=True)
class WrittenPosition:
    """The key of a position and the numbers of its instalments, option by option."""

    position_id: int
    navs: tuple[str, ...]


def positions_write_in_bulk(
    *, link: StationLink, kinds: dict[str, DebtKind], drafts: Sequence[PositionDraft], numbers: Iterator[NoticeNumber]
) -> list[WrittenPosition]:
    """Write and publish many positions of one body, in the caller's transaction. Digital stamps are not for here.

    `kinds` are the kinds of debt of the shares, the first of them the main one; `numbers` come from numbers_reserve
    of the same link. Notices are printed later, on request or by a campaign.
    """
    writer = _Writer(link, kinds, numbers)
    ids = reserve_ids(Position, len(drafts))
    options = iter(reserve_ids(PaymentOption, sum(len(draft.options) for draft in drafts)))
    count = sum(len(option.instalments) for draft in drafts for option in draft.options)
    instalments = iter(reserve_ids(Instalment, count))
    for key, draft in zip(ids, drafts, strict=True):
        writer.take(key, draft, options, instalments)
    writer.write()
    files.enqueue_written(link=link, position_ids=ids)
    return writer.written


class _Writer:
    """Rows of the five tables, put together in memory and copied at the end."""

    def __init__(self, link: StationLink, kinds: dict[str, DebtKind], numbers: Iterator[NoticeNumber]) -> None:
        self.link, self.creditor, self.numbers = link, link.creditor, numbers
        self.entity_id = link.entity_id
        self.main = next(iter(kinds.values()))
        self.office = next((kind.office_name for kind in kinds.values() if kind.office_name), "")
        self.state = move(TRANSITIONS, State.DRAFT, Action.PUBLISH).value
        self.now = clock.now()
        self.patterns = {code: self._pattern(kind) for code, kind in kinds.items()}
        self.rows: dict[type[Any], list[tuple[Any, ...]]] = {
            model: [] for model in (Position, PaymentOption, Instalment, Transfer, DatedAmount)
        }
        self.written: list[WrittenPosition] = []

    def _pattern(self, kind: DebtKind) -> tuple[Any, ...]:
        """Where the money of a kind goes: the same for all its transfers."""
        blank = Instalment(entity_id=self.entity_id)
        row = transfer_row(blank, ShareDraft(kind.code, 1), kind, seq=1, creditor=self.creditor)
        return (
            row.beneficiary_fiscal_code, row.beneficiary_name, row.iban, row.postal_iban, row.category, row.remittance,
            kind.pk,
        )  # fmt: skip

    def take(self, key: int, draft: PositionDraft, options: Iterator[int], instalments: Iterator[int]) -> None:
        """Add a position."""
        payer = draft.payer
        self.rows[Position].append(
            (
                key, self.entity_id, self.creditor.pk, draft.charge_id, self.link.pk, self.main.pk, self.state,
                draft.description[:140], self.office, payer.kind, payer.fiscal_code or UNKNOWN_DEBTOR,
                payer.name[:70], payer.email, payer.street[:70], payer.civic[:16],
                payer.postal_code[:16], payer.city[:35], payer.province[:35], payer.country[:2], self.now,
            )
        )  # fmt: skip
        navs = [nav for option in draft.options for nav in self._option(key, next(options), option, instalments)]
        self.written.append(WrittenPosition(key, tuple(navs)))

    def _option(self, position: int, key: int, draft: OptionDraft, instalments: Iterator[int]) -> Iterable[str]:
        kind = PaymentOption.Kind.SINGLE if len(draft.instalments) == 1 else PaymentOption.Kind.PLAN
        self.rows[PaymentOption].append(
            (key, self.entity_id, position, kind.value, draft.description, draft.valid_from, draft.refused_after_due)
        )
        for seq, row in enumerate(draft.instalments, start=1):
            yield self._instalment(key, next(instalments), seq, row)

    def _instalment(self, option: int, key: int, seq: int, draft: InstalmentDraft) -> str:
        number = next(self.numbers)
        self.rows[Instalment].append(
            (key, self.entity_id, self.creditor.pk, option, seq, number.nav, number.iuv, draft.cents, draft.due_on)
        )
        for index, share in enumerate(draft.shares, start=1):
            code, name, iban, postal, category, remittance, kind = self.patterns[share.kind]
            self.rows[Transfer].append(
                (self.entity_id, key, index, code, name, share.cents, iban, postal, category, remittance, kind)
            )
        for since, cents, rule in draft.dated:
            self.rows[DatedAmount].append((self.entity_id, key, since, cents, rule))
        return number.nav

    def write(self) -> None:
        """Copy all rows."""
        columns = {
            Position: POSITION, PaymentOption: OPTION, Instalment: INSTALMENT, Transfer: TRANSFER, DatedAmount: DATED,
        }  # fmt: skip
        for model, rows in self.rows.items():
            if rows:
                copy_rows(model, columns[model], rows)
