"""What beat wakes up. Each body is worked in its own scope; the trouble of one does not stop the others."""

import logging
from collections.abc import Callable, Iterable
from functools import partial

from django_scopes import scope, scopes_disabled

from payments.models import CreditorEntity, ProviderUpload, StationLink
from payments.providers import files, services
from payments.providers.ibans import check_ibans
from payments.providers.receipts import pull_receipts
from portal.entities.models import Entity
from portal.kernel.errors import GatewayError

logger = logging.getLogger(__name__)


def receipts() -> None:
    """Take the receipts of every link whose payments others take for us."""
    outside = [StationLink.Provider.GPD, StationLink.Provider.IRIS]
    with scopes_disabled():
        rows = StationLink.objects.filter(provider__in=outside, active=True)
        links = list(rows.select_related("entity", "station__broker", "creditor__entity").order_by("pk"))
    _each("receipts", [(link.entity, partial(pull_receipts, link=link)) for link in links])


def uploads() -> None:
    """Look at every file in work."""
    with scopes_disabled():
        working = ProviderUpload.objects.filter(state=ProviderUpload.State.WORKING).select_related("entity")
        rows = list(working.order_by("pk"))
    _each("files", [(row.entity, partial(files.poll, upload_id=row.pk)) for row in rows])


def ibans() -> None:
    """Look up the accounts of every body that can be paid."""
    with scopes_disabled():
        rows = list(CreditorEntity.objects.select_related("entity").order_by("pk"))
    _each("accounts", [(row.entity, partial(check_ibans, entity_id=row.entity_id)) for row in rows])


def amounts() -> None:
    """Tell the providers what changes today."""
    with scopes_disabled():
        services.refresh_dated_amounts()


def _each(what: str, works: Iterable[tuple[Entity, Callable[[], object]]]) -> None:
    for entity, work in works:
        with scope(entity=entity):
            try:
                work()
            except GatewayError as error:
                logger.warning("%s of %s not done: %s", what, entity.code, error)
