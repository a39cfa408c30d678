"""Accounts of the treasury, and which document counts for each: the same money is never counted twice."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils.translation import gettext as _

from payments.reconciliation import events
from payments.reconciliation.formats.findings import Finding, Severity
from payments.reconciliation.formats.money import Paper
from payments.reconciliation.models import MovementSource, TreasuryAccount
from payments.reconciliation.sql import statement
from portal.audit.actor import Actor
from portal.entities.models import Entity

_RECOUNT = statement("recount")


@dataclass(slots=True)
class AccountBook:
    """The accounts of a body while documents are loaded."""

    entity: Entity
    sources: dict[str, str] = field(default_factory=dict)
    undecided: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, entity: Entity) -> "AccountBook":
        """What is known now."""
        return cls(entity, dict(TreasuryAccount.objects.filter(entity=entity).values_list("code", "source")))

    def learn(self, papers: Iterable[Paper]) -> None:
        """Write down the accounts seen for the first time.

        A statement of a new account does not count until a person says so: a bank that is the treasurer gives journal
        and statement, and the same credit stands in the two under different names.
        """
        new: dict[str, TreasuryAccount] = {}
        for paper in papers:
            described = {balance.account: balance for balance in paper.balances}
            for code in sorted({row.account for row in paper.movements} | set(described)):
                if code in self.sources:
                    continue
                if paper.source == MovementSource.STATEMENT:
                    self.undecided.add(code)
                balance = described.get(code)
                self.sources[code] = MovementSource.JOURNAL.value
                new[code] = TreasuryAccount(
                    entity=self.entity,
                    code=code,
                    iban=balance.iban[:34] if balance else "",
                    description=balance.description[:140] if balance else "",
                )
        TreasuryAccount.objects.bulk_create(list(new.values()), ignore_conflicts=True)

    def counts(self, account: str, source: str) -> bool:
        """Whether movements of this kind of document count for an account."""
        return _counts(self.sources[account], source)

    def findings(self, paper: Paper) -> list[Finding]:
        """Says when a document is kept without counting."""
        aside = sorted({row.account for row in paper.movements if not self.counts(row.account, paper.source)})
        if not aside:
            return []
        codes = {"codes": ", ".join(code or _("senza numero") for code in aside)}
        if self.undecided.intersection(aside):
            message = _("Il conto %(codes)s è nuovo: i movimenti contano dopo che hai detto quale documento conta.")
            return [Finding("ACCOUNT_NEW", message % codes)]
        message = _("Per il conto %(codes)s conta un altro documento: questi movimenti sono conservati e non contano.")
        return [Finding("ACCOUNT_ASIDE", message % codes, Severity.NOTE)]


def _counts(wanted: str, source: str) -> bool:
    statement_wanted = wanted == MovementSource.STATEMENT
    return statement_wanted == (source == MovementSource.STATEMENT)


@transaction.atomic
def account_source_set(*, account: TreasuryAccount, source: MovementSource, actor: Actor) -> int:
    """Say which document counts for an account, from its first day; how many movements change."""
    locked = TreasuryAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)
    locked.source = source.value
    locked.save(update_fields=["source"])
    with connection.cursor() as cursor:
        cursor.execute(_RECOUNT, {"entity": locked.entity_id, "account": locked.code, "source": locked.source})
        changed: int = cursor.rowcount
    events.account_source_set(account=locked, changed=changed, actor=actor)
    return changed


@transaction.atomic
def account_describe(*, account: TreasuryAccount, iban: str, description: str, actor: Actor) -> None:
    """Write down what people call an account."""
    locked = TreasuryAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)
    if (locked.iban, locked.description) == (iban, description):
        return
    locked.iban, locked.description = iban, description
    locked.save(update_fields=["iban", "description"])
    events.account_described(account=locked, actor=actor)
