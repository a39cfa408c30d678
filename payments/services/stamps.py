"""Digital stamps of receipts: kept with the receipt, checked after, checked again when the office asks."""

from base64 import b64decode
from collections.abc import Sequence
from hashlib import sha256

from django.db import transaction

from payments import conf, events
from payments.domain.stamps import StampFinding, StampState, stamp_state
from payments.formats.stamp import Stamp, read_stamp
from payments.models import Receipt, ReceiptTransfer, StampAttachment, StampCheck, Transfer
from payments.node.messages import ReceivedReceipt
from portal import clock
from portal.audit.actor import Actor


def stamps_store(*, rows: Sequence[ReceiptTransfer], received: ReceivedReceipt) -> None:
    """Keep the stamps of a receipt beside its transfers, in the caller's transaction. Nothing is read yet."""
    StampAttachment.objects.bulk_create(
        StampAttachment(
            entity_id=row.entity_id,
            transfer=row,
            received_at=clock.now(),
            sha256=sha256(transfer.stamp).hexdigest(),
            raw=transfer.stamp,
        )
        for row, transfer in zip(rows, received.transfers, strict=True)
        if row.is_stamp
    )


def stamps_check_new(*, receipt: Receipt) -> bool:
    """Check the stamps of a receipt that nobody has checked. Whether the last check of each lets it be relied on.

    Needs the scope of the body and runs in the caller's transaction.
    """
    attachments = StampAttachment.objects.filter(transfer__receipt=receipt).select_related("transfer__receipt")
    checks = [row.last_check or _check(row) for row in attachments.prefetch_related("checks").order_by("pk")]
    return all(check.state != StampState.INVALID for check in checks)


@transaction.atomic
def stamp_check_again(*, attachment_id: int, actor: Actor) -> StampCheck:
    """Check a stamp once more, for instance with new trust anchors; earlier checks stay."""
    attachment = StampAttachment.objects.select_related("transfer__receipt").get(pk=attachment_id)
    check = _check(attachment)
    events.stamp_checked(check, actor=actor)
    return check


def _check(attachment: StampAttachment) -> StampCheck:
    reading = read_stamp(bytes(attachment.raw), anchors=conf.stamp_anchors(), on=attachment.received_at)
    findings = [*reading.findings, *_against_the_request(attachment, reading.stamp)]
    said = reading.stamp
    return StampCheck.objects.create(
        entity_id=attachment.entity_id,
        attachment=attachment,
        checked_at=clock.now(),
        state=stamp_state(findings, signer_known=reading.signer_known),
        findings=findings,
        **({} if said is None else _said(said)),
    )


def _said(stamp: Stamp) -> dict[str, object]:
    return {
        "iubd": stamp.iubd[:255],
        "digest": stamp.digest.hex()[:128],
        "amount_cents": stamp.cents,
        "bought_at": stamp.bought_at,
        "psp_fiscal_code": stamp.psp_fiscal_code[:70],
        "psp_name": stamp.psp_name[:140],
    }


def _against_the_request(attachment: StampAttachment, stamp: Stamp | None) -> list[StampFinding]:
    """What is wrong with a readable stamp for the transfer it came with."""
    if stamp is None:
        return []
    paid = attachment.transfer
    ours = paid.receipt.issuer_fiscal_code == attachment.entity.fiscal_code
    requested = Transfer.objects.filter(instalment__nav=paid.receipt.nav, seq=paid.seq).first() if ours else None
    asked = requested.stamp_hash if requested is not None else ""
    signs = {
        StampFinding.NOT_REQUESTED: ours and not asked,
        StampFinding.DIGEST: bool(asked) and b64decode(asked) != stamp.digest,
        StampFinding.AMOUNT: stamp.cents != paid.amount_cents,
        StampFinding.REUSED: StampCheck.objects.filter(iubd=stamp.iubd[:255]).exclude(attachment=attachment).exists(),
    }
    return [finding for finding, present in signs.items() if present]
