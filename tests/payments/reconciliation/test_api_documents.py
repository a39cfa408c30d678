"""Documents from the systems of others: kept once, read, answered one by one; a key opens one body and no other."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_scopes import scope

from payments.reconciliation.api import DOCUMENTS
from payments.reconciliation.models import EvidenceFile, TreasuryMovement, Verdict
from portal import clock
from portal.api import access
from portal.api.models import ServiceKey
from portal.api.services import key_create, key_revoke
from portal.audit.actor import Actor
from portal.audit.models import Event
from tests.payments.reconciliation.builders import credit, flow_xml, journal, xml_line

PATH = "/api/v1/ragioneria/documenti"
ACTOR = Actor.system("prova")


def new_key(entity, *, allowed=(DOCUMENTS,), days=30) -> tuple[ServiceKey, str]:
    return key_create(
        entity=entity, label="Gestionale contabile", allowed=allowed, expires_on=clock.today() + timedelta(days),
        user_id=None, actor=ACTOR,
    )  # fmt: skip


@pytest.fixture
def key(pisa) -> str:
    return new_key(pisa)[1]


def call(key: str | None, content=b"", *, name="giornale.xml", content_type="application/xml", files=None, **extra):
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    if files is not None:
        return Client().post(PATH, files, headers=headers)
    headers |= {"Content-Disposition": f'attachment; filename="{name}"'}
    return Client().post(PATH, content, content_type=content_type, headers=headers, **extra)


def problem(response, status: int) -> dict:
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    said = json.loads(response.content)
    assert (said["type"], said["status"], bool(said["title"]), bool(said["detail"])) == (
        "about:blank", status, True, True,
    )  # fmt: skip
    return said


def test_a_journal_is_kept_read_and_judged_and_the_second_time_it_is_known(pisa, key):
    content = journal(pisa, [credit(4590)])
    digest = hashlib.sha256(content).hexdigest()
    response = call(key, content)
    (told,) = response.json()["documents"]
    assert response.status_code == 201
    assert told == {
        "name": "giornale.xml", "sha256": digest, "kind": "treasury_journal", "known": False, "outcome": "read",
        "rows": 3, "findings": [],
    }  # fmt: skip
    assert Verdict.objects.filter(subject="movement").exists()
    evidence = EvidenceFile.objects.get()
    assert (evidence.channel, bytes(evidence.content)) == ("service", content)
    again = call(key, content, name="altro.xml")
    assert (again.status_code, again.json()["documents"][0]["known"]) == (200, True)
    assert EvidenceFile.objects.count() == 1
    actors = set(Event.objects.filter(action="reconciliation.evidence_received").values_list("actor_label", flat=True))
    assert actors == {f"chiave di servizio {ServiceKey.objects.get().pk}: Gestionale contabile"}


def test_several_documents_and_archives_come_in_one_request(pisa, key):
    flow = flow_xml(pisa.fiscal_code, [xml_line("01", "A", "45.90")], total="45.91")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("giornale.xml", journal(pisa, [credit(4590)]))
        archive.writestr("flusso.xml", flow)
    response = call(
        key,
        files={
            "uno": SimpleUploadedFile("flusso.xml", flow),
            "due": SimpleUploadedFile("mese.zip", packed.getvalue()),
        },
    )
    told = response.json()["documents"]
    assert response.status_code == 201
    assert [row["name"] for row in told] == ["flusso.xml", "giornale.xml", "flusso.xml"]
    assert [row["outcome"] for row in told] == ["flagged", "read", "flagged"]
    assert [finding["code"] for finding in told[0]["findings"]] == ["TOTAL_WRONG"]
    assert EvidenceFile.objects.count() == 2


def test_the_outcome_is_read_by_the_fingerprint_and_only_by_its_body(pisa, livorno, key):
    content = journal(pisa, [credit(4590)])
    call(key, content)
    address = f"{PATH}/{hashlib.sha256(content).hexdigest()}"
    told = Client().get(address, headers={"Authorization": f"Bearer {key}"})
    assert (told.status_code, told.json()["outcome"], told.json()["rows"]) == (200, "read", 3)
    with scope(entity=livorno):
        other = new_key(livorno)[1]
    problem(Client().get(address, headers={"Authorization": f"Bearer {other}"}), 404)
    problem(Client().get(f"{PATH}/{'0' * 64}", headers={"Authorization": f"Bearer {key}"}), 404)
    problem(Client().get(f"{PATH}/qualcosa", headers={"Authorization": f"Bearer {key}"}), 404)
    problem(Client().get(address), 401)


def test_the_key_of_a_body_writes_nothing_in_another(pisa, livorno):
    with scope(entity=livorno):
        other = new_key(livorno)[1]
    response = call(other, journal(pisa, [credit(4590)]))
    (told,) = response.json()["documents"]
    assert (told["outcome"], [finding["code"] for finding in told["findings"]]) == ("broken", ["OTHER_ENTITY"])
    assert (EvidenceFile.objects.count(), TreasuryMovement.objects.count()) == (0, 0)
    with scope(entity=livorno):
        assert (EvidenceFile.objects.count(), TreasuryMovement.objects.count()) == (1, 0)


@pytest.mark.parametrize("sent", [None, "sbagliata", "x" * 5000, "à"])
def test_without_a_good_key_nothing_comes_in(pisa, sent):
    response = call(sent, b"<a/>")
    problem(response, 401)
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert not EvidenceFile.objects.exists()


def test_a_key_taken_back_or_expired_says_so(pisa, time_machine):
    key, text = new_key(pisa, days=2)
    time_machine.move_to(clock.now() + timedelta(3))
    assert "scaduta" in problem(call(text, b"<a/>"), 401)["detail"]
    key_revoke(key_id=key.pk, actor=ACTOR)
    assert "revocata" in problem(call(text, b"<a/>"), 401)["detail"]


def test_a_key_without_the_permission_is_told_so(pisa):
    key, text = new_key(pisa)
    ServiceKey.objects.filter(pk=key.pk).update(scopes=["altro:cosa"])
    problem(call(text, journal(pisa, [credit(1)])), 403)
    assert not EvidenceFile.objects.exists()


def test_what_cannot_be_recognised_is_refused_whole(pisa, key):
    good = SimpleUploadedFile("giornale.xml", journal(pisa, [credit(1)]))
    said = problem(call(key, files={"a": good, "b": SimpleUploadedFile("lettera.doc", b"Buongiorno")}), 422)
    assert [error["name"] for error in said["errors"]] == ["lettera.doc"]
    assert not EvidenceFile.objects.exists()
    assert problem(call(key, b"", content_type="application/xml"), 422)
    assert problem(call(key, files={"testo": "soltanto un campo"}), 422)


@pytest.mark.parametrize("hidden", [".DS_Store", "mese/.nascosto", "__MACOSX/giornale.xml"])
def test_an_archive_of_hidden_files_alone_holds_nothing_to_take(pisa, key, hidden):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(hidden, b"<flusso_giornale_di_cassa/>")
    said = problem(call(key, packed.getvalue(), name="mese.zip", content_type="application/zip"), 422)
    assert "L'archivio è vuoto" in said["errors"][0]["detail"]
    assert not EvidenceFile.objects.exists()


def test_other_contents_methods_and_addresses_are_problems_too(pisa, key):
    bearer = {"Authorization": f"Bearer {key}"}
    problem(call(key, b"ciao", content_type="text/plain"), 415)
    problem(Client().delete(PATH, headers=bearer), 405)
    problem(Client().get("/api/v1/niente", headers=bearer), 404)
    problem(Client().get("/api/v1/%00", headers=bearer), 400)
    problem(call(key, b"--x", content_type="multipart/form-data; boundary=y"), 422)
    problem(call(key, b"--x", content_type="multipart/form-data"), 400)


def test_what_is_too_large_is_refused_before_it_is_read(pisa, key, settings, monkeypatch):
    monkeypatch.setattr("payments.reconciliation.conf.MAX_UPLOAD_BYTES", 100)
    problem(call(key, journal(pisa, [credit(1)])), 413)
    settings.LARGEST_DOCUMENT = 10
    problem(call(key, b"<flusso_giornale_di_cassa/>"), 413)
    assert not EvidenceFile.objects.exists()


def test_a_key_that_calls_too_often_is_told_to_wait(pisa, key, monkeypatch):
    monkeypatch.setattr(access, "CALLS", 2)
    address, bearer = f"{PATH}/{'0' * 64}", {"Authorization": f"Bearer {key}"}
    assert [Client().get(address, headers=bearer).status_code for _ in range(2)] == [404, 404]
    response = Client().get(address, headers=bearer)
    problem(response, 429)
    assert response.headers["Retry-After"] == "60"


def test_who_tries_keys_is_told_to_wait(pisa, monkeypatch):
    monkeypatch.setattr(access, "WRONG_KEYS", 2)
    found = [call(f"prova-{number}", b"<a/>").status_code for number in range(3)]
    assert found == [401, 401, 429]


def test_an_error_that_nobody_expected_tells_nothing(pisa, key, monkeypatch):
    def breaks(**_given):
        raise RuntimeError("segreto")

    monkeypatch.setattr("payments.reconciliation.api.ingest_many", breaks)
    assert "segreto" not in str(problem(call(key, journal(pisa, [credit(1)])), 500))


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><FlussoRiversamento>&a;</FlussoRiversamento>',
        b"<FlussoRiversamento>",
        b'<?xml version="1.0" encoding="UTF-8"?><flusso_giornale_di_cassa>\xff\xfe',
        b"PK\x03\x04" + b"\x00" * 60,
        b'{"header": "x", "payments": [',
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"),
    ],
)
def test_hostile_documents_are_flagged_or_refused_and_never_a_breakdown(pisa, key, content):
    response = call(key, content, content_type="application/octet-stream")
    assert response.status_code in {201, 422}
    if response.status_code == 201:
        assert response.json()["documents"][0]["outcome"] == "broken"


def test_the_schema_names_the_two_addresses_and_how_to_come_in(db):
    schema = json.loads(Client().get("/api/v1/openapi.json").content)
    assert {PATH, PATH + "/{sha256}"} <= set(schema["paths"])
    assert schema["components"]["securitySchemes"]["serviceKey"]["scheme"] == "bearer"
    assert set(schema["paths"][PATH]["post"]["responses"]) >= {"200", "201", "401", "403", "413", "415", "422", "429"}
