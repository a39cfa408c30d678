"""What beat wakes up for the login."""

import logging

from celery import shared_task

from portal import clock
from spid_auth import alerts, conf
from spid_auth.certificate_services import own_expiries_watch
from spid_auth.domain.retention import NoTerm
from spid_auth.models import AlertKind
from spid_auth.register.purge import register_purge
from spid_auth.registry.services import expiries_watch, registry_refresh

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


@shared_task(ignore_result=True)
def refresh_providers() -> None:
    """Take the registry of identity providers, where there is one, and look at the certificates: theirs and ours."""
    source = conf.registry_url()
    if source:
        report = registry_refresh(source=source, pins=conf.registry_pins())
        if report.refused:
            logger.warning("registry of providers refused: %s", report.refused)
    expiries_watch(now=clock.now())
    own_expiries_watch(now=clock.now())
