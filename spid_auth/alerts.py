"""Alerts: technical anomalies that somebody of the office must look into.

An alert stands in the admin until it is closed; the same thing again is counted on it. The office is written to once a
day for each thing. Texts hold codes and names of providers, never data of people.
"""

from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import clock
from portal.audit.actor import Actor
from portal.messaging.gateways.smtp import send_email
from portal.messaging.services import render_message
from portal.outbox import services as outbox
from portal.outbox.models import OutboxMessage
from spid_auth import events
from spid_auth.keys import NotConfigured, membership, membership_named
from spid_auth.models import Alert, AlertKind, AuthnTransaction, ServiceProviderEntity


@transaction.atomic
def alert_raise(*, kind: AlertKind, subject: str, text: str, of: ServiceProviderEntity | None = None) -> Alert:
    """Open an alert, or count once more the one that is open, and write to the office of the body once a day.

    Without `of` it concerns the default body, which keeps the installation.
    """
    now, subject = clock.now(), subject[:255]
    alert, opened = Alert.objects.select_for_update().get_or_create(
        kind=kind,
        subject=subject,
        closed_at=None,
        defaults={"text": text[:1000], "first_at": now, "last_at": now},
    )
    if not opened:
        Alert.objects.filter(pk=alert.pk).update(count=F("count") + 1, last_at=now, text=text[:1000])
    address = _office_address(of)
    if address:
        # The same thing on the same day is the same message: the outbox writes a key once.
        key = f"spid-alert:{kind}:{sha256(subject.encode()).hexdigest()[:32]}:{clock.today()}"
        outbox.send("spid_auth.alert", {"alert": alert.pk, "address": address}, key=key)
    return alert


def alert_clear(*, kind: AlertKind, subject: str) -> None:
    """Close an alert whose cause has gone by itself. Nothing happens when none is open."""
    Alert.objects.filter(kind=kind, subject=subject[:255], closed_at__isnull=True).update(closed_at=clock.now())


@transaction.atomic
def alert_close(*, alert_id: int, actor: Actor) -> None:
    """Somebody has looked into it. If it happens again a new alert opens."""
    alert = Alert.objects.select_for_update().get(pk=alert_id)
    if alert.closed_at is None:
        alert.closed_at = clock.now()
        alert.save(update_fields=["closed_at"])
        events.alert_closed(alert, actor=actor)


def login_refused(started: AuthnTransaction, *, code: str) -> None:
    """A login failed for a reason that is ours to cure."""
    text = _("Accesso con %(provider)s rifiutato, motivo %(code)s. Ultima richiesta: %(request)s.")
    alert_raise(
        kind=AlertKind.LOGIN,
        subject=f"{code} · {started.idp}",
        text=text % {"provider": started.idp, "code": code, "request": started.code},
        of=membership_named(started.sp_entity_id),
    )


def not_configured(reason: str) -> None:
    """Somebody tried to log in and the body has no key, or is not in the federation."""
    alert_raise(kind=AlertKind.LOGIN, subject="not-configured", text=reason)


@outbox.handler("spid_auth.alert")
def deliver(payload: dict[str, Any], message: OutboxMessage) -> None:
    """Write to the office about an alert, unless it was closed meanwhile."""
    alert = Alert.objects.filter(pk=payload["alert"], closed_at__isnull=True).first()
    if alert is None:
        return
    context = {
        "alert": alert,
        "first_at": timezone.localtime(alert.first_at),
        "address": f"{settings.PORTAL_BASE_URL}{reverse('admin:spid_auth_alert_change', args=[alert.pk])}",
    }
    subject, body = render_message("spid_auth/alert", context)
    message_id = f"<spid-alert-{message.pk}@{settings.MESSAGE_ID_DOMAIN}>"
    send_email(to=payload["address"], subject=subject, body=body, message_id=message_id)


def _office_address(of: ServiceProviderEntity | None) -> str:
    """Where the body reads about its logins; empty when it has said no address."""
    try:
        row = of or membership()
    except NotConfigured:
        return ""
    return row.contact_email or row.body.email
