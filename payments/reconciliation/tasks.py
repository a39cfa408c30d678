"""What beat wakes up. Each body is worked in its own scope; the trouble of one does not stop the others."""

import logging
from collections.abc import Callable

from celery import shared_task
from django_scopes import scope

from payments.reconciliation.gateways.reporting_flows import ReportingFlowsClient
from payments.reconciliation.services import books, pulling, reading, receipt_requests
from portal.entities.models import Entity
from portal.kernel.errors import GatewayError

logger = logging.getLogger(__name__)


@shared_task
def pull_flows() -> None:
    """Take the new reporting flows of every body, then match."""
    _for_each(_pull_flows)
    reconcile()


@shared_task
def pull_journals() -> None:
    """Take the treasury journals waiting in every body's folder, then match."""
    _for_each(_pull_journals)
    reconcile()


@shared_task
def reconcile() -> None:
    """Read what was left behind, match and bring the books up to date, body by body."""
    _for_each(_reconcile)


@shared_task
def ask_receipts() -> None:
    """Ask pagoPA, once a day, for the receipts that flows report and that never came."""
    _for_each(_ask_receipts)


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


def _for_each(work: Callable[[Entity], None]) -> None:
    """The work of every body in its own scope. What stops one is told in the log, and the next begins."""
    for entity in Entity.objects.order_by("pk"):
        with scope(entity=entity):
            try:
                work(entity)
            except Exception:
                logger.exception("%s not done for %s", work.__name__.strip("_"), entity.code)
