"""Writes of our own certificates: a new one beside the old, each from its day."""

from datetime import datetime, timedelta
from secrets import token_hex

from django.db import transaction
from django.utils.translation import gettext as _

from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Entity
from spid_auth import conf, events
from spid_auth.alerts import alert_clear, alert_raise
from spid_auth.keys import default_folder, make_key_pair, published_certificates, service_provider, signer
from spid_auth.models import AlertKind, ServiceProviderEntity, SigningCertificate
from spid_auth.saml import certificates

COMMAND = Actor.system("spid_make_certificate")
# Identity providers read a new certificate days after it is announced, and AgID is told before.
EXPIRY_NOTICE = timedelta(days=60)


def certificate_register(
    *, row: ServiceProviderEntity, active_from: datetime, days: int = certificates.DAYS, actor: Actor = COMMAND
) -> SigningCertificate:
    """Make a pair that signs from `active_from`. It is announced in the metadata at once; the present one goes on.

    The pair a body had before its first row is put on record too, so that it is still published and used till then.
    """
    owner = signer(row)
    if owner._state.adding:
        owner.save()
    with transaction.atomic():
        ServiceProviderEntity.objects.select_for_update(of=("self",)).get(pk=owner.pk)
        if not owner.certificates.exists():
            _keep_present(owner, actor)
        # Never over the files of another: two may be made in one second.
        name = f"{owner.body.code}-{clock.now():%Y%m%d-%H%M%S}-{token_hex(3)}"
        pair = make_key_pair(service_provider(of=owner), conf.keys_folder() / name, days=days)
        return _record(owner, name, pair.certificate, active_from, actor)


@transaction.atomic
def certificate_withdraw(*, certificate_id: int, actor: Actor) -> SigningCertificate:
    """Stop announcing and using a certificate, as when its key may be known to others."""
    one = SigningCertificate.objects.select_for_update(of=("self",)).get(pk=certificate_id)
    if one.withdrawn_at is None:
        one.withdrawn_at = clock.now()
        one.save(update_fields=["withdrawn_at"])
        events.certificate_changed(one, action="withdrawn", actor=actor)
    return one


def own_expiries_watch(*, now: datetime) -> None:
    """Alert about a body whose last announced certificate expires within sixty days: after it nobody can log in."""
    rows = [signer(row) for row in ServiceProviderEntity.objects.select_related("body", "aggregator__body")]
    default = Entity.objects.filter(is_default=True).first()
    if default is not None and default.pk not in {row.body_id for row in rows}:
        rows.append(ServiceProviderEntity(body=default))
    for row in {row.body_id: row for row in rows}.values():
        subject = f"certificate · {row.body.code}"
        until = max((certificates.valid_until(one) for one in published_certificates(row, now=now)), default=None)
        if until is None:
            continue
        if until > now + EXPIRY_NOTICE:
            alert_clear(kind=AlertKind.LOGIN, subject=subject)
            continue
        text = _("Il certificato con cui %(body)s chiede gli accessi scade il %(day)s: fanne uno nuovo.")
        day = f"{until.astimezone(clock.ROME):%d/%m/%Y}"
        alert_raise(kind=AlertKind.LOGIN, subject=subject, text=text % {"body": row.body, "day": day}, of=row)


def _keep_present(owner: ServiceProviderEntity, actor: Actor) -> None:
    present = certificates.load(default_folder(owner))
    if present is None:
        return
    name = f"{owner.body.code}-{certificates.fingerprint(present.certificate)[:12]}"
    certificates.store(present, conf.keys_folder() / name)
    _record(owner, name, present.certificate, certificates.valid_from(present.certificate), actor)


def _record(
    owner: ServiceProviderEntity, folder: str, certificate: str, active_from: datetime, actor: Actor
) -> SigningCertificate:
    one = SigningCertificate.objects.create(
        provider=owner,
        folder=folder,
        fingerprint=certificates.fingerprint(certificate),
        active_from=active_from,
        expires_at=certificates.valid_until(certificate),
    )
    events.certificate_changed(one, action="registered", actor=actor)
    return one
