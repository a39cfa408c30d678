"""Every kind of bad document through every door: kept, flagged with the right word, never a breakdown."""

import base64
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from lxml import etree

from payments.reconciliation.api import DOCUMENTS
from payments.reconciliation.formats import xml_reading
from payments.reconciliation.gateways import journal_drop
from payments.reconciliation.models import EvidenceFile
from payments.reconciliation.services.pulling import pull_journals
from portal import clock
from portal.accounts.models import User
from portal.api.services import key_create
from portal.audit.actor import Actor
from portal.entities.models import Role, StaffRole
from tests.payments.reconciliation.builders import (
    credit,
    flow_bundle,
    flow_xml,
    journal,
    line,
    unsigned_journal,
    xml_line,
)
from tests.payments.reconciliation.statement_files import provisionals

BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OTHER = "80000000028"


def _flow(body, number, *, total="45.90"):
    lines = [xml_line("01", "A", "45.90")]
    return flow_xml(body.fiscal_code, lines, total=total, iuf=f"2026-11-12BPPIITRRXXX-{number}")


def _bundle(body, number, **changes):
    return flow_bundle(body.fiscal_code, [line("01", "A", 1)], fdr=f"2026-11-12BPPIITRRXXX-{number}", **changes)


def _journal(body, number, cents=1, **changes):
    return journal(body, [credit(cents)], ledger={"closing": 0, "journal": number, "number": number * 10}, **changes)


def _lied(content: bytes) -> bytes:
    """Declared UTF-8, written in Windows-1252."""
    return content.replace(b"Poste di prova", b"Citt\xe0")


# What is wrong, how it is made for a body, what is said of it.
DOCUMENTS_WRONG = {
    "a flow cut half-way": (lambda body: _flow(body, 1)[:-60], "XML_CUT"),
    "a flow whose totals are wrong": (lambda body: _flow(body, 2, total="1.00"), "TOTAL_WRONG"),
    "a flow of another body": (
        lambda body: flow_xml(OTHER, [xml_line("1", "A", "1.00")], total="1.00"),
        "OTHER_ENTITY",
    ),
    "a flow that lights a bomb": (lambda body: _flow(body, 3).replace(b"\n", b"\n" + BOMB, 1), "DTD_REFUSED"),
    "a flow in other letters": (lambda body: _lied(_flow(body, 4)), "ENCODING_HEALED"),
    "a bundle without a page": (
        lambda body: _bundle(body, 5).replace(b'totPage\\": 1', b'totPage\\": 2'),
        "PAGES_MISSING",
    ),
    "a bundle cut half-way": (lambda body: _bundle(body, 6)[:-9], "BUNDLE_CUT"),
    "a bundle of the future": (
        lambda body: _bundle(body, 7, regulationDate="2027-01-31"),
        "FUTURE_DATE",
    ),
    "a journal cut half-way": (lambda body: _journal(body, 1)[:-900], "XML_CUT"),
    "a journal without a signature": (
        lambda body: etree.tostring(
            unsigned_journal(body, [credit(1)], ledger={"closing": 0, "journal": 2, "number": 20})
        ),
        "SIGNATURE_MISSING",
    ),
    "a journal changed after its signature": (
        lambda body: _journal(body, 3, 4590).replace(b"45.90", b"45.91"),
        "SIGNATURE_BROKEN",
    ),
    "a journal of the future": (lambda body: _journal(body, 4, day=date(2027, 3, 1)), "FUTURE_DATE"),
    "a journal in other letters": (lambda body: _lied(_journal(body, 5)), "ENCODING_HEALED"),
    "a list of the future": (lambda body: provisionals("2027;1;12/11/2027;Poste;x;1,00;"), "FUTURE_DATE"),
    "a list with a row that cannot be read": (
        lambda body: provisionals("2026;1;12/11/2026;Poste;x;1,00;", "2026;2;domani;Poste;x;1,00;"),
        "ROW_UNREADABLE",
    ),
}


def desk_of(body):
    user, created = User.objects.get_or_create(username="conti", kind="staff", is_staff=True)
    if created:
        StaffRole.objects.create(entity=body, user=user, role=Role.ACCOUNTANT)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def by_page(body, name, content):
    desk = desk_of(body)
    sent = {"entity": body.pk, "document": SimpleUploadedFile(name, content)}
    assert desk.post(reverse("admin:payments_reconciliation_upload"), sent).status_code == 302


def by_service(body, name, content):
    _key, text = key_create(
        entity=body, label="x", allowed=[DOCUMENTS], expires_on=clock.today().replace(year=2027), user_id=None,
        actor=Actor.system("prova"),
    )  # fmt: skip
    headers = {"Authorization": f"Bearer {text}", "Content-Disposition": f'attachment; filename="{name}"'}
    path = "/api/v1/ragioneria/documenti"
    response = Client().post(path, content, content_type="application/octet-stream", headers=headers)
    assert response.status_code == 201


def by_folder(body, name, content):
    (journal_drop.incoming(body.code) / name).write_bytes(content)
    assert pull_journals(entity=body) == 1


@pytest.mark.parametrize("door", [by_page, by_service, by_folder])
def test_bad_documents_are_kept_and_flagged_through_every_door(pisa, door, monkeypatch):
    monkeypatch.setattr("payments.reconciliation.evidence_views.reconcile_and_book", lambda **_given: None)
    monkeypatch.setattr("payments.reconciliation.api.reconcile_and_book", lambda **_given: None)
    wrong = {}
    for number, (what, (make, code)) in enumerate(DOCUMENTS_WRONG.items()):
        content = make(pisa)
        door(pisa, f"documento-{number}.{'csv' if 'list' in what else 'json' if 'bundle' in what else 'xml'}", content)
        evidence = EvidenceFile.objects.select_related("reading").latest("pk")
        codes = [warning["code"] for warning in evidence.reading.warnings]
        if code not in codes or bytes(evidence.content) != content:
            wrong[what] = codes
    assert wrong == {}
    assert EvidenceFile.objects.count() == len(DOCUMENTS_WRONG)


def test_the_same_document_by_two_doors_and_under_two_names_is_one(pisa):
    content = journal(pisa, [credit(4590)])
    by_service(pisa, "nome.xml", content)
    by_folder(pisa, "altro-nome.xml", content)
    assert EvidenceFile.objects.count() == 1


def test_a_gigantic_flow_is_cut_and_read_as_a_stream(pisa, monkeypatch):
    for where in ("formats.xml_reading", "services.flow_rows", "services.ingest"):
        monkeypatch.setattr(f"payments.reconciliation.{where}.WHOLE", 10)
    by_folder(pisa, "flusso.xml", _flow(pisa, 1)[:-60])
    assert EvidenceFile.objects.get().reading.warnings[0]["code"] == "XML_CUT"
    assert xml_reading.WHOLE == 10


def test_a_document_of_binary_noise_is_put_aside_and_told(pisa):
    by_folder(pisa, "giornale.xml", base64.b85decode(b"0" * 400))
    assert EvidenceFile.objects.get().reading.warnings[0]["code"] == "NOT_RECOGNISED"
