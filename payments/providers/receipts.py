"""Receipts that providers took for us: fetched, kept, judged like those the node brings. Twice does no harm."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from payments.domain.states import State
from payments.models import Instalment, ProviderExport, QuarantinedMessage, Receipt, ReceiptPull, StationLink
from payments.providers.base import Capability, FetchedReceipt, OpenNotice
from payments.providers.receipts_xml import UnreadableReceipt, read_receipt
from payments.providers.registry import provider_for
from payments.services.receipts import receipt_judge_or_leave, receipt_quarantine, receipt_store
from portal import clock
from portal.kernel.errors import GatewayError

# Receipts may appear late: every time some days are asked for again, and what is known is skipped.
OVERLAP = timedelta(days=3)
FIRST_TIME = timedelta(days=30)
Reason = QuarantinedMessage.Reason


def pull_receipts(*, link: StationLink) -> int:
    """Take the receipts of a link, outside any transaction; how many were new. Raises GatewayError, day unmoved.

    Needs the scope of the body.
    """
    provider = provider_for(link)
    if Capability.RECEIPTS not in provider.capabilities:
        return 0
    pull, _ = ReceiptPull.objects.get_or_create(entity_id=link.entity_id, link=link)
    today, taken = clock.today(), 0
    since = pull.taken_until - OVERLAP if pull.taken_until else today - FIRST_TIME
    refused: set[str] = set()
    try:
        for receipt in provider.fetch_receipts(
            entity=link.creditor.entity.fiscal_code,
            since=since,
            waiting=lambda: _waiting(link),
            known=lambda iuv: _known(link, iuv),
        ):
            if _take(link, receipt):
                taken += 1
            else:
                refused.add(receipt.iuv)
    except GatewayError as error:
        _marked(pull, error=str(error))
        raise
    _marked(pull, taken_until=today, error=_unreadable(refused))
    return taken


def _take(link: StationLink, receipt: FetchedReceipt) -> bool:
    """Keep a receipt first, judge it after; one that is not ours or cannot be read goes to quarantine."""
    entity_id = link.entity_id
    try:
        request = read_receipt(receipt.content)
    except UnreadableReceipt as error:
        receipt_quarantine(raw=receipt.content, reason=Reason.MALFORMED, detail=str(error), entity_id=entity_id)
        return False
    if request.head.entity != link.creditor.entity.fiscal_code:
        receipt_quarantine(raw=receipt.content, reason=Reason.ENTITY, detail=request.head.entity)
        return False
    kept = receipt_store(
        entity_id=entity_id, operation=request.operation.value, received=request.receipt, raw=receipt.content
    )
    receipt_judge_or_leave(entity_id=entity_id, receipt_id=kept)
    return True


def _known(link: StationLink, iuv: str) -> bool:
    return Receipt.objects.filter(entity_id=link.entity_id, iuv=iuv, outcome="OK").exists()


def _waiting(link: StationLink) -> list[OpenNotice]:
    """Notices of a link that nobody has paid yet, as far as we know; also those cancelled here that the provider would
    not give back, because somebody may have paid them there.
    """
    refused = ProviderExport.objects.filter(state=ProviderExport.State.FAILED, position__state=State.CANCELLED)
    rows = Instalment.objects.filter(
        Q(option__position__state__in=[State.PUBLISHED, State.PARTLY_PAID])
        | Q(option__position__in=refused.values("position")),
        option__position__link=link,
        paid_at__isnull=True,
    )
    pairs = rows.order_by("pk").values_list("iuv", "option__position__debt_kind__code")
    return [OpenNotice(iuv, kind or "") for iuv, kind in pairs]


def _unreadable(refused: set[str]) -> str:
    return f"{len(refused)} ricevute non leggibili, in quarantena" if refused else ""


@transaction.atomic
def _marked(pull: ReceiptPull, *, taken_until: date | None = None, error: str = "") -> None:
    pull.attempted_at, pull.error = clock.now(), error[:300]
    fields = ["attempted_at", "error"]
    if taken_until is not None:
        pull.taken_until, pull.succeeded_at = taken_until, pull.attempted_at
        fields += ["taken_until", "succeeded_at"]
    pull.save(update_fields=fields)
