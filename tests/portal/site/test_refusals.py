import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from portal.entities.models import Entity
from portal.kernel.errors import DomainError, GatewayError
from portal.site.middleware import RefusalMiddleware
from tests.portal.site.pages import read


@pytest.fixture
def middleware() -> RefusalMiddleware:
    return RefusalMiddleware(lambda request: HttpResponse())


def test_a_rule_that_said_no_is_told_in_its_words(
    rf: RequestFactory, entity: Entity, middleware: RefusalMiddleware
) -> None:
    response = middleware.process_exception(rf.get("/area/"), DomainError("late", "Il termine è <passato>."))

    assert response is not None
    assert response.status_code == 409
    assert "Il termine è <passato>." in read(response).text


@pytest.mark.parametrize("error", [ValueError("x"), GatewayError("x", permanent=True)])
def test_other_errors_go_their_way(rf: RequestFactory, middleware: RefusalMiddleware, error: Exception) -> None:
    assert middleware.process_exception(rf.get("/"), error) is None
