"""The pages of the mandates, and what happens to who is acting when one of them ends."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.cases.models import Draft
from portal.entities.models import Entity
from portal.people.acting import Acting
from portal.people.domain.mandates import Action, Kind, State
from portal.people.models import Mandate, Person
from portal.people.services.mandates import mandate_apply
from tests.exceptional_transport import pages as transport
from tests.factories.platform import SERVICE, make_case, make_company, make_mandate, make_person
from tests.factories.world import build_network, citizen_client
from tests.portal.site.pages import read
from tests.portal.site.test_public_pages import broken_policy

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
COMPANY = {
    "name": "Trasporti Nuovi S.r.l.", "fiscal_code": "0999 9990 501", "vat_number": "", "seat": "Via Nuova 1, Pisa",
    "pec": "nuovi@pec.example",
}  # fmt: skip
TERMS = {"reach": "tutti", "valid_from": "2026-01-01", "valid_to": ""}
OFFICE = Actor(label="Rita Responsabile")
ASK = "/area/deleghe/delegato/"


def upload(content: bytes = PDF, name: str = "delega.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


@pytest.fixture
def boss(entity: Entity, person: Person) -> Acting:
    return Acting(person, make_mandate(person, make_company("Cave Bosco S.r.l."), kind=Kind.LEGAL_REPRESENTATIVE))


def test_who_represents_a_company_asks_and_finds_the_declaration_in_the_page(citizen: Client, entity: Entity) -> None:
    address = "/area/deleghe/rappresentante/"
    empty = read(citizen.get(address))
    assert "DPR 28 dicembre 2000" in empty.text
    assert broken_policy(empty) == []

    page = read(citizen.post(address, {**COMPANY, "declared": "on", "record": upload(name="visura.pdf")}, follow=True))

    mandate = Mandate.objects.get()
    assert (mandate.kind, mandate.state) == (Kind.LEGAL_REPRESENTATIVE, State.REQUESTED)
    assert mandate.company.vat_number == "09999990501"
    assert "visura.pdf" in page.text
    assert "DPR 28 dicembre 2000" in page.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"fiscal_code": "09999990502"}, "fiscal_code"),
        ({"fiscal_code": ""}, "fiscal_code"),
        ({"vat_number": "IT09999990502"}, "vat_number"),
        ({"pec": "non un indirizzo"}, "pec"),
        ({"seat": ""}, "seat"),
        ({"name": "x" * 141}, "name"),
        ({"declared": ""}, "declared"),
        ({"record": upload(b"MZ\x90\x00" + b"\x00" * 100, "visura.pdf")}, "record"),
    ],
)
def test_what_is_wrong_comes_back_with_the_way_to_its_field(
    citizen: Client, entity: Entity, changes: dict[str, Any], field: str
) -> None:
    page = read(citizen.post("/area/deleghe/rappresentante/", {**COMPANY, "declared": "on", **changes}))

    assert page.all("a", href=f"#id_{field}")
    assert not Mandate.objects.exists()


@pytest.mark.parametrize(
    "file",
    [
        b"MZ\x90\x00" + b"\x00" * 200,
        b"<html></html>",
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 50,
        PDF + b"0" * 10_500_000,
        b"",
    ],
)
def test_a_signed_mandate_is_a_pdf_of_a_fair_size_or_nothing_is_kept(
    citizen: Client, entity: Entity, file: bytes
) -> None:
    page = read(citizen.post(ASK, {**COMPANY, **TERMS, "holder": "io", "signed": upload(file)}))

    assert page.all("a", href="#id_signed")
    assert not Mandate.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_from": "2027-01-02", "valid_to": "2027-01-01"}, "valid_to"),
        ({"valid_from": "2020-01-01", "valid_to": "2020-12-31"}, "valid_to"),
        ({"valid_from": "ieri"}, "valid_from"),
        ({"reach": "alcuni"}, "services"),
        ({"reach": "alcuni", "services": ["inventato"]}, "services"),
        ({"holder": "agenzia"}, "holder"),
    ],
)
def test_dates_services_and_holders_that_cannot_be_are_refused(
    citizen: Client, entity: Entity, changes: dict[str, Any], field: str
) -> None:
    page = read(citizen.post(ASK, {**COMPANY, **TERMS, "holder": "io", "signed": upload(), **changes}))

    assert [link for link in page.all("a") if link.get("href", "").startswith(f"#id_{field}")]
    assert not Mandate.objects.exists()


def test_a_delegate_asks_with_the_signed_paper_and_takes_the_request_back(citizen: Client, entity: Entity) -> None:
    sent = {**COMPANY, **TERMS, "holder": "io", "signed": upload(), "reach": "alcuni", "services": [SERVICE]}
    page = read(citizen.post(ASK, sent, follow=True))
    mandate = Mandate.objects.get()
    assert mandate.services == [SERVICE]
    assert "Ritira la richiesta" in page.text

    citizen.post(f"/area/deleghe/{mandate.pk}/chiudi/")
    mandate.refresh_from_db()
    assert mandate.state == State.WITHDRAWN


def test_the_representative_gives_a_mandate_and_revokes_it(boss: Acting, entity: Entity) -> None:
    browser = citizen_client(boss)
    sent = {**TERMS, "holder": "persona", "name": "Giulia Bianchi", "fiscal_code": "bncgli85c52y999u", "declared": "on"}
    page = read(browser.post("/area/deleghe/nuova/", sent, follow=True))
    mandate = Mandate.objects.get(holder_name="Giulia Bianchi")
    assert "troverà la delega al primo accesso" in page.text

    mandate_apply(mandate_id=mandate.pk, action=Action.APPROVE, actor=OFFICE, entity=entity)
    assert "Revoca la delega" in read(browser.get(f"/area/deleghe/{mandate.pk}/")).text
    browser.post(f"/area/deleghe/{mandate.pk}/chiudi/")
    mandate.refresh_from_db()
    assert mandate.state == State.REVOKED


def test_who_is_not_a_representative_is_told_how_to_give_one(citizen: Client, entity: Entity) -> None:
    page = read(citizen.get("/area/deleghe/nuova/", follow=True))
    assert "di cui sei legale rappresentante" in page.text


def test_mandates_of_others_are_not_found(citizen: Client, entity: Entity) -> None:
    theirs = make_mandate(make_person(), make_company())
    for address in (f"/area/deleghe/{theirs.pk}/", f"/area/deleghe/{theirs.pk}/chiudi/"):
        assert citizen.get(address).status_code == 404
        assert citizen.post(address).status_code in {404, 405}
    assert citizen.get(f"/area/deleghe/{'9' * 30}/").status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == State.ACTIVE


def test_a_mandate_revoked_in_the_middle_of_a_form_ends_at_the_next_request_and_the_page_says_why(
    entity: Entity, person: Person, tmp_path: Any
) -> None:
    build_network(entity, tmp_path)
    mandate = make_mandate(person, make_company("Cave Bosco S.r.l."))
    browser = citizen_client(Acting(person, mandate))
    browser.post(transport.url("richiedente"), {"kind": "single", "trips": ""})
    assert Draft.objects.get().company == mandate.company

    mandate_apply(mandate_id=mandate.pk, action=Action.REVOKE, actor=OFFICE, reason="Prova.")
    refused = browser.post(transport.url("periodo"), {"start_on": "2026-12-20"})
    assert refused.status_code == 409
    assert "è stata revocata" in refused.content.decode()
    assert "Non abbiamo eseguito l'operazione" in read(refused).text
    assert Draft.objects.count() == 1  # nothing was begun in the person's own name
    assert "Stai operando per te" in read(browser.get("/area/")).text


@pytest.mark.parametrize("how", ["revoked", "expired", "link"])
def test_the_first_page_after_the_end_says_what_ended(
    entity: Entity, person: Person, how: str, time_machine: Any
) -> None:
    company, agency = make_company("Cave Bosco S.r.l."), make_company("Agenzia")
    mandate = make_mandate(person, company, valid_to=date(2026, 12, 31))
    link = None
    if how == "link":
        link = make_mandate(person, agency)
        Mandate.objects.filter(pk=mandate.pk).update(person=None, agency=agency)
    browser = citizen_client(Acting(person, mandate, link))
    assert "Cave Bosco" in read(browser.get("/area/")).text
    if how == "expired":
        time_machine.move_to("2027-01-01T10:00:00+01:00")
        browser = citizen_client(Acting(person, mandate))
    elif link is not None:
        mandate_apply(mandate_id=link.pk, action=Action.REVOKE, actor=OFFICE, reason="Prova.")
    else:
        mandate_apply(mandate_id=mandate.pk, action=Action.REVOKE, actor=OFFICE, reason="Prova.")

    words = {"revoked": "è stata revocata", "expired": "è scaduta", "link": "Non operi più per l'agenzia"}
    assert words[how] in read(browser.get("/area/")).text
    assert words[how] not in read(browser.get("/area/")).text


def test_the_bar_says_for_whom_through_whom_until_when_and_for_what(entity: Entity, person: Person) -> None:
    agency, company = make_company("Agenzia Pratiche"), make_company("Cave Bosco S.r.l.")
    link = make_mandate(person, agency, valid_to=date(2099, 5, 1))
    mandate = Mandate.objects.create(
        agency=agency, company=company, kind=Kind.DELEGATE, state=State.ACTIVE, valid_from=date(2020, 1, 1),
        services=[SERVICE],
    )  # fmt: skip
    text = read(citizen_client(Acting(person, mandate, link)).get("/area/")).text
    for words in ("Cave Bosco S.r.l.", "tramite Agenzia Pratiche", "fino al 01/05/2099", "solo per: Servizio di prova"):
        assert words in text


def test_two_hundred_clients_are_searched_and_paged(
    citizen: Client, entity: Entity, person: Person, django_assert_max_num_queries: Any
) -> None:
    agency = make_company("Agenzia Pratiche")
    make_mandate(person, agency)
    rows = []
    for number in range(200):
        company = make_company(f"Cliente {number:03d} S.r.l.")
        rows.append(
            Mandate(agency=agency, company=company, kind=Kind.DELEGATE, state=State.ACTIVE, valid_from=date(2020, 1, 1))
        )
    last = Mandate.objects.bulk_create(rows)[-1]
    with django_assert_max_num_queries(14):
        page = read(citizen.get("/area/agisci-come/"))
    assert len(page.all("input", type="radio")) == 21
    assert page.all("a", rel="next")

    found = read(citizen.get("/area/agisci-come/", {"q": "cliente 199"}))
    assert "1 impresa con" in found.text
    chosen = citizen.post("/area/agisci-come/?q=altro", {"per_chi": str(last.pk), "next": "/area/"}, follow=True)
    assert "Cliente 199" in read(chosen).text
    assert "tramite Agenzia Pratiche" in read(chosen).text


def test_the_list_asks_the_same_number_of_queries_however_many_mandates(
    boss: Acting, django_assert_max_num_queries: Any
) -> None:
    for _ in range(15):
        make_mandate(make_person(), boss.company, state=State.REQUESTED)
    browser = citizen_client(boss)
    with django_assert_max_num_queries(12):
        assert read(browser.get("/area/deleghe/")).text.count("delegato") >= 15


def test_a_mandate_for_other_services_opens_no_application_and_says_so(
    entity: Entity, person: Person, tmp_path: Any
) -> None:
    build_network(entity, tmp_path)
    mandate = make_mandate(person, make_company(), services=[SERVICE])
    browser = citizen_client(Acting(person, mandate))
    address = "/servizi/autorizzazione-trasporto-eccezionale/accedi/"
    assert "non comprende questo servizio" in read(browser.get(address, follow=True)).text
    for response in (
        browser.get(transport.url("richiedente")),
        browser.post(transport.url("richiedente"), {"kind": "single"}),
    ):
        assert response.status_code == 409
        assert "non comprende questo servizio" in response.content.decode()
    assert not Draft.objects.exists()


def test_a_mandate_for_other_services_does_not_see_the_companys_cases_messages_payments_and_papers(
    entity: Entity, person: Person, owe: Callable[..., Any]
) -> None:
    company = make_company()
    case = make_case(entity, Acting(make_person(), make_mandate(make_person(), company)))
    owe(case)
    inside = citizen_client(Acting(person, make_mandate(person, company, services=[SERVICE])))
    other = make_person()
    outside = citizen_client(
        Acting(other, make_mandate(other, company, services=["autorizzazione-trasporto-eccezionale"]))
    )

    for path in (f"/area/pratiche/{case.code}/", f"/area/pratiche/{case.code}/scrivi/"):
        assert inside.get(path).status_code == 200
        assert outside.get(path).status_code == 404
    assert case.code in read(inside.get("/area/pratiche/")).text
    for path in ("/area/", "/area/pratiche/", "/area/pagamenti/", "/area/documenti/", "/area/messaggi/"):
        assert case.code not in read(outside.get(path)).text
    assert "Abbiamo ricevuto" in read(inside.get("/area/messaggi/")).text
    assert "Abbiamo ricevuto" not in read(outside.get("/area/messaggi/")).text


def test_an_act_records_the_person_the_company_and_both_mandates(entity: Entity, person: Person) -> None:
    agency, company = make_company("Agenzia Pratiche"), make_company()
    link = make_mandate(person, agency)
    mandate = Mandate.objects.create(
        agency=agency, company=company, kind=Kind.DELEGATE, state=State.ACTIVE, valid_from=date(2020, 1, 1)
    )
    case = make_case(entity, Acting(person, mandate, link))

    event = Event.objects.get(action="case.submitted", subject_id=str(case.pk))
    assert (event.person, event.mandate, event.data["via_mandate"]) == (person, mandate, link.pk)
    assert (case.applicant_company, case.mandate) == (company, mandate)


NAMES = [
    "name",
    "fiscal_code",
    "vat_number",
    "seat",
    "pec",
    "declared",
    "holder",
    "reach",
    "services",
    "valid_from",
    "valid_to",
]
answers = st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40), max_size=len(NAMES))


@pytest.mark.parametrize("path", ["rappresentante/", "delegato/", "nuova/"])
@given(sent=answers)
@example(sent={"name": "\x00", "fiscal_code": "\x00", "seat": "\x00", "declared": "on"})
@example(sent={"valid_from": "9999-12-31", "valid_to": "0001-01-01", "reach": "tutti", "holder": "io"})
@example(sent={"fiscal_code": "٣" * 11, "vat_number": "٣" * 11})
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_forms_survive_any_answer(boss: Acting, path: str, sent: dict[str, str]) -> None:
    before = Mandate.objects.count()
    assert citizen_client(boss).post(f"/area/deleghe/{path}", sent).status_code == 200
    assert Mandate.objects.count() == before
