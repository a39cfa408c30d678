"""Fetching from the outside: nothing is held open while the network answers, nothing is lost when it does not."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from payments.reconciliation.formats import archives
from payments.reconciliation.gateways import journal_drop
from payments.reconciliation.gateways.reporting_flows import ReportingFlowsClient
from payments.reconciliation.models import Channel, PullCursor, PullSource, ReportingFlow
from payments.reconciliation.services.cursors import cursor_locked
from payments.reconciliation.services.flows import ingest_flow
from payments.reconciliation.services.ingest import ingest_many
from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Entity
from portal.kernel.errors import GatewayError

# Publications near the cursor may become visible out of order: ask again for some hours, and skip what is known.
OVERLAP = timedelta(hours=6)
ACTOR = Actor.system("riconciliazione")


def pull_flows(*, entity: Entity, client: ReportingFlowsClient) -> int:
    """Take the flows published since the last time; how many were new. Raises GatewayError, cursor unmoved."""
    since = PullCursor.objects.filter(entity=entity, source=PullSource.FLOWS).values_list("position", flat=True).first()
    latest, taken = since, 0
    try:
        for ref in client.published_since(organization=entity.fiscal_code, since=since - OVERLAP if since else None):
            known = ReportingFlow.objects.filter(
                entity=entity, psp_id=ref.psp_id, iuf_key=ref.iuf.upper(), revision=ref.revision, whole=True
            )
            if not known.exists():
                flow = client.fetch(organization=entity.fiscal_code, ref=ref)
                ingest_flow(entity=entity, content=flow.content, name=flow.name, channel=Channel.API, actor=ACTOR)
                taken += 1
            latest = max(latest or ref.published, ref.published)
    except GatewayError as error:
        _failed(entity=entity, source=PullSource.FLOWS, error=str(error))
        raise
    # A date of publication in the future would hide the flows that come before it.
    _succeeded(entity=entity, source=PullSource.FLOWS, position=min(latest, clock.now()) if latest else None)
    return taken


def pull_journals(*, entity: Entity) -> int:
    """Take the documents waiting in the folder of the body; how many. One that cannot be read does not stop others."""
    taken: list[tuple[Path, str]] = []
    errors: list[str] = []
    files = _dropped(entity, taken, errors)
    ingest_many(entity=entity, files=files, channel=Channel.FOLDER, actor=ACTOR)
    for path, mark in taken:
        journal_drop.archive(path, mark)
    if errors:
        _failed(entity=entity, source=PullSource.JOURNALS, error="; ".join(errors))
    else:
        _succeeded(entity=entity, source=PullSource.JOURNALS, position=None)
    return len(taken)


def _dropped(entity: Entity, taken: list[tuple[Path, str]], errors: list[str]) -> Iterator[tuple[str, bytes]]:
    for path in journal_drop.waiting(entity.code):
        try:
            dropped = journal_drop.read(path)
        except GatewayError as error:
            errors.append(str(error))
            continue
        yield from archives.documents(dropped.name, dropped.content)
        taken.append((path, journal_drop.fingerprint(dropped)))


@transaction.atomic
def _succeeded(*, entity: Entity, source: PullSource, position: datetime | None) -> None:
    cursor = cursor_locked(entity=entity, source=source)
    cursor.attempted_at = cursor.succeeded_at = clock.now()
    cursor.error = ""
    if position is not None and (cursor.position is None or position > cursor.position):
        cursor.position = position
    cursor.save(update_fields=["attempted_at", "succeeded_at", "error", "position"])


@transaction.atomic
def _failed(*, entity: Entity, source: PullSource, error: str) -> None:
    cursor = cursor_locked(entity=entity, source=source)
    cursor.attempted_at, cursor.error = clock.now(), error[:300]
    cursor.save(update_fields=["attempted_at", "error"])
