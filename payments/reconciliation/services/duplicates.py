"""A person calls a payment a double one, or says that it is none. The verdict and the books follow.

A payment is its IUV and its collection id: what is said of one that only a flow reports holds for its receipt, when it
comes.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from payments.domain.refunds import COMMITTED
from payments.domain.states import SETTLED
from payments.models import Instalment, PaymentOption, Receipt, Refund
from payments.reconciliation import decision_events as events
from payments.reconciliation.domain.outcomes import Code
from payments.reconciliation.models import DuplicateMark, FlowLine, Match, MatchKind, PullSource, Verdict
from payments.reconciliation.selectors.duplicates import marks_of
from payments.reconciliation.selectors.linking import current_flows
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


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment as somebody points at it: its receipt, or while there is none a line that reports it."""

    receipt_id: int | None = None
    line_id: int | None = None


@transaction.atomic
def duplicate_mark(
    *, entity: Entity, payment: Paid, first: str, reason: str, user_id: int, actor: Actor
) -> DuplicateMark:
    """Call a payment the double of another, named by its notice, IUV or receipt. A run follows.

    Raises NotAnAccountant, ReasonNeeded, NotADuplicate.
    """
    mark = _mark(entity=entity, payment=payment, first=first, reason=reason, user_id=user_id)
    if _both_owed(entity, mark.iuv, mark.first_iuv):
        raise NotADuplicate(
            "duplicate_instalment",
            _(
                "Sono due parti dello stesso debito, e ognuna è dovuta. È doppio solo un secondo pagamento della "
                "stessa rata, o dello stesso verbale con un altro avviso che lo paga per intero."
            ),
        )
    mark.save(force_insert=True)
    events.duplicate_marked(mark=mark, actor=actor)
    reconcile_and_book(entity=entity, actor=actor)
    return mark


@transaction.atomic
def duplicate_deny(
    *, entity: Entity, payment: Paid, first: str, reason: str, user_id: int, actor: Actor
) -> DuplicateMark:
    """Say that what looks like a double payment is none: it is not proposed again. Raises as `duplicate_mark`."""
    mark = _mark(entity=entity, payment=payment, first=first, reason=reason, user_id=user_id)
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
    refunds = Refund.objects.filter(entity=entity, case__receipt__iuv=mark.iuv, case__receipt__receipt_id=mark.iur)
    if refunds.filter(state__in=COMMITTED).exists():
        raise RefundUnderWay("duplicate_refund", _("Il rimborso è già stato chiesto: prima va rifiutato."))
    mark.live, mark.revoked_at, mark.revoked_by_id, mark.revoked_reason = False, clock.now(), user_id, why
    mark.save(update_fields=["live", "revoked_at", "revoked_by", "revoked_reason"])
    events.duplicate_unmarked(mark=mark, actor=actor)
    reconcile_and_book(entity=entity, actor=actor)
    return mark


def _mark(*, entity: Entity, payment: Paid, first: str, reason: str, user_id: int) -> DuplicateMark:
    """The row, with every run of the body kept waiting."""
    accountant_needed(entity, user_id)
    why = reason_written(reason)
    cursor_locked(entity=entity, source=PullSource.MATCHING)
    iuv, iur, receipt = _pointed_at(entity, payment)
    if marks_of(entity.pk, iuv, iur).exists() or _said_double(entity, iuv, iur):
        raise NotADuplicate("duplicate_already", _("Questo pagamento risulta già doppio."))
    stands = _stands(entity, iuv, iur, first.strip())
    return DuplicateMark(
        entity=entity, receipt=receipt, iuv=iuv, iur=iur, first=stands, first_iuv=stands.iuv,
        first_on=paid_on(stands), reason=why, made_by_id=user_id, made_at=clock.now(),
    )  # fmt: skip


def _pointed_at(entity: Entity, payment: Paid) -> tuple[str, str, Receipt | None]:
    """IUV and collection id of the payment, with its receipt when it is here."""
    receipts = Receipt.objects.defer("raw").filter(entity=entity, outcome="OK")
    if payment.receipt_id is not None:
        receipt = receipts.filter(pk=payment.receipt_id).first()
        if receipt is None:
            raise NotADuplicate("duplicate_unknown", _("Questa ricevuta non è di un pagamento riuscito dell'ente."))
        return receipt.iuv, receipt.receipt_id, receipt
    lines = FlowLine.objects.filter(entity=entity, pk=payment.line_id or 0, flow__in=current_flows([entity.pk]))
    line = lines.filter(cents__gt=0).first()
    if line is None:
        raise NotADuplicate("duplicate_no_line", _("La riga non c'è più, o non è di un pagamento: guarda il flusso."))
    return line.iuv, line.iur, receipts.filter(iuv=line.iuv, receipt_id=line.iur).order_by("pk").first()


def _stands(entity: Entity, iuv: str, iur: str, number: str) -> Receipt:
    """The payment that stands, by what a person wrote of it: the earliest with that number that is no double."""
    joined = "".join(number.split())
    named = Q(iuv=joined) | Q(nav=joined) | Q(receipt_id=number)
    rows = Receipt.objects.defer("raw").filter(named, entity=entity, outcome="OK").exclude(iuv=iuv, receipt_id=iur)
    rows = rows.filter(~Exists(marks_of(entity.pk, OuterRef("iuv"), OuterRef("receipt_id"))))
    found = rows.order_by("paid_at", "pk").first() if joined else None
    if found is None:
        raise NotADuplicate(
            "duplicate_of_nothing",
            _("Nessun'altra ricevuta ha questo numero: scrivi avviso, IUV o ricevuta del pagamento che vale."),
        )
    return found


def _both_owed(entity: Entity, iuv: str, first_iuv: str) -> bool:
    """Whether they are two parts of a debt: instalments of a plan, a part paid and what took the place of the rest; or
    instalments of two plans, the first of which is not paid up.
    """
    rows = Instalment.objects.filter(entity=entity, iuv__in=[iuv, first_iuv]).select_related("option__position")
    found = {row.iuv: row.option for row in rows}
    if iuv == first_iuv or len(found) < 2:
        return False
    paid, first = found[iuv], found[first_iuv]
    if paid.position_id == first.position_id:
        return paid.pk == first.pk or first.withdrawn_at is not None
    parts = all(option.kind == PaymentOption.Kind.PLAN for option in found.values())
    return parts and first.position.state not in SETTLED


def _said_double(entity: Entity, iuv: str, iur: str) -> bool:
    """Whether the rules call it so already, by its receipt or by its lines."""
    lines = Match.objects.filter(
        receipt__iuv=iuv, receipt__receipt_id=iur, entity=entity, kind=MatchKind.LINE_RECEIPT, live=True
    )
    about = (
        Q(receipt__iuv=iuv, receipt__receipt_id=iur)
        | Q(line__iuv=iuv, line__iur=iur)
        | Q(line__in=lines.values("line"))
    )
    return Verdict.objects.filter(about, entity=entity, closed_run=None, code__in=DOUBLE).exists()
