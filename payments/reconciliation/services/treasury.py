"""Papers of the treasury into their tables: each movement once, whatever the document that brings it."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
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
from payments.reconciliation.services.journal_pages import note_totals
from payments.reconciliation.services.take_over import journal_takes_over
from payments.reconciliation.sql import statement
from portal.entities.copying import copy_rows, reserve_ids
from portal.entities.models import Entity

JOURNAL = (
    "id", "entity_id", "evidence_id", "layout", "treasurer_code", "journal_id", "page", "pages", "year", "day_from",
    "day_to", "opening_cents", "income_cents", "expense_cents", "closing_cents", "whole",
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
_NUMBERED = frozenset({"ESEGUITO", "STORNATO"})
# A document is done once; it is covered, set free, or taken back, a part at a time.
_DONE_ONCE = "ESEGUITO"
_WITHOUT_NUMBERS = "1.4"
_JOURNALS = """
SELECT j.treasurer_code, j.journal_id, j.page, j.whole, j.opening_cents, j.income_cents, j.expense_cents,
    j.closing_cents
FROM payments_reconciliation_treasuryjournal j
JOIN unnest(%s::text[], %s::text[], %s::int[]) AS k(treasurer_code, journal_id, page)
    ON (j.treasurer_code, j.journal_id, j.page) = (k.treasurer_code, k.journal_id, k.page)
WHERE j.entity_id = %s
ORDER BY j.whole"""
_MOVEMENTS = """
SELECT m.treasurer_code, m.account, m.year, m.document_type, m.document_number, m.progressive, m.operation,
    m.movement_number, m.cents, m.source, m.booked_on
FROM payments_reconciliation_treasurymovement m
JOIN unnest(%s::int[], %s::text[]) AS k(year, number) ON m.year = k.year AND m.document_number = k.number
WHERE m.entity_id = %s
ORDER BY m.id"""
_CHAIN = statement("journal_chain")
# What makes a movement itself: see the constraint of the table.
Key = tuple[str, str, int, str, str, str, str, str]
# The same without the number of the movement, which layout 1.4 does not have.
Base = tuple[str, str, int, str, str, str, str]
Mark = tuple[str, str, int]
Sums = tuple[int | None, ...]


@dataclass(slots=True)
class _Seen:
    """Movements already known: by their own key, and provisional credits by year, number and operation.

    `taken_over` are the provisionals that a list had brought and the journal names now: the journal knows more.
    """

    keys: dict[Key, int] = field(default_factory=dict)
    provisionals: dict[tuple[int, str, str], list[tuple[str, int]]] = field(default_factory=dict)
    taken_over: set[tuple[int, str]] = field(default_factory=set)
    # The numbers that movements got, by day.
    numbers: dict[Base, dict[date, list[str]]] = field(default_factory=dict)

    def add(self, key: Key, cents: int, source: str, day: date) -> None:
        """Remember a movement."""
        self.keys[key] = cents
        if key[6] != _DONE_ONCE:
            self.numbers.setdefault(key[:7], {}).setdefault(day, []).append(key[7])
        if key[3] == PROVISIONAL and key[6] in _NUMBERED:
            self.provisionals.setdefault((key[2], key[4], key[6]), []).append((source, cents))

    def amount(self, key: Key, source: str) -> int | None:
        """Cents of the same movement, None when it is new.

        A list of provisionals names no account: there a number of the year is enough to tell.
        """
        if key in self.keys:
            return self.keys[key]
        if key[3] != PROVISIONAL or key[6] not in _NUMBERED or source == MovementSource.STATEMENT:
            return None
        listed = MovementSource.PROVISIONALS
        for other, cents in self.provisionals.get((key[2], key[4], key[6]), ()):
            if source == listed:
                return cents
            if other == listed:
                self.taken_over.add((key[2], key[4]))
        return None

    def has(self, paper: Paper) -> bool:
        """Whether every movement of a document is known, with the same amount."""
        return all(self.keys.get(_key(paper, row)) == row.cents for row in self.numbered(paper))

    def numbered(self, paper: Paper) -> Iterator[Movement]:
        """The movements of a document, those without a number told apart by their day, and by their place in it: each
        document of layout 1.4 may tell again all that those before it told.
        """
        if paper.layout != _WITHOUT_NUMBERS:
            yield from paper.movements
            return
        places: Counter[tuple[Base, date]] = Counter()
        for row in paper.movements:
            if row.operation == _DONE_ONCE or row.movement_number != "0":
                yield row
                continue
            base, day = _key(paper, row)[:7], row.booked_on
            places[base, day] += 1
            place, known = places[base, day], self.numbers.get(base, {}).get(day, ())
            number = known[place - 1] if place <= len(known) else f"{day:%Y%m%d}{place:02d}"
            yield row._replace(movement_number=number)


def load_papers(*, entity: Entity, papers: Sequence[tuple[Kept, Paper]]) -> None:
    """Write documents of the treasury with their balances and movements; findings go beside each document."""
    seen = _seen(entity, [paper for _kept, paper in papers])
    fresh = _fresh_papers(entity, papers, seen)
    book = AccountBook.of(entity)
    book.learn(paper for _kept, paper in fresh)
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
    journal_takes_over(entity=entity, provisionals=seen.taken_over)
    written = {key: kept for (kept, _paper), key in zip(fresh, ids, strict=True)}
    _note_gaps(written)
    if any(paper.pages > 1 for _kept, paper in fresh):
        note_totals(written)


def _fresh_papers(entity: Entity, papers: Sequence[tuple[Kept, Paper]], seen: _Seen) -> list[tuple[Kept, Paper]]:
    """Those that did not come before; what was cut gives way to the same page when it comes whole."""
    marks = [(paper.treasurer_code, paper.journal_id, paper.page) for _kept, paper in papers]
    with connection.cursor() as cursor:
        cursor.execute(_JOURNALS, [*([mark[place] for mark in marks] for place in range(3)), entity.pk])
        known: dict[Mark, tuple[bool, Sums]] = {row[:3]: (row[3], row[4:]) for row in cursor}
    fresh = []
    for (kept, paper), mark in zip(papers, marks, strict=True):
        before = known.get(mark)
        if before is not None and before[0]:
            kept.refuse(_repeated(paper, same=before[1] == _sums(paper) and seen.has(paper)))
        else:
            known[mark] = (paper.whole, _sums(paper))
            fresh.append((kept, paper))
    return fresh


def _repeated(paper: Paper, *, same: bool) -> Finding:
    if not paper.whole:
        message = _("Questa copia è incompleta, e il giornale era già arrivato per intero: non se ne carica niente.")
        return Finding("JOURNAL_KNOWN_WHOLE", message, Severity.BROKEN)
    if same:
        message = _("La stessa pagina del giornale era già arrivata in un altro documento.")
        return Finding("JOURNAL_KNOWN", message, Severity.NOTE)
    message = _("Lo stesso giornale era già arrivato con un contenuto diverso.")
    return Finding("JOURNAL_ALREADY_KNOWN", message, Severity.BROKEN)


def _key(paper: Paper, row: Movement) -> Key:
    return (
        paper.treasurer_code, row.account, row.year or paper.year, row.document_type, row.document_number,
        row.progressive, row.operation, row.movement_number,
    )  # fmt: skip


def _seen(entity: Entity, papers: Iterable[Paper]) -> _Seen:
    wanted = {(row.year or paper.year, row.document_number) for paper in papers for row in paper.movements}
    seen = _Seen()
    with connection.cursor() as cursor:
        cursor.execute(
            _MOVEMENTS, [[year for year, _number in wanted], [number for _year, number in wanted], entity.pk]
        )
        for *key, cents, source, day in cursor:
            seen.add(tuple(key), cents, source, day)
    return seen


def _new(paper: Paper, seen: _Seen, findings: list[Finding]) -> list[Movement]:
    """Movements not seen before; says how many were, and how many of those came with another amount."""
    new: list[Movement] = []
    repeated = changed = 0
    listed = len(seen.taken_over)
    for row in list(seen.numbered(paper)):
        key = _key(paper, row)
        known = seen.amount(key, paper.source)
        if known is None:
            seen.add(key, row.cents, paper.source, row.booked_on)
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
    if len(seen.taken_over) > listed:
        message = _("%(count)d provvisori erano già noti da un elenco: da ora contano come li dice il giornale.")
        count = {"count": len(seen.taken_over) - listed}
        findings.append(Finding("PROVISIONALS_TAKEN_OVER", message % count, Severity.NOTE))
    return new


def _note_gaps(journals: dict[int, Kept]) -> None:
    """The opening balance is the closing one of the last journal before: else a journal is missing."""
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN, {"journals": list(journals)})
        for key, day in cursor.fetchall():
            message = _("Il saldo iniziale non è quello finale del giornale precedente (%(day)s): manca un giornale.")
            journals[key].findings.append(Finding("JOURNAL_GAP", message % {"day": day.strftime("%d/%m/%Y")}))


def _sums(paper: Paper) -> Sums:
    totals = paper.totals
    return (totals.opening, totals.income, totals.expense, totals.closing) if totals else (None,) * 4


def _journal_row(entity: Entity, kept: Kept, paper: Paper, key: int) -> tuple[Any, ...]:
    return (
        key, entity.pk, kept.evidence_id, paper.layout, paper.treasurer_code, paper.journal_id, paper.page, paper.pages,
        paper.year, paper.day_from, paper.day_to, *_sums(paper), paper.whole,
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
