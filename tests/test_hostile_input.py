"""Bytes that nobody sends in good faith: every answer is a page or a refusal, never a breakdown."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from portal.entities.models import Entity, Role
from portal.people.acting import Acting
from tests.exceptional_transport import pages
from tests.factories import platform as make
from tests.factories.world import browser_of_staff, build_network, citizen_client
from tests.test_tenant_walk import named

pytestmark = pytest.mark.django_db
often = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
seldom = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
words = st.text(max_size=60)


@pytest.fixture
def pisa(db: None, tmp_path: Path) -> Entity:
    make.confirm_terms()
    make.trial_service()
    return build_network(make.make_entity("PI"), tmp_path)


@pytest.fixture
def citizen(pisa: Entity) -> Client:
    return citizen_client(Acting(make.make_person()))


def broken(response: Any) -> bool:
    return bool(response.status_code >= 500)


@pytest.mark.parametrize(
    "path",
    [
        "/verifica/{}/", "/servizi/?q={}", "/servizi/?categoria={}", "/servizi/{}/", "/verifica/?codice={}",
        "/accedi/?next={}", "/accedi/?livello={}", "/spid/accedi/?idp={}", "/spid/acs/finish?h={}", "/spid/slo?{}",
        "/spid/slo?SAMLRequest={}", "/arpa/accedi/?next={}", "/arpa/ritorno?state={}", "/arpa/uscito?state={}",
        "/pagamenti/avviso/{}/", "/servizi/trasporto-eccezionale/rete/{}.geojson",
        "/personale/login/?next={}", "/benvenuto/?next={}", "/area/pratiche/{}/", "/area/pratiche/?page={}",
        "/area/messaggi/{}/", "/area/agisci-come/?next={}", "/documenti/{}/", "/{}", "/pagamenti/?avviso={}",
        "/pagamenti/aperto/ritorno/{}/", "/area/pagamenti/?stato={}", "/area/pagamenti/?anno={}",
        "/area/pagamenti/?ente={}", "/area/pagamenti/?page={}",
    ],
)  # fmt: skip
@given(text=words)
@example(text="\x00")
@example(text="9" * 400)
@example(text="../../etc/passwd")
@example(text="%s{{7*7}}'\"<>")
@often
def test_no_address_breaks(citizen: Client, path: str, text: str):
    url = path.format(quote(text, safe="", errors="replace"))
    assert not broken(citizen.get(url))
    assert not broken(Client().get(url))


@pytest.mark.parametrize(
    "target", ["https://altro.example/", "//altro.example/", "/\\altro.example", "javascript:alert(1)"]
)
@pytest.mark.parametrize("page", ["/benvenuto/", "/area/agisci-come/", "/accedi/"])
def test_no_address_sends_the_person_elsewhere(citizen: Client, page: str, target: str):
    for response in (citizen.get(page, {"next": target}), citizen.post(page, {"next": target, "per_chi": "io"})):
        assert "altro.example" not in response.headers.get("Location", "")
        assert "alert(1)" not in response.headers.get("Location", "")


@pytest.mark.parametrize("path", ["/pagopa/node", "/spid/acs", "/spid/slo"])
@given(body=st.binary(max_size=300))
@example(body=b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>')
@example(body='<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16"))
@example(body=b"SAMLResponse=%00%FF&RelayState=%00")
@example(body=b"SAMLRequest=PGE+&RelayState=x")
@often
def test_doors_without_a_session_survive_any_bytes(pisa: Entity, path: str, body: bytes):
    for kind in ("text/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        response = Client(enforce_csrf_checks=True).post(path, body, content_type=kind)
        assert not broken(response)
        assert b"root:" not in response.content


STEPS = ["richiedente", "veicoli", "carico", "percorso", "periodo", "allegati"]
NUMBERS = ["1e999999", "1e-99999", "sNaN", "-0", "0x10", "٣", "9" * 400, "\x00", "NaN", "0001-01-01", "9999-12-31"]
COUNTS = {"vehicles": "2", "v0-axles": "2", "v1-axles": "2", "legs": "2"}
FIELDS = [
    "kind", "trips", "v0-kind", "v0-plate", "v0-tare", "v0-length", "v0-a0-mass", "v0-a1-spacing", "length", "width",
    "mass", "description", "t0-road", "t0-from_km", "t0-to_km", "origin", "start_on", "end_on", "urgent_reason",
    "azione", "vehicles", "legs", "v0-axles",
]  # fmt: skip
answers = st.dictionaries(st.sampled_from(FIELDS), st.one_of(words, st.sampled_from(NUMBERS)), max_size=12)


@given(step=st.sampled_from(STEPS), sent=answers)
@example(step="carico", sent=dict.fromkeys(["length", "width", "mass"], "1e999999"))
@example(step="periodo", sent={"start_on": "9999-12-31", "end_on": "9999-12-31"})
@example(step="veicoli", sent={"azione": "togli-asse:0:99"})
@example(step="veicoli", sent={"azione": "usa-veicolo:99"})
@example(step="percorso", sent={"azione": "togli-tratto:"})
@example(step="carico", sent={"description": "a\x00b"})
@often
def test_the_steps_of_the_application_survive_any_answer(citizen: Client, step: str, sent: dict[str, str]):
    assert not broken(citizen.post(pages.url(step), COUNTS | sent))
    assert not broken(citizen.get(pages.url(step)))
    assert not broken(citizen.get(pages.url("riepilogo")))


@given(name=words, content=st.binary(min_size=1, max_size=200))
@example(name="../../../etc/cron.d/x\r\nSet-Cookie: a=b.pdf", content=pages.PDF)
@example(name="\u202efdp.exe", content=pages.PDF)
@seldom
def test_files_with_any_name_and_content_are_kept_harmless_or_refused(citizen: Client, name: str, content: bytes):
    upload = SimpleUploadedFile("x", content, content_type="application/pdf")
    upload.name = name or "x"
    assert not broken(pages.attach(citizen, "schema-carico", upload))


@pytest.mark.parametrize("path", ["/benvenuto/email/", "/area/impostazioni/email/codice/", "/area/agisci-come/"])
@given(sent=st.dictionaries(st.sampled_from(["azione", "email", "code", "per_chi", "next"]), words, max_size=4))
@example(sent={"code": "٣" * 6, "azione": "conferma"})
@example(sent={"per_chi": "9" * 30})
@seldom
def test_forms_of_the_area_survive_any_answer(citizen: Client, path: str, sent: dict[str, str]):
    assert not broken(citizen.post(path, sent))


@given(avviso=words, code=words)
@example(avviso="٣" * 18, code="٣" * 11)
@example(avviso="3" * 18, code="\x00" * 16)
@example(avviso="301000000000000185", code="ANONIMO")
@often
def test_the_search_of_a_notice_survives_any_answer(pisa: Entity, avviso: str, code: str):
    assert not broken(Client().post("/pagamenti/", {"avviso": avviso, "codice_fiscale": code}))


@pytest.mark.parametrize(
    "path",
    [
        "portal_cases/case/coda/?q={}", "portal_cases/case/coda/?coda={}", "portal_cases/case/coda/?p={}",
        "portal_cases/case/pratica/{}/", "payments/position/?q={}", "payments/position/{}/change/",
        "payments_reconciliation/reconciledreceipt/?q={}", "payments_reconciliation/reconciledreceipt/?esito={}",
        "payments_reconciliation/reconciledreceipt/?p={}",
        "payments_reconciliation/reconciledreceipt/rapporti/?mese={}",
        "payments_reconciliation/reconciledreceipt/{}/change/",
        "payments_reconciliation/reconciledreceipt/proposte/?{}=1",
        "payments_reconciliation/reconciledreceipt/file/{}/",
        "payments_reconciliation/reconciledreceipt/coda/{}/",
        "payments_reconciliation/reconciledreceipt/coda/?chi={}",
        "exceptional_transport/permit/{}/stato/", "exceptional_transport/permit/?{}=1", "payments/receipt/?stato={}",
    ],
)  # fmt: skip
@given(text=words)
@example(text="9" * 30)
@example(text="-1")
@example(text="'; DROP TABLE x; --")
@seldom
def test_the_office_survives_any_address(pisa: Entity, path: str, text: str):
    client = browser_of_staff(pisa, *Role)
    assert not broken(client.get("/admin/" + path.format(quote(text, safe="", errors="replace"))))


def test_only_the_doors_of_other_machines_do_without_the_csrf_token():
    def exempt(resolver: Any) -> set[str]:
        found = set()
        for pattern in resolver.url_patterns:
            if hasattr(pattern, "url_patterns"):
                found |= exempt(pattern)
            elif getattr(pattern.callback, "csrf_exempt", False):
                found.add(pattern.name or str(pattern.pattern))
        return found

    assert list(named(get_resolver()))
    doors = {"acs", "slo", "cie_acs", "cie_slo", "node", "options"}
    # No cookie opens the services of other systems: they ask for a key at every call.
    services = {"api_documents", "api_document", "schema"}
    assert exempt(get_resolver()) == doors | services
