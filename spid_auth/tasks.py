"""What beat wakes up for the login."""

import logging

from celery import shared_task

from portal import clock
from spid_auth import alerts
from spid_auth.domain.retention import NoTerm
from spid_auth.models import AlertKind
from spid_auth.register.purge import register_purge

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def purge_register() -> None:
    """Let go of what the register of logins has kept long enough."""
    try:
        register_purge(today=clock.today())
    except NoTerm as error:
        logger.error("register of logins not purged: %s", error)
        text = f"Il registro degli accessi non viene ripulito: manca un termine di conservazione confermato ({error})."
        alerts.alert_raise(kind=AlertKind.REGISTER, subject="retention", text=text)
