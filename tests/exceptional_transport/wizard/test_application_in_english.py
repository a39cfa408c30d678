"""The application read in English: the pages are English, what the office and the law keep is Italian."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.conf import settings
from django.test import Client
from django_scopes import scopes_disabled
from pypdf import PdfReader

from portal.cases.models import Attachment, Case
from portal.documents.models import Document
from portal.entities.models import Entity
from portal.messaging.models import Message
from tests.english import need_english
from tests.exceptional_transport import pages
from tests.exceptional_transport.pages import url


@pytest.fixture
def foreigner(citizen: Client) -> Client:
    """A citizen who chose English."""
    need_english()
    citizen.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return citizen


def text_of(client: Client, address: str) -> str:
    return str(client.get(address).content.decode()).replace("&#x27;", "'")


OUTSIDE = "The SP5 goes from km 0+000 to km 2+000: km 99+000 does not exist."


@pytest.mark.parametrize(
    ("slug", "answers", "sentence"),
    [
        ("percorso", lambda: pages.legs(("PI:SP5", "0", "99")), OUTSIDE),
        (
            "percorso",
            lambda: pages.legs(("PI:SP5", "0", "2"), ("PI:SP9", "0", "0+500")),
            "The SP5 and the SP9 do not meet",
        ),
        ("periodo", lambda: pages.period(30, 20), "The end date comes before the start date."),
    ],
)
def test_what_the_rules_refuse_is_told_in_english(
    foreigner: Client, pisa: Entity, slug: str, answers: Callable[[], dict[str, str]], sentence: str
) -> None:
    response = foreigner.post(url(slug), {**answers(), "azione": "avanti"})

    assert sentence in response.content.decode().replace("&#x27;", "'")


def test_the_summary_is_english(foreigner: Client, pisa: Entity) -> None:
    pages.fill_all(foreigner)

    page = text_of(foreigner, url("riepilogo"))

    for words in ("Total mass", "unladen mass 8,00 t", "Registration certificates", "Stamp duty on the application"):
        assert words in page, words


def test_what_is_kept_of_an_application_sent_in_english_is_italian(
    foreigner: Client, submitted: Callable[..., Case]
) -> None:
    case = submitted()

    assert "Application sent" in text_of(foreigner, url(f"inviata/{case.code}"))
    pdf = foreigner.get(f"/area/pratiche/{case.code}/ricevuta.pdf")
    printed = " ".join(page.extract_text() for page in PdfReader(BytesIO(b"".join(pdf))).pages)
    assert "Massa complessiva" in printed
    assert "Total mass" not in printed
    with scopes_disabled():
        labels = set(Attachment.objects.filter(case=case).values_list("label", flat=True))
        message = Message.objects.get(source=case.source)
        receipt = Document.objects.get(source=case.source)
    assert "Carte di circolazione" in labels
    assert "domanda" in message.body
    assert receipt.title == "Ricevuta di presentazione"
