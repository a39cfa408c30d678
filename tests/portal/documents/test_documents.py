import pytest
from django.urls import reverse
from django_scopes import scope

from portal.audit.actor import Actor
from portal.documents import readers, verification
from portal.documents.models import Document
from portal.documents.pdf import html_to_pdf
from portal.documents.services import document_create
from portal.documents.verification import VerificationStatus
from portal.entities.models import Role
from tests.factories import platform as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def document():
    entity = make.make_entity("PI")
    with scope(entity=entity):
        return document_create(
            entity=entity,
            kind="test_act",
            title="Atto",
            content=b"%PDF-1.7",
            filename="atto.pdf",
            source="test:1",
            actor=Actor.system("test"),
            holder_person=make.make_person(),
        )


def test_the_holder_downloads_it_and_a_stranger_gets_a_404(client, document):
    url = reverse("documents:download", args=[document.uuid])
    client.force_login(document.holder_person.user)
    response = client.get(url)
    assert b"".join(response.streaming_content) == b"%PDF-1.7"
    assert response["Cache-Control"] == "private, no-store"

    client.force_login(make.make_person("Marco", "Rossi").user)
    assert client.get(url).status_code == 404


def test_staff_open_what_their_role_covers_in_their_body_only(client, document, monkeypatch):
    monkeypatch.setitem(
        readers._readers, "test", lambda source, entity_id, roles: any(role.role == "officer" for role in roles)
    )
    url = reverse("documents:download", args=[document.uuid])
    client.force_login(make.make_staff(document.entity))
    assert b"".join(client.get(url).streaming_content) == b"%PDF-1.7"
    client.force_login(make.make_staff(document.entity, Role.ACCOUNTANT))
    assert client.get(url).status_code == 404
    client.force_login(make.make_staff(make.make_entity("FI")))
    assert client.get(url).status_code == 404


def test_visitors_are_asked_to_log_in(client, document):
    response = client.get(reverse("documents:download", args=[document.uuid]))
    assert response.status_code == 302
    assert response["Location"].startswith("/accedi/")


def test_anybody_may_verify_a_document_by_its_code(client, document):
    response = client.get(reverse("documents:verify", args=[document.verify_token]))
    page = response.content.decode()
    assert "Documento autentico" in page
    assert str(document.holder_person) not in page
    assert "no-store" in response["Cache-Control"]


class Revoked:
    """An act that is worth nothing any more."""

    def statuses(self, documents, *, on):
        return {one.pk: VerificationStatus("revoked", "Revocata", "bad") for one in documents}

    def facts(self, document):
        return [("Numero", "7/2026")]


def test_who_made_the_act_tells_what_it_is_worth_today(client, document, monkeypatch):
    monkeypatch.setitem(verification._providers, document.kind, Revoked())
    page = client.get(reverse("documents:verify", args=[document.verify_token])).content.decode()
    assert "Revocata" in page
    assert "7/2026" in page


def test_an_unknown_code_is_a_404_that_says_what_to_do(client):
    response = client.get(reverse("documents:verify", args=["nessuno"]))
    assert response.status_code == 404
    assert "potrebbe non essere autentico" in response.content.decode()


def test_two_documents_never_share_a_code(document):
    with scope(entity=document.entity):
        assert len(Document.objects.get(pk=document.pk).verify_token) >= 27


def test_a_pdf_loads_nothing_from_outside(caplog):
    html_to_pdf('<html lang="it"><title>x</title><img alt="" src="http://127.0.0.1:1/x.png"></html>')
    assert "nothing from outside" in caplog.text
