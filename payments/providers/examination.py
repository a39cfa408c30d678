"""What `manage.py doctor` says of the providers."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import DatabaseError
from django_scopes import scopes_disabled

from payments.models import IbanCheck, ProviderExport
from portal import clock
from portal.operations.doctor import Finding, Level

STALE = timedelta(days=2)
SUBJECT = "pagoPA"


def examine() -> Iterator[Finding]:
    """Accounts that pagoPA does not know, and positions that a provider refused."""
    try:
        with scopes_disabled():
            yield accounts()
            yield positions()
    except DatabaseError as error:
        yield Finding(Level.ERROR, SUBJECT, f"non si legge: {type(error).__name__}")


def accounts() -> Finding:
    """Whether the last night's check found every account in order."""
    latest = IbanCheck.objects.order_by("-checked_at").values_list("checked_at", flat=True).first()
    if latest is None:
        return Finding(Level.WARNING, SUBJECT, "IBAN mai controllati: il controllo parte ogni notte")
    wrong = IbanCheck.alarming().count()
    if wrong:
        return Finding(Level.WARNING, SUBJECT, f"{wrong} IBAN non in regola: vedi «Controlli degli IBAN»")
    if clock.now() - latest > STALE:
        return Finding(Level.WARNING, SUBJECT, f"IBAN controllati l'ultima volta il {latest:%d/%m/%Y}")
    return Finding(Level.OK, SUBJECT, "IBAN registrati")


def positions() -> Finding:
    """Whether somebody must look at a refused position."""
    refused = ProviderExport.objects.filter(state=ProviderExport.State.FAILED).count()
    if refused:
        return Finding(Level.WARNING, SUBJECT, f"{refused} posizioni rifiutate: vedi «Posizioni presso i gestori»")
    return Finding(Level.OK, SUBJECT, "nessuna posizione rifiutata")
