"""Asking pagoPA for a receipt that a flow reports and that never came: it enters as every receipt does."""

from datetime import date, datetime, time, timedelta
from http import HTTPStatus

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from payments.gateways.http import Refused
from payments.models import QuarantinedMessage, Receipt, StationLink
from payments.providers.conf import platform_url
from payments.reconciliation import conf
from payments.reconciliation import decision_events as events
from payments.reconciliation.domain.outcomes import Code
from payments.reconciliation.formats.biz_receipt import UnreadableReceipt, read_biz_receipt
from payments.reconciliation.gateways.biz_events import BizEventsClient
from payments.reconciliation.models import FlowLine, ReceiptRequest, RequestState, Verdict
from payments.reconciliation.services.books import reconcile_and_book
from payments.services.receipts import receipt_judge_or_leave, receipt_quarantine, receipt_store
from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Entity
from portal.kernel.errors import DomainError, GatewayError
from portal.outbox import services as outbox

HANDLER = "payments.reconciliation.ask_receipt"
OPERATION = "bizEvents"
# After about two days nobody tries any more.
GIVEN_UP = timedelta(days=3)
Reason = QuarantinedMessage.Reason
ACTOR = Actor.system("riconciliazione")


class CannotAsk(DomainError):
    """The receipt is here already, or nobody can be asked."""


@transaction.atomic
def receipt_ask(*, entity: Entity, line_id: int, user_id: int | None, actor: Actor) -> ReceiptRequest:
    """Ask for the receipt of a line that has none; the answer comes later. Raises CannotAsk."""
    line = FlowLine.objects.select_for_update(of=("self",), no_key=True).filter(entity=entity, pk=line_id).first()
    if line is None:
        raise CannotAsk("receipt_no_line", _("La riga del flusso non c'è più."))
    if Receipt.objects.filter(entity=entity, iuv=line.iuv, receipt_id=line.iur).exists():
        raise CannotAsk("receipt_here", _("La ricevuta è arrivata: l'esito si aggiorna alla prossima elaborazione."))
    if not platform_url() or not _broker(entity):
        raise CannotAsk("receipt_nobody", _("Il collegamento con pagoPA non è configurato: scrivi all'intermediario."))
    waiting = ReceiptRequest.objects.filter(line=line, state=RequestState.WAITING)
    waiting.filter(asked_at__lt=clock.now() - GIVEN_UP).update(state=RequestState.FAILED)
    if waiting.exists():
        raise CannotAsk("receipt_waits", _("La ricevuta è già stata chiesta: si aspetta la risposta di pagoPA."))
    row = ReceiptRequest.objects.create(entity=entity, line=line, asked_at=clock.now(), asked_by_id=user_id)
    events.receipt_asked(request=row, actor=actor)
    outbox.send(HANDLER, {"request": row.pk}, key=f"{HANDLER}:{row.pk}", entity_id=entity.pk)
    return row


def receipt_fetch(*, request_id: int) -> ReceiptRequest:
    """Ask, outside any transaction, and keep what comes. Run twice it keeps it once. Raises GatewayError when trying
    again may help.
    """
    row = ReceiptRequest.objects.select_related("entity", "line").get(pk=request_id)
    if row.state != RequestState.WAITING:
        return row
    entity, line = row.entity, row.line
    try:
        with BizEventsClient(broker=_broker(entity)) as client:
            content = client.receipt(entity.fiscal_code, iur=line.iur, iuv=line.iuv)
    except Refused as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return _answered(row, RequestState.UNKNOWN, error=_("pagoPA non ha la ricevuta di questo pagamento."))
        _failed(row, error)
        raise
    except GatewayError as error:
        _failed(row, error)
        raise
    problem = _keep(entity, line, content)
    answered = _answered(row, RequestState.FAILED if problem else RequestState.ARRIVED, error=problem)
    if not problem and row.asked_by_id is not None:
        reconcile_and_book(entity=entity, actor=ACTOR)
    return answered


def receipts_ask_daily(*, entity: Entity) -> int:
    """Ask for the receipts that the flows of a body report without having them: once a day, for some days, if the
    setting is on; how many were asked.
    """
    days, asked = conf.receipts_asked_for_days(), 0
    if not days:
        return 0
    for line_id in _to_ask(entity, days=days, today=clock.today()):
        try:
            receipt_ask(entity=entity, line_id=line_id, user_id=None, actor=ACTOR)
        except CannotAsk:
            continue
        asked += 1
    return asked


def _to_ask(entity: Entity, *, days: int, today: date) -> list[int]:
    """Lines without receipt that were asked for less often than that, and not today."""
    started = datetime.combine(today, time(), tzinfo=clock.ROME)
    asked = ReceiptRequest.objects.filter(line=OuterRef("line"))
    recent = asked.filter(Q(asked_at__gte=started) | Q(state=RequestState.WAITING))
    rows = Verdict.objects.filter(entity=entity, closed_run=None, code=Code.FLOW_WITHOUT_RECEIPT, line__isnull=False)
    rows = rows.filter(~Exists(recent)).annotate(times=Count("line__receipt_requests")).filter(times__lt=days)
    return [pk for pk in rows.order_by("since", "pk").values_list("line", flat=True)[: conf.MOST_ASKED_A_DAY] if pk]


def _keep(entity: Entity, line: FlowLine, content: bytes) -> str:
    """Keep what came, first of all; what is wrong with it in words, empty when it is the receipt asked for."""
    try:
        received = read_biz_receipt(content)
    except UnreadableReceipt as error:
        receipt_quarantine(raw=content, reason=Reason.MALFORMED, detail=str(error), entity_id=entity.pk)
        return _("La risposta di pagoPA non si legge: è conservata tra i messaggi in quarantena.")
    shares = {transfer.entity for transfer in received.transfers} | {received.issuer}
    if entity.fiscal_code not in shares:
        receipt_quarantine(raw=content, reason=Reason.ENTITY, detail=received.issuer)
        return _("pagoPA ha mandato la ricevuta di un altro ente: è conservata tra i messaggi in quarantena.")
    kept = receipt_store(entity_id=entity.pk, operation=OPERATION, received=received, raw=content)
    receipt_judge_or_leave(entity_id=entity.pk, receipt_id=kept)
    if (received.receipt_id, received.iuv) != (line.iur, line.iuv):
        return _("pagoPA ha mandato un'altra ricevuta: è conservata, ma questa manca ancora.")
    return ""


@transaction.atomic
def _answered(row: ReceiptRequest, state: RequestState, *, error: str) -> ReceiptRequest:
    row.state, row.error, row.answered_at = state, error[:300], clock.now()
    row.attempts += 1
    row.save(update_fields=["state", "error", "answered_at", "attempts"])
    events.receipt_answered(request=row, actor=ACTOR)
    return row


def _failed(row: ReceiptRequest, error: GatewayError) -> None:
    """Told in words; while trying again may help the request waits."""
    text = _("pagoPA rifiuta la richiesta: controlla la chiave e il collegamento dell'ente.")
    if not error.permanent:
        text = _("pagoPA non risponde: il portale riprova da solo.")
    if error.permanent:
        _answered(row, RequestState.FAILED, error=text)
        return
    ReceiptRequest.objects.filter(pk=row.pk).update(error=text, attempts=row.attempts + 1, answered_at=clock.now())


def _broker(entity: Entity) -> str:
    """The intermediary whose key opens the service."""
    links = StationLink.objects.filter(entity=entity).order_by("-issues", "pk")
    return str(links.values_list("station__broker__fiscal_code", flat=True).first() or "")
