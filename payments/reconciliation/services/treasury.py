"""Papers of the treasury into their tables: each movement once, whatever the document that brings it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from payments.reconciliation.domain.remittance import read_remittance
from payments.reconciliation.formats.findings import Finding, Severity
from payments.reconciliation.formats.money import Movement, Paper
from payments.reconciliation.models import (
    AccountBalance,
    MovementSource,
    TreasuryJournal,
    TreasuryMovement,
)
from payments.reconciliation.services.accounts import AccountBook
from payments.reconciliation.services.evidence import Kept
from payments.reconciliation.sql import statement
from portal.entities.copying import copy_rows, reserve_ids
from portal.entities.models import Entity

JOURNAL = (
    "id", "entity_id", "evidence_id", "layout", "treasurer_code", "journal_id", "page", "pages", "year", "day_from",
    "day_to", "opening_cents", "income_cents", "expense_cents", "closing_cents",
)  # fmt: skip
BALANCE = (
    "entity_id", "journal_id", "account", "description", "opening_cents", "income_cents", "expense_cents",
    "closing_cents",
)  # fmt: skip
MOVEMENT = (
    "entity_id", "journal_id", "source", "counts", "treasurer_code", "account", "year", "direction", "document_type",
    "operation", "document_number", "progressive", "movement_number", "cents", "booked_on", "value_on", "suspended_on",
    "execution_type", "receipt_number", "operation_reference", "end_to_end", "customer", "remittance",
    "remittance_kind", "remittance_reference", "reference_key", "remittance_rule", "remittance_confidence", "suspended",
)  # fmt: skip
PROVISIONAL = "SOSPESO ENTRATA"
_JOURNALS = """
SELECT j.treasurer_code, j.journal_id, j.page FROM payments_reconciliation_treasuryjournal j
JOIN unnest(%s::text[], %s::text[], %s::int[]) AS k(treasurer_code, journal_id, page)
    ON (j.treasurer_code, j.journal_id, j.page) = (k.treasurer_code, k.journal_id, k.page)
WHERE j.entity_id = %s"""
_MOVEMENTS = """
SELECT DISTINCT m.treasurer_code, m.account, m.year, m.document_type, m.document_number, m.progressive, m.operation,
    m.movement_number, m.cents, m.source
FROM payments_reconciliation_treasurymovement m
JOIN unnest(%s::int[], %s::text[]) AS k(year, number) ON m.year = k.year AND m.document_number = k.number
WHERE m.entity_id = %s"""
_CHAIN = statement("journal_chain")
# What makes a movement itself: see the constraint of the table.
Key = tuple[str, str, int, str, str, str, str, str]


@dataclass(slots=True)
class _Seen:
    """Movements already known: by their own key, and provisional credits by year and number."""

    keys: dict[Key, int] = field(default_factory=dict)
    provisionals: dict[tuple[int, str], list[tuple[str, int]]] = field(default_factory=dict)

    def add(self, key: Key, cents: int, source: str) -> None:
        """Remember a movement."""
        self.keys[key] = cents
        if key[3] == PROVISIONAL and key[6] == "ESEGUITO":
            self.provisionals.setdefault((key[2], key[4]), []).append((source, cents))

    def amount(self, key: Key, source: str) -> int | None:
        """Cents of the same movement, None when it is new.

        A list of provisionals names no account: there a number of the year is enough to tell.
        """
        if key in self.keys:
            return self.keys[key]
        if key[3] != PROVISIONAL or key[6] != "ESEGUITO" or source == MovementSource.STATEMENT:
            return None
        listed = MovementSource.PROVISIONALS
        for other, cents in self.provisionals.get((key[2], key[4]), ()):
            if listed in (source, other):
                return cents
        return None


def load_papers(*, entity: Entity, papers: Sequence[tuple[Kept, Paper]]) -> None:
    """Write documents of the treasury with their balances and movements; findings go beside each document."""
    fresh = _fresh_papers(entity, papers)
    book = AccountBook.of(entity)
    book.learn(paper for _kept, paper in fresh)
    seen = _seen(entity, [paper for _kept, paper in fresh])
    ids = reserve_ids(TreasuryJournal, len(fresh))
    journals: list[tuple[Any, ...]] = []
    balances: list[tuple[Any, ...]] = []
    movements: list[tuple[Any, ...]] = []
    for (kept, paper), key in zip(fresh, ids, strict=True):
        journals.append(_journal_row(entity, kept, paper, key))
        balances += (_balance_row(entity, key, balance) for balance in paper.balances)
        kept.findings += paper.findings
        new = _new(paper, seen, kept.findings)
        kept.findings += book.findings(paper)
        movements += (_movement_row(entity, key, paper, movement, book) for movement in new)
        kept.rows = len(new)
    copy_rows(TreasuryJournal, JOURNAL, journals)
    copy_rows(AccountBalance, BALANCE, balances)
    copy_rows(TreasuryMovement, MOVEMENT, movements)
    _note_gaps({key: kept for (kept, _paper), key in zip(fresh, ids, strict=True)})


def _fresh_papers(entity: Entity, papers: Sequence[tuple[Kept, Paper]]) -> list[tuple[Kept, Paper]]:
    marks = [(paper.treasurer_code, paper.journal_id, paper.page) for _kept, paper in papers]
    with connection.cursor() as cursor:
        cursor.execute(_JOURNALS, [*([mark[place] for mark in marks] for place in range(3)), entity.pk])
        known = set(cursor.fetchall())
    fresh = []
    for (kept, paper), mark in zip(papers, marks, strict=True):
        if mark in known:
            message = _("Lo stesso giornale era già arrivato con un contenuto diverso.")
            kept.refuse(Finding("JOURNAL_ALREADY_KNOWN", message, Severity.BROKEN))
        else:
            known.add(mark)
            fresh.append((kept, paper))
    return fresh


def _seen(entity: Entity, papers: Iterable[Paper]) -> _Seen:
    wanted = {(row.year or paper.year, row.document_number) for paper in papers for row in paper.movements}
    seen = _Seen()
    with connection.cursor() as cursor:
        cursor.execute(
            _MOVEMENTS, [[year for year, _number in wanted], [number for _year, number in wanted], entity.pk]
        )
        for *key, cents, source in cursor:
            seen.add(tuple(key), cents, source)
    return seen


def _new(paper: Paper, seen: _Seen, findings: list[Finding]) -> list[Movement]:
    """Movements not seen before; says how many were, and how many of those came with another amount."""
    new: list[Movement] = []
    repeated = changed = 0
    for row in paper.movements:
        key = (
            paper.treasurer_code, row.account, row.year or paper.year, row.document_type, row.document_number,
            row.progressive, row.operation, row.movement_number,
        )  # fmt: skip
        known = seen.amount(key, paper.source)
        if known is None:
            seen.add(key, row.cents, paper.source)
            new.append(row)
        else:
            repeated += 1
            changed += known != row.cents
    if changed:
        message = _("%(count)d movimenti già noti sono tornati con un importo diverso: vale il primo arrivato.")
        findings.append(Finding("MOVEMENTS_CHANGED", message % {"count": changed}))
    elif repeated:
        message = _("%(count)d movimenti erano già noti.")
        findings.append(Finding("MOVEMENTS_KNOWN", message % {"count": repeated}, Severity.NOTE))
    return new


def _note_gaps(journals: dict[int, Kept]) -> None:
    """The opening balance is the closing one of the last journal before: else a journal is missing."""
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN, {"journals": list(journals)})
        for key, day in cursor.fetchall():
            message = _("Il saldo iniziale non è quello finale del giornale precedente (%(day)s): manca un giornale.")
            journals[key].findings.append(Finding("JOURNAL_GAP", message % {"day": day.strftime("%d/%m/%Y")}))


def _journal_row(entity: Entity, kept: Kept, paper: Paper, key: int) -> tuple[Any, ...]:
    totals = paper.totals
    sums = (totals.opening, totals.income, totals.expense, totals.closing) if totals else (None,) * 4
    return (
        key, entity.pk, kept.evidence_id, paper.layout, paper.treasurer_code, paper.journal_id, paper.page, paper.pages,
        paper.year, paper.day_from, paper.day_to, *sums,
    )  # fmt: skip


def _balance_row(entity: Entity, journal: int, balance: Any) -> tuple[Any, ...]:
    return (
        entity.pk, journal, balance.account[:25], balance.description[:140], balance.opening, balance.income,
        balance.expense, balance.closing,
    )  # fmt: skip


def _movement_row(entity: Entity, journal: int, paper: Paper, row: Movement, book: AccountBook) -> tuple[Any, ...]:
    remittance = read_remittance(row.remittance)
    reference = remittance.reference or ""
    return (
        entity.pk, journal, paper.source, book.counts(row.account, paper.source), paper.treasurer_code, row.account,
        row.year or paper.year, row.direction, row.document_type, row.operation, row.document_number, row.progressive,
        row.movement_number, row.cents, row.booked_on, row.value_on, row.suspended_on, row.execution_type,
        row.receipt_number, row.operation_reference, row.end_to_end, row.customer, row.remittance,
        remittance.kind.value, reference, reference.upper(), remittance.rule.value, remittance.confidence.value,
        json.dumps([item._asdict() for item in row.suspended]) if row.suspended else "[]",
    )  # fmt: skip
