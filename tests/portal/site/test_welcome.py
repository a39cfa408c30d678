import pytest

from portal.people.models import EmailVerification
from portal.people.services import verification_code
from tests.factories import platform as make

pytestmark = pytest.mark.django_db

WELCOME = "/benvenuto/?next=/area/pratiche/"


@pytest.fixture
def newcomer(client):
    make.make_entity("PI")
    person = make.make_person(email="giulia@posta.example", email_verified_at=None)
    client.force_login(person.user)
    return person


def test_who_has_mandates_is_first_asked_for_whom_they_act(client, newcomer):
    mandate = make.make_mandate(newcomer, make.make_company())
    asked = client.get(WELCOME)
    assert asked["Location"].startswith("/area/agisci-come/")

    chosen = client.post(asked["Location"], {"per_chi": str(mandate.pk), "next": WELCOME}, follow=True)
    assert chosen.redirect_chain[-1][0].startswith("/benvenuto/email/")
    assert mandate.company.name in chosen.content.decode()


def test_an_address_is_confirmed_with_the_code_and_the_person_goes_on(client, newcomer):
    page = client.get(WELCOME, follow=True)
    assert "giulia@posta.example" in page.content.decode()

    client.post("/benvenuto/email/", {"azione": "codice", "email": "nuova@posta.example", "next": "/area/pratiche/"})
    code = verification_code(EmailVerification.objects.get())
    done = client.post("/benvenuto/email/", {"azione": "conferma", "code": code, "next": "/area/pratiche/"})
    assert done["Location"] == "/area/pratiche/"
    assert client.get(WELCOME)["Location"] == "/area/pratiche/"


def test_a_wrong_code_comes_back_with_its_error(client, newcomer):
    client.post("/benvenuto/email/", {"azione": "codice", "email": "nuova@posta.example"})
    page = client.post("/benvenuto/email/", {"azione": "conferma", "code": "000000"})
    assert "Il codice non è giusto" in page.content.decode()


def test_the_address_may_be_confirmed_another_time(client, newcomer):
    later = client.post("/benvenuto/email/", {"azione": "dopo", "next": "/area/pratiche/"})
    assert later["Location"] == "/area/pratiche/"
    assert client.get(WELCOME)["Location"] == "/area/pratiche/"


@pytest.mark.parametrize("hostile", ["https://male.example/", "//male.example", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(client, newcomer, hostile):
    later = client.post("/benvenuto/email/", {"azione": "dopo", "next": hostile})
    assert later["Location"] == "/area/"
