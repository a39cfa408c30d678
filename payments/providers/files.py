"""Thousands of positions at a time: a file is handed over to GPD, worked there, and its report read later."""

import io
import json
import zipfile
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from payments.gateways.gpd import UploadClient, UploadResult
from payments.gateways.http import Refused
from payments.models import Position, ProviderExport, ProviderUpload, StationLink
from payments.providers import gpd_v1
from payments.providers.bodies import Body
from payments.providers.data import NotExpressible
from payments.providers.registry import Wanted, destination, wanted
from payments.providers.services import HANDLER as ONE_BY_ONE
from payments.providers.services import enqueue
from payments.providers.snapshot import iupd_of, snapshot
from portal import clock
from portal.kernel.errors import GatewayError
from portal.outbox import services as outbox

HANDLER = "payments.provider_file"
# Positions in one file: a few megabytes of JSON, far under the service's limits.
MOST = 2000
# Under this number one call each is as fast, and says at once how it went.
WORTH_A_FILE = 50
# A report that never comes: the positions are then sent one by one.
PATIENCE = timedelta(days=2)
State = ProviderExport.State
GPD = ProviderExport.Provider.GPD


@transaction.atomic
def enqueue_written(*, link: StationLink, position_ids: Sequence[int]) -> int:
    """Promise many new positions of a link, in the caller's transaction; returns how many files will carry them.

    Needs the scope of the body. Few of them, or those of a provider without files, go one by one.
    """
    if destination(link) is None:
        return 0
    if destination(link) != GPD or len(position_ids) < WORTH_A_FILE:
        for position in Position.objects.filter(pk__in=position_ids).select_related("link").iterator():
            enqueue(position)
        return 0
    files = 0
    for start in range(0, len(position_ids), MOST):
        some = position_ids[start : start + MOST]
        now = clock.now()
        upload = ProviderUpload.objects.create(entity_id=link.entity_id, link=link, created_at=now)
        rows = [
            ProviderExport(entity_id=link.entity_id, position_id=key, provider=GPD, upload=upload, created_at=now)
            for key in some
        ]
        ProviderExport.objects.bulk_create(rows, ignore_conflicts=True)
        outbox.send(HANDLER, {"upload": upload.pk}, key=f"upload:{upload.pk}", entity_id=link.entity_id)
        files += 1
    return files


def enqueue_changed(*, position_ids: Collection[int]) -> None:
    """Tell the providers what was written over in bulk, in the caller's transaction. Needs the scope of the body."""
    told = ProviderExport.objects.filter(position__in=position_ids).values("position")
    for position in Position.objects.filter(pk__in=told).select_related("link").iterator():
        enqueue(position)


def send(*, upload_id: int) -> None:
    """Write the file and hand it over, once. Raises GatewayError."""
    upload = ProviderUpload.objects.select_related("link__station__broker", "link__creditor__entity").get(pk=upload_id)
    if upload.state != ProviderUpload.State.WAITING:
        return
    bodies = _bodies(_waiting(upload))
    if not bodies:
        _closed(upload, ProviderUpload.State.DONE)
        return
    link = upload.link
    try:
        with UploadClient(broker=link.station.broker.fiscal_code) as client:
            file_id = client.send(link.creditor.entity.fiscal_code, archive(bodies))
    except GatewayError as error:
        _failed(upload, error)
        raise
    ProviderUpload.objects.filter(pk=upload.pk).update(
        file_id=file_id, state=ProviderUpload.State.WORKING, submitted=len(bodies), last_error=""
    )


def archive(bodies: Iterable[Body]) -> bytes:
    """The ZIP with one JSON that the service takes."""
    text = json.dumps({"paymentPositions": list(bodies)}, ensure_ascii=False, separators=(",", ":"))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("posizioni.json", text)
    return target.getvalue()


def _waiting(upload: ProviderUpload) -> QuerySet[ProviderExport]:
    rows = ProviderExport.objects.filter(upload=upload, state=State.WAITING)
    return rows.select_related("position__charge", "position__creditor__entity").order_by("pk")


def _bodies(exports: Iterable[ProviderExport]) -> list[Body]:
    """The files speak v1: what v1 cannot say, or must not be published now, goes one by one."""
    found = []
    for export in exports:
        try:
            if wanted(export.position, GPD) is not Wanted.PUBLISHED:
                raise NotExpressible("not_now", "")
            found.append(gpd_v1.body(snapshot(export.position_id, on=clock.today()).in_force))
        except NotExpressible:
            _alone(export)
    return found


def _alone(export: ProviderExport) -> None:
    with transaction.atomic():
        ProviderExport.objects.filter(pk=export.pk).update(upload=None)
        outbox.send(ONE_BY_ONE, {"export": export.pk}, entity_id=export.entity_id)


def poll(*, upload_id: int) -> bool:
    """Look at a file in work; True when it is over. Raises GatewayError when the service cannot say."""
    upload = ProviderUpload.objects.select_related("link__station__broker", "link__creditor__entity").get(pk=upload_id)
    if upload.state != ProviderUpload.State.WORKING:
        return True
    entity = upload.link.creditor.entity.fiscal_code
    with UploadClient(broker=upload.link.station.broker.fiscal_code) as client:
        try:
            status = client.status(entity, upload.file_id)
            ProviderUpload.objects.filter(pk=upload.pk).update(processed=status.processed)
            results = client.report(entity, upload.file_id) if status.finished else None
        except Refused as error:
            if error.permanent and not _too_old(upload):
                raise
            results = None
    if results is None:
        if not _too_old(upload):
            return False
        results = []
    _read(upload, results)
    return True


def _too_old(upload: ProviderUpload) -> bool:
    return clock.now() - upload.created_at > PATIENCE


def _read(upload: ProviderUpload, results: list[UploadResult]) -> None:
    said = {iupd: result for result in results for iupd in result.iupds}
    refused = 0
    for export in _waiting(upload):
        result = said.get(iupd_of(export.position))
        if result is not None and result.status < 300:
            _told(export, State.PUBLISHED, "")
        elif result is not None and 400 <= result.status < 500 and result.status not in (404, 409, 429):
            refused += 1
            _told(export, State.FAILED, f"GPD: HTTP {result.status} · {result.message}"[:300])
        else:
            _alone(export)  # already there, or not in the report: one call each tells how it is
    ProviderUpload.objects.filter(pk=upload.pk).update(refused=refused)
    _closed(upload, ProviderUpload.State.DONE)


def _told(export: ProviderExport, state: ProviderExport.State, error: str) -> None:
    same = ProviderExport.objects.filter(pk=export.pk, revision=export.revision)
    same.update(state=state, last_error=error, answered_at=clock.now())


def _failed(upload: ProviderUpload, error: GatewayError) -> None:
    words = f"{error} · {getattr(error, 'reason', '')}".rstrip(" ·")[:300]
    rows = ProviderUpload.objects.filter(pk=upload.pk)
    rows.update(last_error=words)
    if error.permanent:
        # A file refused as a whole says nothing of each position.
        for export in _waiting(upload):
            _alone(export)
        _closed(upload, ProviderUpload.State.FAILED)


def _closed(upload: ProviderUpload, state: ProviderUpload.State) -> None:
    ProviderUpload.objects.filter(pk=upload.pk).update(state=state, finished_at=clock.now())
