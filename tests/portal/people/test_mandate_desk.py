"""The office's queue and page of mandates and of declared codici fiscali."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal.audit.models import Event
from portal.documents.domain.uploads import UploadRules
from portal.documents.services import store_upload
from portal.entities.models import Entity, Role
from portal.people.acting import Acting
from portal.people.domain.mandates import State
from portal.people.models import FiscalCodeClaim, Mandate, Person
from portal.people.services.claims import claim_make
from portal.people.services.mandates import Terms, mandate_request
from tests.factories import platform as make
from tests.portal.people.test_mandates import CODE, DATA, PDF

pytestmark = pytest.mark.django_db

QUEUE = "/admin/portal_people/mandate/"
CLAIMS = "/admin/portal_people/fiscalcodeclaim/"


@pytest.fixture
def asked(pisa: Entity, stranger: Person) -> Mandate:
    file = store_upload(upload=SimpleUploadedFile("procura.pdf", PDF), rules=UploadRules())
    return mandate_request(
        acting=Acting(stranger), company=DATA, terms=Terms((make.SERVICE,), date(2026, 1, 1)), signed=file, entity=pisa
    )


@pytest.fixture
def head(client: Client, pisa: Entity) -> Client:
    client.force_login(make.make_staff(pisa, Role.HEAD), backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(row: Any, where: str = QUEUE) -> str:
    return f"{where}{row.pk}/change/"


def test_the_queue_shows_first_what_is_to_be_decided(head: Client, asked: Mandate):
    done = make.make_mandate(make.make_person("Decisa", "Giada"), make.make_company())
    shown = head.get(QUEUE).content.decode()
    assert str(asked.company) in shown
    assert "Giada" not in shown
    assert "Giada" in head.get(QUEUE, {"stato": "attive"}).content.decode()
    assert done.pk
    assert head.get(QUEUE, {"stato": "inventato"}).status_code == 200


def test_the_page_shows_who_for_whom_and_what_proves_it_and_the_reading_is_recorded(head: Client, asked: Mandate):
    text = head.get(page(asked)).content.decode()
    paper = asked.papers.get()
    for word in ("Sara Strana", DATA.seat, "Servizio di prova", f"/documenti/deleghe/{paper.uuid}/"):
        assert word in text
    assert Event.objects.filter(action="mandate.read", subject_id=str(asked.pk)).count() == 1
    download = head.get(f"/documenti/deleghe/{paper.uuid}/")
    assert b"".join(download.streaming_content) == PDF
    assert Event.objects.filter(action="mandate.read", subject_id=str(asked.pk)).count() == 2
    assert download["X-Content-Type-Options"] == "nosniff"


def test_the_office_approves_in_the_name_of_its_body_then_revokes_with_a_reason(
    head: Client, pisa: Entity, asked: Mandate
):
    assert head.post(page(asked), {"action": "approve"}).status_code == 302
    asked.refresh_from_db()
    assert (asked.state, asked.decided_for) == (State.ACTIVE, pisa)

    silent = head.post(page(asked), {"action": "revoke", "reason": " "})
    assert silent.status_code == 422
    assert "Scrivi il motivo" in silent.content.decode()
    head.post(page(asked), {"action": "revoke", "reason": "L'impresa è stata cancellata."})
    asked.refresh_from_db()
    assert (asked.state, asked.reason) == (State.REVOKED, "L'impresa è stata cancellata.")


@pytest.mark.parametrize(
    "sent", [{}, {"action": "revoke"}, {"action": "give_up"}, {"action": "expire"}, {"action": "x"}]
)
def test_what_is_not_possible_now_is_refused_with_a_word(head: Client, asked: Mandate, sent: dict[str, str]):
    assert head.post(page(asked), sent).status_code == 422
    asked.refresh_from_db()
    assert asked.state == State.REQUESTED


@pytest.mark.parametrize("role", [Role.OFFICER, Role.ACCOUNTANT])
def test_staff_who_do_not_decide_see_no_mandate_and_no_paper(client: Client, pisa: Entity, asked: Mandate, role: Role):
    client.force_login(make.make_staff(pisa, role), backend="django.contrib.auth.backends.ModelBackend")
    paper = asked.papers.get()
    assert client.get(QUEUE).status_code == 403
    assert client.get(page(asked)).status_code == 403
    assert client.post(page(asked), {"action": "approve"}).status_code == 403
    assert client.get(f"/documenti/deleghe/{paper.uuid}/").status_code == 404
    asked.refresh_from_db()
    assert asked.state == State.REQUESTED


def test_papers_are_for_the_people_of_the_mandate_only(client: Client, asked: Mandate, stranger: Person):
    address = f"/documenti/deleghe/{asked.papers.get().uuid}/"
    client.force_login(make.make_person().user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(address).status_code == 404
    client.force_login(stranger.user, backend="django.contrib.auth.backends.ModelBackend")
    assert b"".join(client.get(address).streaming_content) == PDF


def test_rows_that_do_not_exist_are_not_found(head: Client):
    for number in ("0", "999999", "9" * 30, "x"):
        assert head.get(f"{QUEUE}{number}/change/").status_code == 404


def test_a_claim_shows_both_persons_side_by_side_and_is_accepted(head: Client, pisa: Entity):
    true = make.make_person("Giulia", "Bianchi", fiscal_code=CODE, birth_date=date(1985, 3, 12))
    claim = claim_make(
        person=make.make_person("Julia", "Bianchi", fiscal_code=None, birth_date=date(1985, 3, 12)), fiscal_code=CODE
    )
    text = head.get(page(claim, CLAIMS)).content.decode()
    assert text.count("12/03/1985") == 2
    assert "le due persone diventano una" in text

    head.post(page(claim, CLAIMS), {"action": "accept"})
    assert Person.objects.get(pk=claim.person_id).same_as == true
    assert FiscalCodeClaim.objects.get().decided_for == pisa


def test_the_queues_ask_the_same_number_of_queries_however_many_rows(
    head: Client, pisa: Entity, django_assert_max_num_queries: Any
):
    for number in range(12):
        person = make.make_person(fiscal_code=None)
        make.make_mandate(person, make.make_company(f"Impresa {number}"), state=State.REQUESTED)
        claim_make(person=person, fiscal_code=CODE)
    for address in (QUEUE, CLAIMS):
        with django_assert_max_num_queries(14):
            assert head.get(address).status_code == 200


def test_whoever_sees_the_page_after_a_decision_that_was_not_one_has_read_it_too(head: Client, asked: Mandate):
    shown = head.post(page(asked), {"action": "inventata"})

    assert shown.status_code == 422
    assert "Sara Strana" in shown.content.decode()
    assert Event.objects.filter(action="mandate.read", subject_id=str(asked.pk)).count() == 1
