import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django_scopes import scopes_disabled

from payments.reconciliation.forms import DocumentUploadForm
from payments.reconciliation.models import Channel, EvidenceFile, TreasuryMovement
from payments.reconciliation.services.flows import ingest_flow
from payments.reconciliation.services.journals import ingest_journal
from payments.reconciliation.services.matching import reconcile
from portal.accounts.models import User
from portal.entities.models import Role, StaffRole
from tests.payments.reconciliation.builders import IUF, credit, flow_bundle, journal, line, receipt

SQUARE = "admin:payments_reconciliation_reconciledreceipt_changelist"
RECEIPT = "admin:payments_reconciliation_reconciledreceipt_change"
UPLOAD = "admin:payments_reconciliation_upload"
EVIDENCE = "admin:payments_reconciliation_evidencefile_change"
DOWNLOAD = "admin:payments_reconciliation_download"
IUV, IUR = "01000000000004285", "RT-0001"


def _client(entity, role: Role | None) -> Client:
    user = User.objects.create_user(username=f"prova-{role}-{entity.code}", kind="staff", is_staff=True)
    if role is not None:
        with scopes_disabled():
            StaffRole.objects.create(entity=entity, user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def accountant(pisa) -> Client:
    return _client(pisa, Role.ACCOUNTANT)


@pytest.fixture
def books(pisa, actor):
    """One receipt reconciled, one with too little money in the treasury, one that nobody reported."""
    rows = [receipt(pisa, IUV, IUR, 4590), receipt(pisa, "01000000000004386", "RT-2", 1000)]
    rows.append(receipt(pisa, "01000000000004487", "RT-3", 2000))
    other = "2026-11-12ALTROPSP1-77"
    for content in (
        flow_bundle(pisa.fiscal_code, [line(IUV, IUR, 4590)]),
        flow_bundle(pisa.fiscal_code, [line("01000000000004386", "RT-2", 1000)], fdr=other, regulation="TRN-DUE-0001"),
    ):
        ingest_flow(entity=pisa, content=content, name="flusso.json", channel=Channel.API, actor=actor)
    content = journal(pisa, [credit(4590), credit(900, f"/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{other}")])
    ingest_journal(entity=pisa, content=content, name="giornale.xml", channel=Channel.FOLDER, actor=actor)
    reconcile(entity=pisa, actor=actor)
    return rows


def _listed(page: str) -> set[int]:
    return {int(number) for number in re.findall(r"/reconciledreceipt/(\d+)/change/", page)}


def test_the_desk_counts_outcomes_and_says_why(accountant, books):
    page = accountant.get(reverse(SQUARE)).content.decode()
    for word in ("Riconciliato", "Riversamento di importo diverso", "Ricevuta non rendicontata"):
        assert word in page
    assert IUF in page
    assert "mancano 1,00" in page.replace("\N{NO-BREAK SPACE}", " ")


def test_one_outcome_at_a_time(accountant, books):
    page = accountant.get(reverse(SQUARE), {"esito": "treasury_amount_differs"}).content.decode()
    assert "2026-11-12ALTROPSP1-77" in page
    assert IUF not in page
    assert _listed(accountant.get(reverse(SQUARE), {"esito": "receipt_without_flow"}).content.decode()) == {books[2].pk}
    assert accountant.get(reverse(SQUARE), {"esito": "inventato"}).status_code == 404


def test_many_verdicts_come_in_pages(accountant, pisa, actor):
    for number in range(52):
        receipt(pisa, f"02{number:015d}", f"RT-M{number}", 1000)
    reconcile(entity=pisa, actor=actor)
    chosen = {"esito": "receipt_without_flow"}
    first = accountant.get(reverse(SQUARE), chosen).content.decode()
    second = accountant.get(reverse(SQUARE), chosen | {"p": "2"}).content.decode()
    assert (len(_listed(first)), len(_listed(second))) == (50, 2)
    assert not _listed(first) & _listed(second)
    assert len(_listed(accountant.get(reverse(SQUARE), chosen | {"p": "mille"}).content.decode())) == 50


def test_what_a_search_finds_comes_in_pages_too(accountant, pisa, actor):
    rows = [line(f"02{number:015d}", f"RT-M{number}", 1000, seq=number) for number in range(1, 53)]
    ingest_flow(
        entity=pisa, content=flow_bundle(pisa.fiscal_code, rows), name="f.json", channel=Channel.API, actor=actor
    )
    reconcile(entity=pisa, actor=actor)
    found = []
    for number in ("1", "2"):
        page = accountant.get(reverse(SQUARE), {"q": IUF, "esito": "no_position", "p": number}).content.decode()
        found.append(set(re.findall(r"02\d{15}", page)))
        assert f"Pagina {number} di 2" in page
    assert (len(found[0]), len(found[1]), len(found[0] & found[1])) == (50, 2, 0)
    assert f"?esito=no_position&amp;q={IUF}&amp;p=1" in page
    assert "Pagina 1 di" not in accountant.get(reverse(SQUARE), {"q": rows[0]["iuv"]}).content.decode()


def test_a_receipt_is_found_by_any_of_its_numbers(accountant, books):
    for number in (IUV, f"3{IUV}", IUR, IUF.lower()):
        page = accountant.get(reverse(SQUARE), {"q": number}).content.decode()
        assert _listed(page) == {books[0].pk}, number
    assert "Nessun documento" in accountant.get(reverse(SQUARE), {"q": "' OR 1=1 --"}).content.decode()


def test_the_documents_stand_side_by_side_and_words_say_what_differs(accountant, books):
    good = accountant.get(reverse(RECEIPT, args=[books[0].pk])).content.decode()
    assert "coincide" in good
    assert "diverso</span>" not in good
    bad = accountant.get(reverse(RECEIPT, args=[books[1].pk])).content.decode()
    assert "diverso</span>" in bad
    alone = accountant.get(reverse(RECEIPT, args=[books[2].pk])).content.decode()
    assert "nessun flusso riporta questa ricevuta" in alone


def test_a_line_with_another_collection_id_is_pointed_out(accountant, pisa, actor):
    row = receipt(pisa, IUV, IUR, 4590)
    content = flow_bundle(pisa.fiscal_code, [line(IUV, "ALTRO-IUR", 4590)])
    ingest_flow(entity=pisa, content=content, name="f.json", channel=Channel.API, actor=actor)
    reconcile(entity=pisa, actor=actor)
    assert "ALTRO-IUR" in accountant.get(reverse(RECEIPT, args=[row.pk])).content.decode()
    assert "ALTRO-IUR" in accountant.get(reverse("admin:payments_reconciliation_unpaired")).content.decode()


@pytest.mark.parametrize("role", [None, Role.OFFICER, Role.HEAD, Role.ADMINISTRATOR])
def test_other_roles_do_not_enter(pisa, books, role):
    client = _client(pisa, role)
    names = [SQUARE, UPLOAD, "admin:payments_reconciliation_unpaired", "admin:payments_reconciliation_suggestions"]
    addresses = [reverse(name) for name in names]
    addresses += [reverse(RECEIPT, args=[books[0].pk]), reverse(DOWNLOAD, args=[EvidenceFile.objects.latest("pk").pk])]
    assert {client.get(address).status_code for address in addresses} == {403}


def test_an_accountant_of_another_body_finds_nothing(livorno, books):
    client = _client(livorno, Role.ACCOUNTANT)
    evidence = EvidenceFile.objects.latest("pk").pk
    assert client.get(reverse(RECEIPT, args=[books[0].pk])).status_code == 404
    assert client.get(reverse(DOWNLOAD, args=[evidence])).status_code == 404
    assert client.get(reverse(EVIDENCE, args=[evidence])).status_code == 302
    assert IUF not in client.get(reverse(SQUARE)).content.decode()


def test_an_officer_here_and_accountant_there_sees_only_there(pisa, livorno, books):
    client = _client(livorno, Role.ACCOUNTANT)
    with scopes_disabled():
        StaffRole.objects.create(entity=pisa, user=User.objects.get(username__startswith="prova"), role=Role.OFFICER)
    assert client.get(reverse(RECEIPT, args=[books[0].pk])).status_code == 404
    assert (
        "flusso.json"
        not in client.get(reverse("admin:payments_reconciliation_evidencefile_changelist")).content.decode()
    )


def test_the_desk_costs_the_same_whatever_the_rows(accountant, pisa, books, actor, django_assert_max_num_queries):
    for number in range(40):
        receipt(pisa, f"02{number:015d}", f"RT-M{number}", 1000)
    reconcile(entity=pisa, actor=actor)
    with django_assert_max_num_queries(10):
        accountant.get(reverse(SQUARE))
    with django_assert_max_num_queries(16):
        accountant.get(reverse(RECEIPT, args=[books[0].pk]))


@pytest.mark.parametrize("model", ["evidencefile", "reportingflow", "treasuryjournal", "treasurymovement"])
def test_evidence_is_read_and_never_changed_by_hand(accountant, books, model):
    listing = reverse(f"admin:payments_reconciliation_{model}_changelist")
    assert accountant.get(listing).status_code == 200
    assert accountant.get(reverse(f"admin:payments_reconciliation_{model}_add")).status_code == 403
    (row,) = EvidenceFile.objects.filter(kind="reporting_flow")[:1] if model == "evidencefile" else _first(model)
    change = reverse(f"admin:payments_reconciliation_{model}_change", args=[row.pk])
    assert accountant.get(change).status_code == 200
    assert accountant.post(change, {}).status_code == 403
    assert accountant.get(reverse(f"admin:payments_reconciliation_{model}_delete", args=[row.pk])).status_code == 403


def _first(model):
    from django.apps import apps

    return apps.get_model("payments_reconciliation", model).objects.all()[:1]


def _upload(client, entity, content, name="giornale.xml"):
    return client.post(reverse(UPLOAD), {"entity": entity.pk, "document": SimpleUploadedFile(name, content)})


def test_an_uploaded_journal_is_kept_read_and_matched(accountant, pisa, actor):
    answer = _upload(accountant, pisa, journal(pisa, [credit(4590)]))
    assert answer.status_code == 302
    evidence = EvidenceFile.objects.get()
    assert urlsplit(answer["Location"]).path == reverse(EVIDENCE, args=[evidence.pk])
    assert (evidence.channel, evidence.reading.loaded) == ("upload", 3)
    assert TreasuryMovement.objects.count() == 3


def test_the_original_comes_back_byte_for_byte(accountant, pisa):
    content = journal(pisa, [credit(4590)])
    _upload(accountant, pisa, content, name='..\\"a/<b>\r\n.xml')
    answer = accountant.get(reverse(DOWNLOAD, args=[EvidenceFile.objects.get().pk]))
    assert answer.content == content
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].count('"') == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "vuoto"), (b"%PDF-1.7", "non è un XML"), (b"MZ\x90\x00", "non è un XML")],
)
def test_what_is_no_journal_is_refused_at_the_door(accountant, pisa, content, words):
    answer = _upload(accountant, pisa, content)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not EvidenceFile.objects.exists()


def test_a_file_too_large_is_refused_at_the_door(accountant, pisa, monkeypatch):
    monkeypatch.setattr(DocumentUploadForm.base_fields["document"], "most", 100)
    answer = _upload(accountant, pisa, b"<" + b"x" * 200)
    assert answer.status_code == 422
    assert "50 MB" in answer.content.decode()


def test_a_hostile_journal_is_kept_and_flagged(accountant, pisa):
    bomb = b'<!DOCTYPE a [<!ENTITY x "xxxx"><!ENTITY y "&x;&x;&x;">]>'
    answer = _upload(accountant, pisa, bomb + b"<flusso_giornale_di_cassa>&y;</flusso_giornale_di_cassa>")
    assert answer.status_code == 302
    page = accountant.get(answer["Location"]).content.decode()
    assert "DTD" in page


def test_a_journal_cannot_be_uploaded_for_another_body(accountant, livorno):
    assert _upload(accountant, livorno, b"<a/>").status_code == 422
    with scopes_disabled():
        assert not EvidenceFile.objects.exists()


def test_a_silent_source_is_called_out(accountant, pisa, actor, time_machine):
    reconcile(entity=pisa, actor=actor)
    assert "più di 3 giorni" not in accountant.get(reverse(SQUARE)).content.decode()
    time_machine.move_to(datetime(2026, 11, 22, 9, tzinfo=UTC))
    accountant.force_login(User.objects.get(username__startswith="prova"))
    assert "più di 3 giorni" in accountant.get(reverse(SQUARE)).content.decode()
