"""Speed of the login: whole answers through the ACS beside the two signature checks no login can do without.

All rows are made in a transaction that is rolled back; the keys are made for the occasion, in a folder that goes away.
"""

import base64
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xmlsec
from django.db import transaction
from django.test import Client, override_settings
from lxml import etree

from portal import clock
from portal.entities.models import Entity
from portal.operations.bench import median_ms, row
from spid_auth import services
from spid_auth.keys import ensure_key_pair
from spid_auth.models import AuthnTransaction, IdentityProvider
from spid_auth.saml.names import DS
from spid_auth.saml.parties import KeyPair
from spid_auth.saml.xml import find
from spid_auth.sandbox.people import people
from spid_auth.sandbox.responses import Answer, accepted, sealed
from spid_auth.views import OPEN_REQUESTS

RUNS, WARM = 60, 5
ISSUER = "https://idp.bench.example/"
WISH = services.LoginWish(level=2, next_path="/area/")


def identity() -> list[dict[str, Any]]:
    """Logins a second through the ACS, and AuthnRequests a second, on one core."""
    with TemporaryDirectory() as folder, transaction.atomic():
        with override_settings(RATE_LIMITS=False, SPID_KEYS_DIR=str(Path(folder))):
            rows = _measured()
        transaction.set_rollback(True)
    return rows


def _measured() -> list[dict[str, Any]]:
    if not Entity.objects.filter(is_default=True).exists():
        Entity.objects.create(code="BENCH", ipa_code="bench", fiscal_code="80000000000", name="Prova", is_default=True)
    pair = ensure_key_pair()
    idp = IdentityProvider.objects.create(
        issuer=ISSUER, name="bench", sso_post_url=f"{ISSUER}sso", certificates=pair.certificate
    )
    requests = median_ms(lambda: services.login_start(idp=idp, wish=WISH), runs=RUNS, warm=WARM)
    one_signature = median_ms(lambda: _sign(pair), runs=RUNS, warm=WARM)
    waiting = iter([*_browsers(idp, pair)])
    logins = median_ms(lambda: _log_in(*next(waiting)), runs=RUNS, warm=WARM)
    answer = etree.fromstring(base64.b64decode(_answer(services.login_start(idp=idp, wish=WISH)[0], pair)))
    two_checks = median_ms(lambda: _verify(answer, pair.certificate), runs=RUNS, warm=WARM)
    return [
        row("logins", value=1000 / logins, unit="logins/s CPU", baseline=1000 / two_checks),
        row("authn_requests", value=1000 / requests, unit="requests/s CPU", baseline=1000 / one_signature),
    ]


def _browsers(idp: IdentityProvider, pair: KeyPair) -> Iterator[tuple[Client, dict[str, str]]]:
    """Browsers that have asked, each with the answer its provider would post. The portal is loaded once for all."""
    portal = Client().handler
    for _run in range(RUNS + WARM):
        started, _built = services.login_start(idp=idp, wish=WISH)
        browser = Client()
        browser.handler = portal
        session = browser.session
        session[OPEN_REQUESTS] = [started.request_id]
        session.save()
        yield browser, {"SAMLResponse": _answer(started, pair), "RelayState": started.relay_state}


def _answer(started: AuthnTransaction, pair: KeyPair) -> str:
    answer = Answer(
        request_id=started.request_id,
        issuer=ISSUER,
        acs_url=started.acs_url,
        audience=started.sp_entity_id,
        level=2,
        attributes=people()[0].attributes(),
        issued_at=clock.now(),
    )
    return base64.b64encode(sealed(accepted(answer), pair)).decode()


def _log_in(browser: Client, fields: dict[str, str]) -> None:
    arrived = browser.post("/spid/acs", fields)
    back = browser.get(arrived.headers["Location"])
    if back.status_code != 302:
        raise RuntimeError(f"the measured login answered {back.status_code}")


def _verify(answer: etree._Element, certificate: str) -> None:
    """The two signatures of a good answer, and nothing else."""
    key = xmlsec.Key.from_memory(certificate, xmlsec.constants.KeyDataFormatCertPem, None)
    xmlsec.tree.add_ids(answer, ["ID"])
    for signature in find(answer, "//ds:Signature"):
        context = xmlsec.SignatureContext()
        context.key = key
        context.verify(signature)


def _sign(pair: KeyPair) -> None:
    """One enveloped RSA-SHA256 signature of a small document."""
    root = etree.Element("r", ID="_1")
    method = xmlsec.constants.TransformRsaSha256
    signature = xmlsec.template.create(root, xmlsec.constants.TransformExclC14N, method, ns="ds")
    root.append(signature)
    reference = xmlsec.template.add_reference(signature, xmlsec.constants.TransformSha256, uri="#_1")
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pair.private_key, xmlsec.constants.KeyDataFormatPem, None)
    xmlsec.tree.add_ids(root, ["ID"])
    context.sign(signature)
    if root.find(f"{{{DS}}}Signature") is None:
        raise RuntimeError("not signed")
