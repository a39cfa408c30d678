"""Speed of the station and of the printed notice, each against the plain way, in the same run.

The database rows are made in a transaction that is rolled back: a bench leaves nothing behind.
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django_scopes import scopes_disabled

from payments.demo import CREDITORS
from payments.notices.content import NoticeContent, Postal, Slip
from payments.notices.naive import naive_notice_pdf
from payments.notices.pdf import notice_pdf
from payments.sandbox.node import ENVELOPE, NODE_NS, head_of
from payments.seeds import seed
from portal.audit.actor import Actor
from portal.billing.services import request_charge
from portal.billing.socket import ChargeLineDraft, Payer
from portal.entities.models import Entity
from portal.operations.bench import median_ms, row

NOTICES = 11
CREDITOR = CREDITORS[0]


@csrf_exempt
def bare(request: HttpRequest) -> HttpResponse:
    """What Django alone costs for a POST."""
    return HttpResponse(request.body, content_type="text/xml")


urlpatterns = [path("", bare)]


def station() -> list[dict[str, Any]]:
    """A verify through the whole portal, journal included, beside a view that only answers."""
    with scopes_disabled(), transaction.atomic():
        body = _verify_message(_issued_number()).encode()
        client = Client()
        verify = median_ms(lambda: _ok(client.post("/pagopa/node", body, content_type="text/xml")), runs=150)
        with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
            plain = Client()
            least = median_ms(lambda: plain.post("/", body, content_type="text/xml"), runs=150)
        transaction.set_rollback(True)
    return [row("station_verify", value=verify, unit="ms CPU", baseline=least)]


def notices() -> list[dict[str, Any]]:
    """Printed notices a second on one core, beside the plain way of naive.py: same fields, same PDF variant."""
    content = _content()
    ours = median_ms(lambda: notice_pdf(content), runs=NOTICES, warm=1)
    plain = median_ms(lambda: naive_notice_pdf(content), runs=NOTICES, warm=1)
    return [row("notice_pdf", value=1000 / ours, unit="notices/s CPU", baseline=1000 / plain)]


def _ok(response: Any) -> None:
    if b"<outcome>OK</outcome>" not in response.content:
        raise RuntimeError(f"the station answered {response.status_code}")


def _issued_number() -> str:
    entity, _ = Entity.objects.get_or_create(
        fiscal_code=CREDITOR.fiscal_code,
        defaults={"code": "PI", "ipa_code": "bench", "name": "Provincia di Pisa"},
    )
    seed()
    charge = request_charge(
        entity=entity,
        source="bench",
        payer=Payer("F", "RSSMRA60D20F205R", "Mario Rossi"),
        description="Autorizzazione al trasporto eccezionale",
        lines=[ChargeLineDraft("bollo", "Bollo", 3200, "TE_BOLLO")],
        due_on=None,
        handler="bench",
        actor=Actor.system("bench"),
    )
    return charge.notice_number


def _verify_message(nav: str) -> str:
    code = f"<qrCode><fiscalCode>{CREDITOR.fiscal_code}</fiscalCode><noticeNumber>{nav}</noticeNumber></qrCode>"
    body = f"<paf:paVerifyPaymentNoticeReq>{head_of(CREDITOR.fiscal_code).xml()}{code}</paf:paVerifyPaymentNoticeReq>"
    return ENVELOPE.format(ns=NODE_NS, body=body)


def _content() -> NoticeContent:
    return NoticeContent(
        single=Slip("301000000000004285", 102099, date(2026, 12, 31)),
        subject="Autorizzazione al trasporto eccezionale",
        entity_name="Provincia di Pisa",
        entity_code=CREDITOR.fiscal_code,
        department="Viabilità e trasporti",
        info="Informazioni dell'ente",
        cbill=CREDITOR.cbill,
        pays_on_site=True,
        debtor_name="Mario Rossi",
        debtor_code="RSSMRA60D20F205R",
        postal=Postal(CREDITOR.postal_account, "Provincia di Pisa", "AUT. DB/0000/DEMO 00000 DEL 01/01/2026"),
    )
