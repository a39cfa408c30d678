"""The books, read: balances at any date, the check against the treasurer, the entries of an account."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from payments.reconciliation.domain.accounts import ACCOUNTS, Account
from payments.reconciliation.models import LedgerPosting
from payments.reconciliation.sql import statement

_BALANCES = statement("ledger_balances")
_OPEN = statement("open_provisionals")


@dataclass(frozen=True, slots=True)
class Balance:
    """An account, or an assessment, at the end of a day. `cents` is positive when the account has what its name says;
    `signed` is as the ledger keeps it, debits positive.
    """

    account: Account
    assessment_id: int | None
    label: str
    description: str
    signed: int
    debit: int
    credit: int

    @property
    def cents(self) -> int:
        return self.signed * ACCOUNTS[self.account].sign


@dataclass(frozen=True, slots=True)
class Books:
    """The accounts of some bodies at the end of a day, in the order of their table, and the assessments."""

    accounts: list[Balance]
    assessments: list[Balance] = field(default_factory=list)
    open_provisionals: int = 0

    def of(self, account: Account) -> int:
        """What stands on an account, all assessments together, as its name says it."""
        return sum(row.cents for row in (*self.accounts, *self.assessments) if row.account is account)

    @property
    def zero(self) -> int:
        """The sum of everything: always zero."""
        return sum(row.signed for row in (*self.accounts, *self.assessments))

    @property
    def squares(self) -> bool:
        """Whether the provisionals of the books are those of the treasurer."""
        return self.of(Account.PROVISIONALS) == self.open_provisionals


def balances(entity_ids: Sequence[int], *, on: date, known_at: datetime | None = None) -> Books:
    """What stood on every account at the end of a day. With `known_at`, as the books said at that moment."""
    known: dict[str, Any] = {"entities": list(entity_ids), "on": on, "known_at": known_at}
    with connection.cursor() as sql:
        sql.execute(_BALANCES, known)
        rows = sql.fetchall()
    found: dict[Account, Balance] = {}
    assessments: list[Balance] = []
    for account, assessment, year, number, chapter, description, cents, debit, credit in rows:
        which = Account(account)
        if assessment is None:
            card = ACCOUNTS[which]
            found[which] = Balance(which, None, card.title, card.meaning, cents, debit, credit)
        else:
            words = f"{description}, capitolo {chapter}"
            assessments.append(Balance(which, assessment, f"{number}/{year}", words, cents, debit, credit))
    plain = [account for account in Account if account is not Account.ASSESSMENT]
    accounts = [found.get(account) or _empty(account) for account in plain]
    return Books(accounts, assessments, open_provisionals(entity_ids, on=on))


def open_provisionals(entity_ids: Sequence[int], *, on: date) -> int:
    """Cents that the documents of the treasurer leave to be regularised at the end of a day."""
    with connection.cursor() as sql:
        sql.execute(_OPEN, {"entities": list(entity_ids), "on": on})
        row = sql.fetchone()
    return int(row[0]) if row else 0


def account_postings(
    entity_ids: Sequence[int], *, account: Account, assessment_id: int | None, on: date
) -> QuerySet[LedgerPosting]:
    """What moved an account until a day, latest first."""
    which = Q(account=account.value) & (Q(assessment=assessment_id) if assessment_id else Q())
    rows = LedgerPosting.objects.filter(which, entity_id__in=entity_ids, entry__day__lte=on)
    return rows.select_related("entry", "assessment", "entry__entity").order_by("-entry__day", "-pk")


def _empty(account: Account) -> Balance:
    card = ACCOUNTS[account]
    return Balance(account, None, card.title, card.meaning, 0, 0, 0)
