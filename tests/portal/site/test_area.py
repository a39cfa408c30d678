from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope, scopes_disabled

from portal.audit.actor import Actor
from portal.billing.models import Charge
from portal.cases.models import Case
from portal.cases.services import desk
from portal.cases.services.drafts import draft_open
from portal.entities.models import Entity
from portal.people.acting import Acting
from portal.people.models import Person
from tests.factories.platform import (
    SERVICE,
    confirm_terms,
    make_case,
    make_company,
    make_mandate,
    make_person,
    make_staff,
)
from tests.portal.site.pages import read
from tests.portal.site.test_public_pages import broken_policy

LISTS = [
    "/area/",
    "/area/pratiche/",
    "/area/pratiche/?elenco=concluse",
    "/area/pagamenti/",
    "/area/documenti/",
    "/area/messaggi/",
    "/area/impostazioni/",
    "/area/agisci-come/",
]


@pytest.fixture
def case(entity: Entity, person: Person) -> Case:
    return make_case(entity, Acting(person))


@pytest.fixture
def asked(case: Case, entity: Entity) -> Case:
    """A case whose office asked for an integration."""
    confirm_terms()
    officer = make_staff(entity)
    actor = Actor(label=str(officer), user_id=officer.pk)
    with scope(entity=entity):
        desk.case_take(case_id=case.pk, user=officer, actor=actor)
        desk.integration_request(case_id=case.pk, text="Manca lo schema di carico.", actor=actor)
    return case


@pytest.mark.parametrize("address", LISTS)
def test_visitors_are_sent_to_the_login_and_back(client: Client, entity: Entity, address: str) -> None:
    response = client.get(address)

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accedi/?next=/area/")


@pytest.mark.parametrize("address", LISTS)
def test_staff_are_told_that_the_area_is_for_citizens(client: Client, entity: Entity, address: str) -> None:
    client.force_login(make_staff(entity))

    assert client.get(address).status_code == 403


@pytest.mark.parametrize("address", LISTS)
def test_every_list_opens_also_when_there_is_nothing_in_it(citizen: Client, entity: Entity, address: str) -> None:
    response = citizen.get(address)

    assert response.status_code == 200
    assert broken_policy(read(response)) == []


def test_what_waits_for_me_comes_first_in_a_sentence(
    citizen: Client, asked: Case, person: Person, owe: Callable[[Case], Charge]
) -> None:
    owe(asked)
    draft_open(acting=Acting(person), service=SERVICE)

    text = read(citizen.get("/area/")).text

    assert "Tre cose aspettano te" in text
    assert text.index("Rispondi alla richiesta") < text.index("Paga gli oneri") < text.index("Salvata il")
    assert "48,00\N{NO-BREAK SPACE}€" in text


def test_nothing_waits_and_the_page_says_so(citizen: Client, entity: Entity) -> None:
    assert "Non c'è niente che aspetta te." in read(citizen.get("/area/")).text


def test_an_unconfirmed_address_is_something_to_do(client: Client, entity: Entity) -> None:
    client.force_login(make_person(email_verified_at=None).user)

    assert "Conferma il tuo indirizzo e-mail" in read(client.get("/area/")).text


def test_the_area_needs_the_same_queries_for_one_case_and_for_many(
    citizen: Client, entity: Entity, person: Person, django_assert_max_num_queries: Any
) -> None:
    for _ in range(6):
        make_case(entity, Acting(person))

    with django_assert_max_num_queries(16):
        citizen.get("/area/")


def test_the_page_of_a_case_says_everything(citizen: Client, asked: Case) -> None:
    response = citizen.get(f"/area/pratiche/{asked.code}/")
    page = read(response)

    for words in ("Manca lo schema di carico.", str(asked.protocol), "una prova", "Presa in carico", "Termine sospeso"):
        assert words in page.text
    assert page.all("a", href=f"/area/pratiche/{asked.code}/risposta/")
    assert broken_policy(page) == []


@pytest.mark.parametrize("path", ["", "risposta/", "scrivi/", "ritira/"])
def test_the_case_of_somebody_else_does_not_exist(client: Client, case: Case, path: str) -> None:
    client.force_login(make_person("Mario", "Altri").user)

    assert client.get(f"/area/pratiche/{case.code}/{path}").status_code == 404


def test_an_answer_makes_the_clock_run_again(citizen: Client, asked: Case) -> None:
    response = citizen.post(f"/area/pratiche/{asked.code}/risposta/", {"answer": "Ecco."}, follow=True)

    assert "Risposta inviata" in read(response).text
    with scopes_disabled():
        assert Case.objects.get(pk=asked.pk).state == "under_review"


def test_an_answer_with_a_false_pdf_is_refused_whole(citizen: Client, asked: Case) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    upload = SimpleUploadedFile("schema.pdf", b"MZ not a pdf", content_type="application/pdf")

    page = read(citizen.post(f"/area/pratiche/{asked.code}/risposta/", {"answer": "Ecco.", "attachment": upload}))

    assert page.all("a", href="#id_attachment")
    with scopes_disabled():
        assert Case.objects.get(pk=asked.pk).state == "integration_requested"


def test_an_empty_answer_names_the_field(citizen: Client, asked: Case) -> None:
    page = read(citizen.post(f"/area/pratiche/{asked.code}/risposta/", {"answer": "  "}))

    assert page.all("a", href="#id_answer")
    assert page.all("textarea", aria_invalid="true")


def test_answering_when_nothing_was_asked_leads_back_to_the_case(citizen: Client, case: Case) -> None:
    response = citizen.post(f"/area/pratiche/{case.code}/risposta/", {"answer": "Ecco."}, follow=True)

    assert "non aspetta una risposta" in read(response).text


def test_withdrawing_asks_first(citizen: Client, case: Case) -> None:
    assert "Vuoi ritirare" in read(citizen.get(f"/area/pratiche/{case.code}/ritira/")).text
    with scopes_disabled():
        assert Case.objects.get(pk=case.pk).state == "submitted"

    citizen.post(f"/area/pratiche/{case.code}/ritira/")

    with scopes_disabled():
        assert Case.objects.get(pk=case.pk).state == "withdrawn"


def test_a_closed_case_cannot_be_withdrawn_again(citizen: Client, case: Case) -> None:
    citizen.post(f"/area/pratiche/{case.code}/ritira/")

    response = citizen.post(f"/area/pratiche/{case.code}/ritira/", follow=True)

    assert "non si può più ritirare" in read(response).text


def test_a_message_to_the_office_stays_on_the_case(citizen: Client, case: Case) -> None:
    response = citizen.post(f"/area/pratiche/{case.code}/scrivi/", {"body": "Quando decidete?"}, follow=True)

    assert "Quando decidete?" in read(response).text


def test_reading_a_message_marks_it(citizen: Client, case: Case) -> None:
    inbox = read(citizen.get("/area/messaggi/"))
    [address] = [link["href"] for link in inbox.all("a") if link.get("href", "").count("-") == 4]
    assert "nuovo" in inbox.text

    citizen.get(address)

    assert "nuovo" not in read(citizen.get("/area/messaggi/")).text


def test_payments_say_how_much_in_all(citizen: Client, case: Case, owe: Callable[[Case], Charge]) -> None:
    owe(case)

    page = read(citizen.get("/area/pagamenti/"))

    assert "di 48,00\N{NO-BREAK SPACE}€" in page.text
    assert [link for link in page.all("a") if link.get("href", "").startswith("/pagamenti/prova/")]


def test_a_draft_is_thrown_away_only_after_a_yes(citizen: Client, entity: Entity, person: Person) -> None:
    draft = draft_open(acting=Acting(person), service=SERVICE)
    address = f"/area/bozze/{draft.uuid}/elimina/"

    assert citizen.get(address).status_code == 200
    assert draft_open(acting=Acting(person), service=SERVICE).pk == draft.pk

    citizen.post(address)

    assert citizen.get(address).status_code == 404


def test_acting_for_a_company_shows_its_cases_and_its_name(citizen: Client, entity: Entity, person: Person) -> None:
    company = make_company()
    mandate = make_mandate(person, company, valid_to=date(2099, 12, 31))
    theirs, mine = make_case(entity, Acting(person, mandate)), make_case(entity, Acting(person))

    response = citizen.post("/area/agisci-come/", {"per_chi": str(mandate.pk), "next": "/area/pratiche/"}, follow=True)
    text = read(response).text

    assert company.name in text
    assert "fino al 31/12/2099" in text
    assert theirs.code in text
    assert mine.code not in text


@pytest.mark.parametrize("choice", ["", "999999", "io; drop"])
def test_acting_for_whom_one_has_no_mandate_is_refused(
    citizen: Client, entity: Entity, person: Person, choice: str
) -> None:
    make_mandate(person, make_company())

    page = read(citizen.post("/area/agisci-come/", {"per_chi": choice}))

    assert page.all("a", href="#id_per_chi")
    assert "Stai operando per te" in page.text


def test_switching_never_leads_to_another_site(citizen: Client, entity: Entity, person: Person) -> None:
    make_mandate(person, make_company())

    response = citizen.post("/area/agisci-come/", {"per_chi": "io", "next": "https://altrove.example/"})

    assert response.headers["Location"] == "/area/"


def test_the_address_is_confirmed_with_the_code(citizen: Client, entity: Entity, person: Person) -> None:
    from portal.people.models import EmailVerification
    from portal.people.services import verification_code

    citizen.post("/area/impostazioni/email/", {"email": "nuova@posta.example"})
    [verification] = EmailVerification.objects.all()
    wrong = read(citizen.post("/area/impostazioni/email/codice/", {"code": "abc"}))
    right = citizen.post("/area/impostazioni/email/codice/", {"code": verification_code(verification)}, follow=True)

    assert wrong.all("a", href="#id_code")
    assert "è confermato" in read(right).text
    person.refresh_from_db()
    assert person.email == "nuova@posta.example"


def test_leaving_ends_the_session(citizen: Client, entity: Entity) -> None:
    assert citizen.get("/esci/").status_code == 405

    response = citizen.post("/esci/", follow=True)

    assert "Sei uscito" in read(response).text
    assert citizen.get("/area/").status_code == 302


def test_an_endless_number_is_none_of_the_companies(citizen: Client):
    assert citizen.post("/area/agisci-come/", {"per_chi": "9" * 5000}).status_code == 200
