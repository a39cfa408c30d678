"""A person calls a payment a double one, or says that it is none. The verdict and the books follow."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from payments.domain.refunds import COMMITTED
from payments.models import Receipt, Refund
from payments.reconciliation import decision_events as events
from payments.reconciliation.domain.outcomes import Code
from payments.reconciliation.models import DuplicateMark, Match, MatchKind, PullSource, Verdict
from payments.reconciliation.services.books import reconcile_and_book
from payments.reconciliation.services.cursors import cursor_locked
from payments.reconciliation.services.people import accountant_needed, reason_written
from payments.services.receipts import paid_on
from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Entity
from portal.kernel.errors import DomainError

DOUBLE = frozenset({Code.DUPLICATE_PAYMENT, Code.DUPLICATE_ON_ACT})


class NotADuplicate(DomainError):
    """The two payments cannot be one and its double."""


class RefundUnderWay(DomainError):
    """The money is going back already."""


@transaction.atomic
def duplicate_mark(
    *, entity: Entity, receipt_id: int, first: str, reason: str, user_id: int, actor: Actor
) -> DuplicateMark:
    """Call a payment the double of another, named by its notice, IUV or receipt. A run follows.

    Raises NotAnAccountant, ReasonNeeded, NotADuplicate.
    """
    mark = _mark(entity=entity, receipt_id=receipt_id, first=first, reason=reason, user_id=user_id)
    mark.save(force_insert=True)
    events.duplicate_marked(mark=mark, actor=actor)
    reconcile_and_book(entity=entity, actor=actor)
    return mark


@transaction.atomic
def duplicate_deny(
    *, entity: Entity, receipt_id: int, first: str, reason: str, user_id: int, actor: Actor
) -> DuplicateMark:
    """Say that what looks like a double payment is none: it is not proposed again. Raises as `duplicate_mark`."""
    mark = _mark(entity=entity, receipt_id=receipt_id, first=first, reason=reason, user_id=user_id)
    mark.live, mark.revoked_at, mark.revoked_by_id, mark.revoked_reason = False, mark.made_at, user_id, mark.reason
    mark.save(force_insert=True)
    events.duplicate_unmarked(mark=mark, actor=actor)
    return mark


@transaction.atomic
def duplicate_unmark(*, entity: Entity, mark_id: int, reason: str, user_id: int, actor: Actor) -> DuplicateMark:
    """Take back what was said. Raises NotAnAccountant, ReasonNeeded, NotADuplicate, RefundUnderWay."""
    accountant_needed(entity, user_id)
    why = reason_written(reason)
    cursor_locked(entity=entity, source=PullSource.MATCHING)
    mark = DuplicateMark.objects.select_for_update(of=("self",)).filter(entity=entity, pk=mark_id, live=True).first()
    if mark is None:
        raise NotADuplicate("duplicate_unmarked", _("Non è più segnato doppio: qualcuno l'ha già annullato."))
    if Refund.objects.filter(case__receipt=mark.receipt_id, state__in=COMMITTED).exists():
        raise RefundUnderWay("duplicate_refund", _("Il rimborso è già stato chiesto: prima va rifiutato."))
    mark.live, mark.revoked_at, mark.revoked_by_id, mark.revoked_reason = False, clock.now(), user_id, why
    mark.save(update_fields=["live", "revoked_at", "revoked_by", "revoked_reason"])
    events.duplicate_unmarked(mark=mark, actor=actor)
    reconcile_and_book(entity=entity, actor=actor)
    return mark


def _mark(*, entity: Entity, receipt_id: int, first: str, reason: str, user_id: int) -> DuplicateMark:
    """The row, with every run of the body kept waiting."""
    accountant_needed(entity, user_id)
    why = reason_written(reason)
    cursor_locked(entity=entity, source=PullSource.MATCHING)
    receipt = Receipt.objects.defer("raw").filter(entity=entity, pk=receipt_id, outcome="OK").first()
    if receipt is None:
        raise NotADuplicate("duplicate_unknown", _("Questa ricevuta non è di un pagamento riuscito dell'ente."))
    if DuplicateMark.objects.filter(entity=entity, receipt=receipt, live=True).exists() or _said_double(receipt):
        raise NotADuplicate("duplicate_already", _("Questo pagamento risulta già doppio."))
    stands = _stands(receipt, first.strip())
    return DuplicateMark(
        entity=entity, receipt=receipt, iuv=receipt.iuv, iur=receipt.receipt_id, first=stands, first_iuv=stands.iuv,
        first_on=paid_on(stands), reason=why, made_by_id=user_id, made_at=clock.now(),
    )  # fmt: skip


def _stands(receipt: Receipt, number: str) -> Receipt:
    """The payment that stands, by what a person wrote of it: the earliest with that number that is no double."""
    joined = "".join(number.split())
    named = Q(iuv=joined) | Q(nav=joined) | Q(receipt_id=number)
    rows = Receipt.objects.defer("raw").filter(named, entity=receipt.entity_id, outcome="OK").exclude(pk=receipt.pk)
    rows = rows.exclude(duplicate_marks__live=True)
    found = rows.order_by("paid_at", "pk").first() if joined else None
    if found is None:
        raise NotADuplicate(
            "duplicate_of_nothing",
            _("Nessun altro pagamento ha questo numero: scrivi avviso, IUV o ricevuta di quello che vale."),
        )
    return found


def _said_double(receipt: Receipt) -> bool:
    """Whether the rules call it so already, by its receipt or by its lines."""
    lines = Match.objects.filter(receipt=receipt, kind=MatchKind.LINE_RECEIPT, live=True).values("line")
    about = Q(receipt=receipt) | Q(line__in=lines)
    return Verdict.objects.filter(about, entity=receipt.entity_id, closed_run=None, code__in=DOUBLE).exists()
