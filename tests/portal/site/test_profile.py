"""The person's own data: telephone, digital domicile, and the codice fiscale of who came without one."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_scopes import scope

from exceptional_transport.models import Application
from portal.billing.models import Charge
from portal.billing.selectors import charges_of
from portal.billing.socket import ANONYMOUS
from portal.cases.models import Case
from portal.cases.services.desk import case_approve, case_take, payer_of
from portal.entities.models import Entity
from portal.people.acting import Acting
from portal.people.models import AddressKind, EmailVerification, FiscalCodeClaim, Person
from portal.people.services import verification_code
from tests.exceptional_transport import pages as transport
from tests.factories.platform import confirm_terms, make_case, make_company, make_mandate, make_person, make_staff
from tests.factories.world import DESK, build_network, citizen_client
from tests.portal.site.pages import read
from tests.portal.site.test_public_pages import broken_policy

CODE = "BNCGLI85C52Y999U"
CLAIM = "/area/impostazioni/codice-fiscale/"


@pytest.fixture
def julia(entity: Entity) -> Person:
    """Somebody from another country, without codice fiscale."""
    return make_person("Julia", "Schmidt", fiscal_code=None)


def test_the_telephone_is_kept_in_its_international_form_and_said_not_to_be_checked(
    citizen: Client, entity: Entity, person: Person
) -> None:
    page = read(citizen.post("/area/impostazioni/telefono/", {"phone": "333 1234567"}, follow=True))
    assert "+393331234567" in page.text
    assert "non verificato" in page.text

    wrong = read(citizen.post("/area/impostazioni/telefono/", {"phone": "chiamami"}))
    assert wrong.all("a", href="#id_phone")
    citizen.post("/area/impostazioni/telefono/", {"phone": ""})
    person.refresh_from_db()
    assert person.phone == ""


def test_the_digital_domicile_is_confirmed_by_its_own_code(citizen: Client, entity: Entity, person: Person) -> None:
    citizen.post("/area/impostazioni/pec/", {"email": "giulia@pec.example"})
    verification = EmailVerification.objects.get()
    assert verification.kind == AddressKind.PEC
    # The code of the PEC says nothing about the e-mail address.
    other = read(citizen.post("/area/impostazioni/email/codice/", {"code": verification_code(verification)}))
    assert "scaduto" in other.text

    page = citizen.post("/area/impostazioni/pec/codice/", {"code": verification_code(verification)}, follow=True)
    before = person.email
    person.refresh_from_db()
    assert (person.pec, person.email) == ("giulia@pec.example", before)
    assert person.pec_verified_at is not None
    assert "giulia@pec.example" in read(page).text


def test_every_field_of_the_page_has_its_own_id(entity: Entity, julia: Person) -> None:
    EmailVerification.objects.create(person=julia, email="a@b.example", created_at="2026-11-20T10:00:00Z")
    EmailVerification.objects.create(person=julia, kind="pec", email="p@b.example", created_at="2026-11-20T10:00:00Z")
    julia.email_verified_at = None
    julia.save()
    page = read(citizen_client(Acting(julia)).get("/area/impostazioni/"))
    ids = [attributes["id"] for _tag, attributes in page.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    assert broken_policy(page) == []


def test_only_who_has_no_codice_fiscale_is_asked_for_it(citizen: Client, entity: Entity, julia: Person) -> None:
    assert "Hai un codice fiscale italiano?" not in read(citizen.get("/area/impostazioni/")).text
    assert "già registrato" in read(citizen.post(CLAIM, {"fiscal_code": CODE})).text
    browser = citizen_client(Acting(julia))
    assert "Hai un codice fiscale italiano?" in read(browser.get("/area/impostazioni/")).text

    page = read(browser.post(CLAIM, {"fiscal_code": CODE.lower()}, follow=True))
    assert "L'ufficio controlla il codice" in page.text
    assert FiscalCodeClaim.objects.get().fiscal_code == CODE


@pytest.mark.parametrize(
    "sent",
    [
        {"fiscal_code": ""},
        {"fiscal_code": "BNCGLI85C52Y999X"},
        {"fiscal_code": "09999990501"},
        {"fiscal_code": CODE, "file": SimpleUploadedFile("tessera.pdf", b"MZ\x90\x00" + b"\x00" * 100)},
    ],
)
def test_a_claim_that_cannot_be_is_refused_on_its_field(julia: Person, sent: dict[str, Any]) -> None:
    page = read(citizen_client(Acting(julia)).post(CLAIM, sent))
    assert page.all("a", href="#id_file" if "file" in sent else "#id_fiscal_code")
    assert not FiscalCodeClaim.objects.exists()


@pytest.mark.parametrize(
    "path", ["", "pratiche/", "pagamenti/", "documenti/", "messaggi/", "impostazioni/", "deleghe/"]
)
def test_the_area_opens_without_a_codice_fiscale(julia: Person, path: str) -> None:
    assert citizen_client(Acting(julia)).get(f"/area/{path}").status_code == 200


@pytest.mark.parametrize("for_company", [False, True])
def test_an_application_without_codice_fiscale_is_sent_charged_and_shown(
    entity: Entity, julia: Person, tmp_path: Any, for_company: bool
) -> None:
    confirm_terms()
    build_network(entity, tmp_path)
    acting = Acting(julia, make_mandate(julia, make_company()) if for_company else None)
    browser = citizen_client(acting)
    transport.fill_all(browser)
    summary = browser.get(transport.url("riepilogo"))
    assert "Julia Schmidt" in summary.content.decode()
    sent = browser.post(transport.url("invia"), transport.DECLARATIONS, follow=True)
    assert sent.status_code == 200

    with scope(entity=entity):
        case = Case.objects.select_related("applicant_person", "applicant_company").get()
        assert Application.objects.filter(case=case).exists()
        payer = payer_of(case)
        assert payer.fiscal_code == (acting.company.fiscal_code if acting.company else ANONYMOUS)
        case_take(case_id=case.pk, user=make_staff(entity), actor=DESK)
        case_approve(case_id=case.pk, prescriptions=[], due_on=None, actor=DESK)
        charge = Charge.objects.get()
    assert list(charges_of(acting)) == [charge]
    assert browser.get(f"/area/pratiche/{case.code}/").status_code == 200
    assert charge.description in read(browser.get("/area/pagamenti/")).text


def test_charges_of_others_without_codice_fiscale_are_not_theirs(entity: Entity, julia: Person, owe: Any) -> None:
    other = make_person("Jan", "Kowalski", fiscal_code=None)
    charge = owe(make_case(entity, Acting(other)))
    with scope(entity=entity):
        Charge.objects.filter(pk=charge.pk).update(payer_fiscal_code=ANONYMOUS)
    assert list(charges_of(Acting(julia))) == []
    assert list(charges_of(Acting(other))) == [charge]


@pytest.mark.parametrize(
    "digits", ["\u0661\u0662\u0663\u0664\u0665\u0666", "12345\u0666", "\uff11\uff12\uff13\uff14\uff15\uff16"]
)
def test_digits_of_another_alphabet_are_a_wrong_code(citizen: Client, entity: Entity, digits: str) -> None:
    citizen.post("/area/impostazioni/email/", {"email": "anna@esempio.example"})

    page = citizen.post("/area/impostazioni/email/codice/", {"code": digits})

    assert page.status_code == 200
    assert "Il codice è di sei cifre." in page.content.decode()
