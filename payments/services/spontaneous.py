"""Spontaneous payments: opened once for each request, thanked for when paid, taken back when nobody pays."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django_scopes import scope, scopes_disabled

from payments import conf, events
from payments.domain.spontaneous import (
    LONGEST_ANSWER,
    Asked,
    answer_fits,
    cents_of,
    clean_words,
    description_of,
    fingerprint,
)
from payments.models import Position, SpontaneousPayment, SpontaneousService
from payments.models.positions import UNKNOWN_DEBTOR
from payments.spontaneous.selectors import Offer, offer_of
from portal import clock
from portal.audit.actor import Actor
from portal.billing.domain.states import State as ChargeState
from portal.billing.models import Charge
from portal.billing.services import cancel_charge, request_charge
from portal.billing.socket import ChargeLineDraft, Payer
from portal.kernel.errors import DomainError
from portal.kernel.taxcodes import is_codice_fiscale, is_partita_iva, normalise
from portal.messaging.models import Message
from portal.messaging.services import notify
from portal.people.models import Person

Channel = SpontaneousPayment.Channel
HANDLER = "payments.spontaneous.settled"
ONLY_PERSONS = "Questo pagamento lo fanno soltanto le persone."
ONLY_COMPANIES = "Questo pagamento lo fanno soltanto le imprese e gli enti."
LEFT = "Pagamento spontaneo che nessuno ha pagato in tempo."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to pay. `answers` are by the number of the question."""

    payer: Payer
    asked: Asked
    reason: str = ""
    answers: Mapping[int, str] = field(default_factory=dict)

    def fingerprint(self, *more: str) -> str:
        """The same for the same request."""
        payer, asked = self.payer, self.asked
        said = (payer.kind, payer.fiscal_code, payer.name, payer.email, asked.cents, asked.quantity, self.reason)
        return fingerprint(*said, *(f"{seq}:{answer}" for seq, answer in sorted(self.answers.items())), *more)


@transaction.atomic
def spontaneous_open(
    *,
    service: SpontaneousService,
    wanted: Wanted,
    channel: Channel,
    actor: Actor,
    token: UUID | None = None,
    mandate_id: int | None = None,
    is_payer: bool = False,
    about: str = "",
) -> SpontaneousPayment:
    """Make the charge and the position of a request, or give back what the same request has already made.

    The same request is, from a page, the same `token`; from the node, which has no token, the same content (`about`
    included) in the last `conf.spontaneous_retry_seconds()` while nobody has paid it. `is_payer` says that whoever asks
    has logged in and is the payer, or acts for it: what others ask is not shown in the payer's area.

    Raises DomainError.
    """
    with scope(entity=service.entity_id):
        # One at a time for each service: who repeats a request waits here for the first one to end.
        SpontaneousService.objects.select_for_update(of=("self",)).get(pk=service.pk)
        mark = wanted.fingerprint(about)
        known = _by_token(service, token) if token else _by_fingerprint(service, mark)
        if known is not None:
            return known
        offer = offer_of(entity=service.entity, code=service.code, on=clock.today())
        if offer is None:
            raise DomainError("service_closed", "Questo pagamento non è attivo in questo momento.")
        checked = wanted_checked(offer, wanted, channel=channel)
        payment = _row(offer, checked, channel=channel, token=token or uuid4(), mark=mark, mandate_id=mandate_id)
        payment.charge = _charge(offer, checked, payment, actor=actor, is_payer=is_payer)
        payment.save(update_fields=["charge"])
        events.spontaneous_opened(payment, actor=actor)
        return payment


def _by_token(service: SpontaneousService, token: UUID) -> SpontaneousPayment | None:
    return SpontaneousPayment.objects.select_related("charge").filter(service=service, token=token).first()


def _by_fingerprint(service: SpontaneousService, mark: str) -> SpontaneousPayment | None:
    since = clock.now() - timedelta(seconds=conf.spontaneous_retry_seconds())
    rows = SpontaneousPayment.objects.select_related("charge").filter(
        service=service, fingerprint=mark, channel=Channel.NODE, created_at__gte=since
    )
    return rows.filter(charge__state=ChargeState.REQUESTED).order_by("-pk").first()


def wanted_checked(offer: Offer, wanted: Wanted, *, channel: Channel) -> Wanted:
    """The same, cleaned. Raises DomainError (amount..., payer_kind, payer_code, payer_name, reason, answer)."""
    cents_of(wanted.asked, offer.limits)
    payer = _payer_checked(offer, wanted.payer, channel=channel)
    reason = clean_words(wanted.reason)
    if not reason and offer.service.asks_reason and channel == Channel.WEB:
        raise DomainError("reason", "Scrivi perché paghi.")
    return replace(wanted, payer=payer, reason=reason[:140], answers=_answers_checked(offer, wanted.answers))


def _payer_checked(offer: Offer, payer: Payer, *, channel: Channel) -> Payer:
    if payer.kind not in offer.payers:
        raise DomainError("payer_kind", ONLY_PERSONS if payer.kind == "G" else ONLY_COMPANIES)
    code, name = normalise(payer.fiscal_code), clean_words(payer.name)
    anonymous = code == UNKNOWN_DEBTOR and channel == Channel.NODE
    if not (anonymous or is_codice_fiscale(code) or (payer.kind == "G" and is_partita_iva(code))):
        raise DomainError("payer_code", "Il codice fiscale o la partita IVA non è giusto: ricontrolla ogni carattere.")
    if not 1 <= len(name) <= 70:
        raise DomainError("payer_name", "Scrivi il nome di chi paga, al massimo 70 caratteri.")
    return replace(payer, fiscal_code=code, name=name)


def _answers_checked(offer: Offer, answers: Mapping[int, str]) -> dict[int, str]:
    found = {}
    for question in offer.questions:
        answer = clean_words(answers.get(question.seq, ""))
        if not answer and question.required:
            raise DomainError("answer", "Manca una risposta: %(question)s.", question=question.label)
        if answer and (len(answer) > LONGEST_ANSWER or not answer_fits(answer, question.pattern)):
            text = "La risposta non ha il formato richiesto: %(question)s."
            raise DomainError("answer", text, question=question.label)
        found[question.seq] = answer
    return found


def _row(
    offer: Offer, wanted: Wanted, *, channel: Channel, token: UUID, mark: str, mandate_id: int | None
) -> SpontaneousPayment:
    now = clock.now()
    return SpontaneousPayment.objects.create(
        entity=offer.service.entity,
        service=offer.service,
        token=token,
        fingerprint=mark,
        channel=channel,
        quantity=wanted.asked.quantity,
        price=offer.price,
        reason=wanted.reason,
        answers={row.label: wanted.answers[row.seq] for row in offer.questions if wanted.answers[row.seq]},
        mandate_id=mandate_id,
        created_at=now,
        open_until=offer.open_until(now.astimezone(clock.ROME).date()),
    )


def _charge(offer: Offer, wanted: Wanted, payment: SpontaneousPayment, *, actor: Actor, is_payer: bool) -> Charge:
    service = offer.service
    line = ChargeLineDraft(
        "spontaneo", line_words(offer, wanted.asked), cents_of(wanted.asked, offer.limits), service.debt_kind
    )
    return request_charge(
        entity=service.entity,
        source=payment.source,
        payer=wanted.payer,
        description=charge_words(offer, wanted),
        lines=[line],
        due_on=None,
        handler=HANDLER,
        actor=actor,
        listed=is_payer,
    )


def charge_words(offer: Offer, wanted: Wanted) -> str:
    """What the notice will say the money is for."""
    printed = [(row.label, wanted.answers.get(row.seq, "")) for row in offer.questions if row.on_notice]
    return description_of(offer.service.name, reason=wanted.reason, answers=printed)


def line_words(offer: Offer, asked: Asked) -> str:
    """The item of the charge: the service and, where pieces are counted, how many."""
    service = offer.service
    return f"{service.name} ({service.piece}: {asked.quantity})" if asked.quantity and service.piece else service.name


@transaction.atomic
def spontaneous_settled(*, charge_id: int) -> None:
    """Tell the payer, if they use the portal, that the money arrived. Repeated, it does nothing."""
    charge = Charge.objects.select_for_update(of=("self",)).select_related("entity").get(pk=charge_id)
    if charge.state != ChargeState.SETTLED or Message.objects.filter(source=charge.source).exists():
        return
    payment = SpontaneousPayment.objects.select_related("mandate__company", "mandate__person").get(charge=charge)
    mandate = payment.mandate
    if charge.payer_kind == "F":
        person, company = Person.objects.filter(fiscal_code=charge.payer_fiscal_code).first(), None
    else:
        company = mandate.company if mandate and mandate.company.fiscal_code == charge.payer_fiscal_code else None
        person = mandate.person if mandate and company else None
    if person is not None:
        notify(
            person=person,
            company=company,
            entity=charge.entity,
            template="payments/spontaneous_paid",
            source=charge.source,
            context={"charge": charge},
        )


def spontaneous_cancel_stale() -> int:
    """Take back what nobody has paid, `conf.spontaneous_grace_days()` after its last day; returns how many.

    Each in its own transaction: started again, it goes on from where it was.
    """
    last = clock.today() - timedelta(days=conf.spontaneous_grace_days())
    with scopes_disabled():
        rows = SpontaneousPayment.objects.filter(open_until__lt=last, charge__state=ChargeState.REQUESTED)
        keys = list(rows.order_by("pk").values_list("pk", "entity_id"))
    return sum(spontaneous_cancel(payment_id=key, entity_id=entity_id) for key, entity_id in keys)


def spontaneous_cancel(*, payment_id: int, entity_id: int) -> bool:
    """Cancel the charge of one request; False when somebody has paid it meanwhile."""
    with scope(entity=entity_id):
        payment = SpontaneousPayment.objects.get(pk=payment_id)
        try:
            with transaction.atomic():
                cancel_charge(charge_id=payment.charge_id or 0, actor=events.PAYMENTS)
                Position.objects.filter(charge=payment.charge_id).update(cancellation=LEFT)
                events.spontaneous_left(payment)
        except DomainError:
            return False
    return True
