"""Fetching from the outside: nothing is held open while the network answers, nothing is lost when it does not."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from payments.reconciliation.domain.flow_names import flow_key
from payments.reconciliation.formats import archives
from payments.reconciliation.formats.reporting_flow_json import FlowRef, UnreadRef
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
# So many flows one after the other that the node cannot give now: it is the node that is in trouble.
PATIENCE = 10
ACTOR = Actor.system("riconciliazione")
logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Pulled:
    """How far a pull went. A flow that was not taken holds the position where it is: it is asked for again."""

    latest: datetime | None
    held: datetime | None = None
    stuck: bool = False
    taken: int = 0
    failing: int = 0
    errors: list[str] = field(default_factory=list)

    def missed(self, published: datetime | None, error: str) -> None:
        """A flow was not taken, and why. Of one that does not say when it was published nothing is known."""
        self.errors.append(error)
        self.stuck |= published is None
        self.held = min(filter(None, (self.held, published)), default=None)

    def position(self) -> datetime | None:
        """Until when nothing is missing; None when the position stays where it is."""
        if self.stuck or self.latest is None:
            return None
        # A date of publication in the future would hide the flows that come before it.
        return min(filter(None, (self.latest, self.held, clock.now())))


def pull_flows(*, entity: Entity, client: ReportingFlowsClient) -> int:
    """Take the flows published since the last time; how many were new. One that cannot be taken stops no other: it is
    told as the error of the source and asked for again. Raises GatewayError when the node does not answer.
    """
    since = PullCursor.objects.filter(entity=entity, source=PullSource.FLOWS).values_list("position", flat=True).first()
    pulled = _Pulled(since)
    try:
        for ref in client.published_since(organization=entity.fiscal_code, since=since - OVERLAP if since else None):
            _take(entity, client, ref, pulled)
    except GatewayError as error:
        _failed(entity=entity, source=PullSource.FLOWS, error=str(error))
        raise
    if pulled.errors:
        told = f"{len(pulled.errors)}: {'; '.join(pulled.errors)}"
        _failed(entity=entity, source=PullSource.FLOWS, error=told, position=pulled.position())
    else:
        _succeeded(entity=entity, source=PullSource.FLOWS, position=pulled.position())
    return pulled.taken


def _take(entity: Entity, client: ReportingFlowsClient, ref: FlowRef | UnreadRef, pulled: _Pulled) -> None:
    """A flow of the list, unless it is here. Raises GatewayError when too many were refused one after the other."""
    if isinstance(ref, UnreadRef):
        pulled.missed(ref.published, ref.reason)
        return
    try:
        if not _is_known(entity, ref):
            flow = client.fetch(organization=entity.fiscal_code, ref=ref)
            pulled.failing = 0
            ingest_flow(entity=entity, content=flow.content, name=flow.name, channel=Channel.API, actor=ACTOR)
            pulled.taken += 1
    except GatewayError as error:
        pulled.missed(ref.published, str(error))
        pulled.failing += not error.permanent
        if pulled.failing >= PATIENCE:
            raise
    except Exception as error:
        logger.exception("flow %s of %s not read", ref.iuf, entity.code)
        pulled.missed(ref.published, f"{ref.iuf}: {type(error).__name__}")
    pulled.latest = max(pulled.latest or ref.published, ref.published)


def _is_known(entity: Entity, ref: FlowRef) -> bool:
    """Whether a flow of the list is here. What came in XML, or before the code of the node was kept, has one code."""
    key = flow_key(ref.iuf, ref.published.date())
    if key != ref.iuf.upper():
        return False  # the list does not tell of which year it is: its reading will
    named = ReportingFlow.objects.filter(entity=entity, iuf_key=key, revision=ref.revision, whole=True)
    return named.filter(Q(node_psp=ref.psp_id) | Q(node_psp="", psp_id=ref.psp_id)).exists()


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
    _move(cursor, position)
    cursor.save(update_fields=["attempted_at", "succeeded_at", "error", "position"])


@transaction.atomic
def _failed(*, entity: Entity, source: PullSource, error: str, position: datetime | None = None) -> None:
    cursor = cursor_locked(entity=entity, source=source)
    cursor.attempted_at, cursor.error = clock.now(), error[:300]
    _move(cursor, position)
    cursor.save(update_fields=["attempted_at", "error", "position"])


def _move(cursor: PullCursor, position: datetime | None) -> None:
    if position is not None and (cursor.position is None or position > cursor.position):
        cursor.position = position
