"""A fine paid too little for its day: the difference is asked for with a position of its own, or let go."""

from datetime import timedelta

from django.db import transaction

from payments.fines import conf, events
from payments.fines.domain.rests import Decision, Shortfall, term_on
from payments.fines.law import rest_terms
from payments.fines.models import Fine, FineRest
from payments.fines.selectors import late_cases, missing, rest_of
from payments.models import Position
from payments.models.receipts import CaseState
from payments.services.receipts import receipt_case_resolve
from portal import clock
from portal.audit.actor import Actor
from portal.billing.models import Charge
from portal.billing.services import request_charge
from portal.billing.socket import ChargeLineDraft, Payer
from portal.kernel.errors import DomainError
from portal.kernel.money import euro

LINE = "Differenza della sanzione"


@transaction.atomic
def fine_rest_ask(*, fine_id: int, actor: Actor) -> FineRest:
    """Ask for the difference with a new position, due by the term of data/rests.toml. Asked twice, the first stands.

    Raises DomainError when nothing is missing, or when nobody has confirmed the term.
    """
    fine = _locked(fine_id)
    before = rest_of(fine)
    if before is not None and before.decision == Decision.ASKED:
        return before
    short = _missing(fine)
    term = term_on(rest_terms(), clock.today())
    if term is None:
        raise DomainError("rest_term", "Manca il termine confermato per pagare la differenza: avvisa la ragioneria.")
    charge = request_charge(
        entity=fine.entity,
        source=f"{conf.REST}:{fine.pk}",
        payer=_payer(fine.position),
        description=f"Differenza del verbale n. {fine.act} del {fine.violated_on:%d/%m/%Y} - targa {fine.plate}",
        lines=[ChargeLineDraft("differenza", LINE, short.cents, conf.SANCTION_KIND)],
        due_on=clock.today() + timedelta(days=term.days),
        handler=conf.REST_HANDLER,
        actor=actor,
    )
    position = Position.objects.get(charge=charge)
    note = f"Chiesta la differenza di {euro(short.cents)} con l'avviso {charge.notice_number}."
    return _decide(fine, Decision.ASKED, short, position=position, note=note, actor=actor)


@transaction.atomic
def fine_rest_let_go(*, fine_id: int, reason: str, actor: Actor) -> FineRest:
    """Take what was paid as enough, with a reason. Said twice, the first stands. Raises DomainError."""
    if not reason.strip():
        raise DomainError("reason_missing", "Scrivi perché l'importo pagato basta: il motivo resta agli atti.")
    fine = _locked(fine_id)
    before = rest_of(fine)
    if before is not None and before.decision == Decision.ACCEPTED:
        return before
    why = reason.strip()[:300]
    short = _missing(fine)
    return _decide(fine, Decision.ACCEPTED, short, reason=why, note=f"Accettato come saldo: {why}", actor=actor)


def _decide(
    fine: Fine,
    decision: Decision,
    short: Shortfall,
    *,
    note: str,
    actor: Actor,
    position: Position | None = None,
    reason: str = "",
) -> FineRest:
    rest = FineRest.objects.create(
        entity_id=fine.entity_id,
        fine=fine,
        decision=decision,
        paid_on=short.paid_on,
        paid_cents=short.paid,
        due_cents=short.due,
        position=position,
        reason=reason,
        decided_by_id=actor.user_id,
        decided_at=clock.now(),
    )
    events.rest_decided(rest, actor=actor)
    for case in late_cases(fine).filter(state=CaseState.TO_REVIEW):
        receipt_case_resolve(case_id=case.pk, note=note, actor=actor)
    return rest


def _locked(fine_id: int) -> Fine:
    """The fine, after its charge, as whoever pays or moves it does."""
    charge_id = Fine.objects.values_list("position__charge", flat=True).get(pk=fine_id)
    Charge.objects.select_for_update(of=("self",)).get(pk=charge_id)
    rows = Fine.objects.select_for_update(of=("self",)).select_related("position", "entity")
    return rows.get(pk=fine_id)


def _missing(fine: Fine) -> Shortfall:
    found = missing(fine)
    if found is None:
        raise DomainError("rest_nothing", "Di questa multa non manca niente, oppure è già stato deciso.")
    return found


def _payer(position: Position) -> Payer:
    return Payer(
        kind=position.debtor_kind,
        fiscal_code=position.debtor_fiscal_code,
        name=position.debtor_name,
        email=position.debtor_email,
        street=position.debtor_street,
        civic=position.debtor_civic,
        postal_code=position.debtor_postal_code,
        city=position.debtor_city,
        province=position.debtor_province,
        country=position.debtor_country,
    )
