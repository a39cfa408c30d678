"""What beat wakes up. Each body is worked in a task of its own and in its own scope: none waits for another, and the
trouble of one is its own.
"""

import logging
from collections.abc import Callable
from typing import Any

from celery import shared_task
from django_scopes import scope

from payments.reconciliation.gateways.reporting_flows import ReportingFlowsClient
from payments.reconciliation.services import books, pulling, reading, receipt_requests
from portal.entities.models import Entity
from portal.kernel.errors import GatewayError

logger = logging.getLogger(__name__)


@shared_task
def pull_flows(entity_id: int | None = None) -> None:
    """Take the new reporting flows of a body, or of every one, then match."""
    _body_by_body(pull_flows, entity_id, _pull_flows, _reconcile)


@shared_task
def pull_journals(entity_id: int | None = None) -> None:
    """Take the treasury journals waiting in a body's folder, or in every one's, then match."""
    _body_by_body(pull_journals, entity_id, _pull_journals, _reconcile)


@shared_task
def reconcile(entity_id: int | None = None) -> None:
    """Read what was left behind, match and bring the books up to date: of a body, or of every one."""
    _body_by_body(reconcile, entity_id, _reconcile)


@shared_task
def ask_receipts(entity_id: int | None = None) -> None:
    """Ask pagoPA, once a day, for the receipts that flows report and that never came."""
    _body_by_body(ask_receipts, entity_id, _ask_receipts)


def _pull_flows(entity: Entity) -> None:
    try:
        with ReportingFlowsClient() as client:
            pulling.pull_flows(entity=entity, client=client)
    except GatewayError as error:
        logger.warning("reporting flows of %s not taken: %s", entity.code, error)


def _pull_journals(entity: Entity) -> None:
    pulling.pull_journals(entity=entity)


def _reconcile(entity: Entity) -> None:
    reading.read_pending(entity=entity, actor=pulling.ACTOR)
    books.reconcile_and_book(entity=entity, actor=pulling.ACTOR)


def _ask_receipts(entity: Entity) -> None:
    receipt_requests.receipts_ask_daily(entity=entity)


def _body_by_body(task: Any, entity_id: int | None, *steps: Callable[[Entity], None]) -> None:
    """The steps of a body; without one, a task for each. What stops a step is told in the log, and the next begins."""
    if entity_id is None:
        for each in Entity.objects.order_by("pk"):
            task.delay(each.pk)
        return
    entity = Entity.objects.get(pk=entity_id)
    with scope(entity=entity):
        for step in steps:
            try:
                step(entity)
            except Exception:
                logger.exception("%s not done for %s", step.__name__.strip("_"), entity.code)
