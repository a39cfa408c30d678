import pytest
from django.test import Client

from portal.entities.models import Entity
from tests.factories.platform import make_case, make_staff
from tests.portal.site.pages import read
from tests.portal.site.test_public_pages import broken_policy


@pytest.mark.parametrize(
    "address", ["/admin/", "/admin/portal_cases/case/coda/", "/admin/portal_cases/case/pratica/{}/"]
)
def test_the_office_has_our_face_and_respects_the_policy(client: Client, entity: Entity, address: str) -> None:
    case = make_case(entity)
    client.force_login(make_staff(entity))

    response = client.get(address.format(case.code))
    page = read(response)

    assert response.status_code == 200
    assert broken_policy(page) == []
    assert page.all("link", href="/static/portal/css/office.css")
    assert page.all("html", lang="it")
    assert entity.name in page.text
