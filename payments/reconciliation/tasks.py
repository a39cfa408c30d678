"""What beat wakes up. Each body is worked in its own scope; the trouble of one does not stop the others."""

import logging

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
    for entity in Entity.objects.order_by("pk"):
        with scope(entity=entity):
            try:
                with ReportingFlowsClient() as client:
                    pulling.pull_flows(entity=entity, client=client)
            except GatewayError as error:
                logger.warning("reporting flows of %s not taken: %s", entity.code, error)
    reconcile()


@shared_task
def pull_journals() -> None:
    """Take the treasury journals waiting in every body's folder, then match."""
    for entity in Entity.objects.order_by("pk"):
        with scope(entity=entity):
            pulling.pull_journals(entity=entity)
    reconcile()


@shared_task
def reconcile() -> None:
    """Read what was left behind, match and bring the books up to date, body by body."""
    for entity in Entity.objects.order_by("pk"):
        with scope(entity=entity):
            reading.read_pending(entity=entity, actor=pulling.ACTOR)
            books.reconcile_and_book(entity=entity, actor=pulling.ACTOR)


@shared_task
def ask_receipts() -> None:
    """Ask pagoPA, once a day, for the receipts that flows report and that never came."""
    for entity in Entity.objects.order_by("pk"):
        with scope(entity=entity):
            receipt_requests.receipts_ask_daily(entity=entity)
