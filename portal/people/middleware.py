"""For whom the citizen acts, checked again at every request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal import clock
from portal.people.acting import Acting
from portal.people.models import Person
from portal.people.selectors import usable_mandates
from portal.people.session import MANDATE_KEY


class ActingMiddleware:
    """`request.acting`: None for staff and visitors. A mandate that is no longer good ends at once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.acting = self._acting(request)  # type: ignore[attr-defined]
        return self.get_response(request)

    def _acting(self, request: HttpRequest) -> Acting | None:
        if not request.user.is_authenticated or request.user.is_staff:
            return None
        person = Person.objects.filter(user=request.user).select_related("user").first()
        if person is None:
            return None
        mandate_id = request.session.get(MANDATE_KEY)
        if mandate_id is None:
            return Acting(person)
        mandate = usable_mandates(person, on=clock.today()).filter(pk=mandate_id).first()
        if mandate is None:
            request.session[MANDATE_KEY] = None
            request.mandate_ended = True  # type: ignore[attr-defined]  # what was being sent was for the company
        return Acting(person, mandate)
