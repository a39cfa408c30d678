"""A position before it is written: ways to pay, instalments, and the shares each is made of. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from portal.kernel.errors import DomainError

MAX_TRANSFERS = 5
MAX_INSTALMENTS = 100


@dataclass(frozen=True, slots=True)
class ShareDraft:
    """A sum of one kind of debt; a digital stamp carries the hash of its document (base64) and a province."""

    kind: str
    cents: int
    stamp_hash: str = ""
    stamp_province: str = ""


@dataclass(frozen=True, slots=True)
class InstalmentDraft:
    """One notice number to be. Its amount is the sum of its shares; `dated` are the amounts that follow it."""

    shares: tuple[ShareDraft, ...]
    due_on: date | None
    dated: tuple[tuple[date, int, str], ...] = ()

    @property
    def cents(self) -> int:
        """What is printed on the notice."""
        return sum(share.cents for share in self.shares)


@dataclass(frozen=True, slots=True)
class OptionDraft:
    """A way to pay: one instalment is a single payment, more are a plan."""

    instalments: tuple[InstalmentDraft, ...]
    description: str = ""
    valid_from: date | None = None
    refused_after_due: bool = False


def grouped_shares(shares: Sequence[ShareDraft]) -> tuple[ShareDraft, ...]:
    """Shares of one kind become one, in the order of their first; each stamp stays by itself.

    Raises DomainError when they do not fit in one notice.
    """
    found: dict[object, ShareDraft] = {}
    for index, share in enumerate(shares):
        key: object = (index,) if share.stamp_hash else share.kind
        known = found.get(key)
        found[key] = replace(known, cents=known.cents + share.cents) if known else share
    if not 1 <= len(found) <= MAX_TRANSFERS:
        raise DomainError("transfers", "Un avviso di pagamento ha da uno a cinque versamenti.")
    return tuple(found.values())


def planned(shares: Sequence[ShareDraft], plan: Sequence[tuple[int, date]]) -> OptionDraft:
    """A plan of (cents, due date): the shares fill the instalments in their order. Raises DomainError."""
    if any(share.stamp_hash for share in shares):
        raise DomainError("plan_stamp", "La marca da bollo digitale non si paga a rate.")
    if not 2 <= len(plan) <= MAX_INSTALMENTS or any(cents < 1 for cents, _due in plan):
        raise DomainError("plan", "Un piano ha almeno due rate, ciascuna di almeno un centesimo.")
    if sum(cents for cents, _due in plan) != sum(share.cents for share in shares):
        raise DomainError("plan_total", "La somma delle rate non è l'importo da pagare.")
    if any(later <= sooner for (_c, sooner), (_d, later) in pairwise(plan)):
        raise DomainError("plan_dates", "Ogni rata scade dopo quella che la precede.")
    waiting = list(shares)
    instalments = []
    for cents, due_on in plan:
        taken, waiting = _taken(waiting, cents)
        instalments.append(InstalmentDraft(tuple(taken), due_on))
    return OptionDraft(tuple(instalments))


def _taken(waiting: list[ShareDraft], cents: int) -> tuple[list[ShareDraft], list[ShareDraft]]:
    """The first `cents` of some shares, and what is left of them."""
    taken: list[ShareDraft] = []
    for index, share in enumerate(waiting):
        part = min(share.cents, cents)
        taken.append(replace(share, cents=part))
        cents -= part
        if cents == 0:
            rest = [replace(share, cents=share.cents - part)] if part < share.cents else []
            return taken, rest + waiting[index + 1 :]
    return taken, []
