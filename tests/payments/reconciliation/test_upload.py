"""Documents in the accountant's hands: recognised, kept, told; archives opened; sources and gaps shown."""

import io
import zipfile
from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django_scopes import scopes_disabled

from payments.reconciliation import examination
from payments.reconciliation.formats import archives
from payments.reconciliation.gateways import journal_drop
from payments.reconciliation.models import (
    Channel,
    EvidenceFile,
    FlowLine,
    ReconciliationRun,
    TreasuryAccount,
    TreasuryMovement,
)
from payments.reconciliation.selectors.gaps import journal_gaps
from payments.reconciliation.services.ingest import ingest, ingest_many
from payments.reconciliation.services.matching import reconcile
from payments.reconciliation.services.pulling import pull_journals
from portal.accounts.models import User
from portal.entities.models import Role, StaffRole
from portal.operations.doctor import Level
from tests.payments.reconciliation.builders import IUF, REMITTANCE, credit, flow_xml, journal, xml_line
from tests.payments.reconciliation.debts import creditor
from tests.payments.reconciliation.statement_files import bank_csv, bank_row, camt, camt_entry, provisionals, workbook

UPLOAD = "admin:payments_reconciliation_upload"
SOURCES = "admin:payments_reconciliation_sources"
SQUARE = "admin:payments_reconciliation_reconciledreceipt_changelist"
ACCOUNT = "admin:payments_reconciliation_treasuryaccount_change"
BODY = "80000000010"


@pytest.fixture
def accountant(pisa) -> Client:
    user = User.objects.create_user(username="ragioniera", kind="staff", is_staff=True)
    StaffRole.objects.create(entity=pisa, user=user, role=Role.ACCOUNTANT)
    client = Client()
    client.force_login(user)
    return client


def _upload(client, entity, content, name="documento.bin", *, follow=False):
    return client.post(
        reverse(UPLOAD), {"entity": entity.pk, "document": SimpleUploadedFile(name, content)}, follow=follow
    )


def _zip(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _flow(number: int = 1) -> bytes:
    iuf = f"2026-11-12ABCDITRRXXX-{number}"
    return flow_xml(BODY, [xml_line(f"{number:017d}", "A", "1.00")], total="1.00", iuf=iuf)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (_flow(), "flusso di rendicontazione"),
        (provisionals(f"2026;1;12/11/2026;Poste;{REMITTANCE}{IUF};45,90;"), "elenco dei provvisori"),
        (bank_csv(bank_row("1,00", "x")), "estratto conto bancario"),
        (camt(camt_entry("1.00", "x")), "estratto conto camt.053"),
    ],
)
def test_one_form_takes_any_document_and_says_what_it_is(accountant, pisa, content, word):
    page = _upload(accountant, pisa, content, follow=True).content.decode()
    assert f"Documento acquisito come {word}" in page
    assert "1 riga caricata" in page


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"nome;cognome\na;b\n", "riga delle intestazioni"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "XLSX"),
        (b"PK\x03\x04rotto", "non si apre"),
        (_zip({}), "non si apre"),
        (b"<html><body>Accesso negato</body></html>", "non è un XML"),
    ],
)
def test_what_nobody_can_read_is_refused_with_the_way_out(accountant, pisa, content, words):
    answer = _upload(accountant, pisa, content)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not EvidenceFile.objects.exists()


def test_an_archive_is_opened_and_each_document_kept_for_itself(accountant, pisa):
    content = _zip({"a.xml": _flow(1), "cartella/b.xml": _flow(2), "c.xml": b"<rotto", "__MACOSX/d.xml": b"x"})
    page = _upload(accountant, pisa, content, "archivio.zip", follow=True).content.decode()
    assert "Documenti: 3; già noti: 0; letti: 2" in page
    assert "non leggibili per intero: 1" in page
    assert sorted(EvidenceFile.objects.values_list("name", flat=True)) == ["a.xml", "b.xml", "c.xml"]


def test_an_archive_that_lies_or_swells_comes_out_as_it_is(monkeypatch):
    good = _zip({"a.xml": _flow()})
    assert [name for name, _content in archives.documents("x.zip", good)] == ["a.xml"]
    for limit in ("MOST_MEMBER", "MOST_UNPACKED"):
        with monkeypatch.context() as patch:
            patch.setattr(archives, limit, 10)
            assert list(archives.documents("x.zip", good)) == [("x.zip", good)]
    spoiled = good.replace(good[60:70], b"\x00" * 10, 1)
    assert list(archives.documents("x.zip", spoiled))[-1] == ("x.zip", spoiled)
    book = workbook([["a"]])
    assert list(archives.documents("x.xlsx", book)) == [("x.xlsx", book)]


def test_the_folder_takes_any_document_and_archives_of_them(pisa):
    folder = journal_drop.incoming("PI")
    (folder / "giornale.xml").write_bytes(journal(pisa, [credit(4590)]))
    (folder / "flussi.zip").write_bytes(_zip({"a.xml": _flow(1), "b.xml": _flow(2)}))
    (folder / "conto.CSV").write_bytes(bank_csv(bank_row("1,00", "x")))
    (folder / "foto.xml").write_bytes(b"\x89PNG")
    (folder / "leggimi.txt").write_text("ciao")
    assert pull_journals(entity=pisa) == 4
    assert (FlowLine.objects.count(), TreasuryMovement.objects.count()) == (2, 4)
    assert EvidenceFile.objects.get(kind="unknown").reading.state == "broken"
    assert [path.name for path in folder.iterdir()] == ["leggimi.txt"]
    assert len(list((folder.parent / "archive").iterdir())) == 4


def _days(pisa, actor, days: list[int], *, skip: int = 0) -> list[bytes]:
    ledger = {"closing": 100_00, "journal": 0, "number": 0}
    files = []
    for day in days:
        ledger["journal"] += 1
        content = journal(pisa, [credit(4590)], ledger=ledger, day=date(2026, 11, day))
        files.append(content)
    return files


def test_a_missing_journal_is_a_gap_until_it_comes(pisa, livorno, actor):
    first, missing, last = _days(pisa, actor, [10, 11, 12])
    ingest_many(entity=pisa, files=[("3.xml", last), ("1.xml", first)], channel=Channel.FOLDER, actor=actor)
    (gap,) = journal_gaps([pisa.pk])
    assert (gap.account, gap.after, gap.before) == ("0000100", date(2026, 11, 10), date(2026, 11, 12))
    assert gap.cents == 4590 + 12_540 - 98_000
    assert journal_gaps([livorno.pk]) == []
    ingest(entity=pisa, content=missing, name="2.xml", channel=Channel.UPLOAD, actor=actor)
    assert journal_gaps([pisa.pk]) == []


def test_sources_gaps_and_accounts_are_on_a_page(accountant, pisa, actor, time_machine):
    first, _missing, last = _days(pisa, actor, [10, 11, 12])
    ingest_many(
        entity=pisa,
        files=[("1.xml", first), ("3.xml", last), ("conto.csv", bank_csv(bank_row("1,00", "x")))],
        channel=Channel.FOLDER,
        actor=actor,
    )
    reconcile(entity=pisa, actor=actor)
    page = accountant.get(reverse(SOURCES)).content.decode()
    for word in ("0000100", "123456", "estratto conto bancario", "10/11/2026", "12/11/2026", "abbinamento"):
        assert word in page
    assert "più di 3 giorni" not in page
    time_machine.move_to(datetime(2026, 11, 22, 9, tzinfo=UTC))
    accountant.force_login(User.objects.get(username="ragioniera"))
    for name in (SOURCES, SQUARE):
        assert "più di 3 giorni" in accountant.get(reverse(name)).content.decode()


def test_a_source_that_was_never_read_is_an_alarm(accountant, pisa, livorno, actor, settings):
    creditor(pisa)
    reconcile(entity=pisa, actor=actor)
    settings.FDR_BASE_URL = settings.SANDBOX_BASE_URL = ""
    for name in (SOURCES, SQUARE):
        page = accountant.get(reverse(name)).content.decode().replace("&#x27;", "'")
        assert page.count("non è mai stata letta con successo") == 2
        assert "flussi del nodo" in page
        assert page.count("FDR_BASE_URL") == 1
    with scopes_disabled():
        finding = examination.sources()
        assert (finding.level, "Provincia PI, flussi del nodo" in finding.text) == (Level.WARNING, True)
        assert "Provincia LI" not in finding.text
    settings.FDR_BASE_URL = "https://nodo.example/fdr"
    assert "FDR_BASE_URL" not in accountant.get(reverse(SOURCES)).content.decode()


def test_pages_of_the_sources_are_for_accountants(pisa, client):
    user = User.objects.create_user(username="altro", kind="staff", is_staff=True)
    StaffRole.objects.create(entity=pisa, user=user, role=Role.OFFICER)
    client.force_login(user)
    assert client.get(reverse(SOURCES)).status_code == 403


def test_an_accountant_says_which_document_counts(accountant, pisa, actor):
    ingest(entity=pisa, content=bank_csv(bank_row("1,00", "x")), name="c.csv", channel=Channel.UPLOAD, actor=actor)
    account = TreasuryAccount.objects.get()
    answer = accountant.post(
        reverse(ACCOUNT, args=[account.pk]), {"source": "statement", "description": "Conto", "iban": ""}
    )
    assert answer.status_code == 302
    assert TreasuryMovement.objects.get().counts
    assert ReconciliationRun.objects.latest("pk").full
    account.refresh_from_db()
    assert (account.source, account.description) == ("statement", "Conto")
    wrong = accountant.post(reverse(ACCOUNT, args=[account.pk]), {"source": "altro", "description": "", "iban": ""})
    assert wrong.status_code == 200


def test_the_doctor_hears_silent_sources(pisa, actor, time_machine):
    with scopes_disabled():
        assert "mai letti" in examination.sources().text
    reconcile(entity=pisa, actor=actor)
    assert [finding.level for finding in examination.examine()] == [Level.OK]
    time_machine.move_to(datetime(2026, 11, 22, 9, tzinfo=UTC))
    (finding,) = examination.examine()
    assert finding.level is Level.WARNING
    assert "Provincia PI" in finding.text
