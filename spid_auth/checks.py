"""System checks: what would only fail at the first login is told at start."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError

from spid_auth import conf, register_seal
from spid_auth.domain.schemes import Scheme
from spid_auth.saml import certificates
from spid_auth.selectors import register_keys


@register(Tags.security, deploy=True)
def login_is_ready(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """In production the address is https and the certificate exists, is ours and matches its key.

    A body that lets people in through ARPA alone needs no certificate.
    """
    if settings.ENVIRONMENT != "production":
        return []
    found: list[CheckMessage] = []
    if urlsplit(conf.address(conf.metadata_path(Scheme.SPID))).scheme != "https":
        found.append(Error("PORTAL_BASE_URL deve iniziare con https:// per l'accesso con SPID.", id="spid_auth.E001"))
    pair = certificates.load(conf.keys_folder())
    if pair is None and settings.ARPA_OIDC:
        found.append(Warning("Non c'è un certificato: si accede solo con ARPA.", id="spid_auth.W002"))
    elif pair is None:
        hint = "Esegui manage.py spid_make_certificate o copia la coppia di chiavi nella cartella indicata."
        found.append(Error(f"Manca il certificato SPID in {conf.keys_folder()}.", hint=hint, id="spid_auth.E002"))
    elif not certificates.matches(pair):
        found.append(Error("La chiave SPID non corrisponde al certificato.", id="spid_auth.E003"))
    elif certificates.entity_id_of(pair.certificate) != conf.address(conf.metadata_path(Scheme.SPID)):
        found.append(Error("Il certificato SPID riporta un altro entityID.", id="spid_auth.E004"))
    if not settings.SPID_REGISTER_KEYS:
        hint = "Genera un segreto lungo e conservalo con le altre chiavi: senza, il registro non si legge più."
        found.append(
            Error("Manca SPID_REGISTER_KEYS, la chiave del registro degli accessi.", hint=hint, id="spid_auth.E005")
        )
    return found


@register(Tags.security, deploy=True)
def register_can_be_opened(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every key that sealed what is in the register is at hand: without one its messages cannot be opened any more."""
    try:
        missing = sorted(register_keys() - set(register_seal.key_names()))
    except DatabaseError:  # not migrated yet, or away: other checks say so
        return []
    if not missing:
        return []
    hint = "Rimetti la chiave in fondo a SPID_REGISTER_KEYS e lasciala per 24 mesi dall'ultimo messaggio che ha chiuso."
    text = f"Nel registro degli accessi ci sono messaggi chiusi con chiavi che mancano: {', '.join(missing)}."
    return [Warning(text, hint=hint, id="spid_auth.W001")]
