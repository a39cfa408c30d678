"""For whom the citizen acts, checked again at every request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal import clock
from portal.people.acting import Acting
from portal.people.models import Person
from portal.people.selectors import acting_by
from portal.people.session import MANDATE_KEY, why_ended


class ActingMiddleware:
    """`request.acting`: None for staff and visitors. A mandate that is no longer good ends at once.

    `request.mandate_ended` is then the sentence that says why.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.acting = self._acting(request)  # type: ignore[attr-defined]
        return self.get_response(request)

    def _acting(self, request: HttpRequest) -> Acting | None:
        if not request.user.is_authenticated or request.user.is_staff:
            return None
        person = Person.objects.filter(user=request.user).select_related("user", "same_as__user").first()
        if person is None:
            return None
        person = person.same_as or person  # found to be somebody who was already here
        mandate_id = request.session.get(MANDATE_KEY)
        if mandate_id is None:
            return Acting(person)
        today = clock.today()
        acting = acting_by(person, mandate_id, on=today)
        if acting is None:
            request.session[MANDATE_KEY] = None
            # What was being sent was for the company: it is not done in the person's name.
            request.mandate_ended = why_ended(mandate_id, on=today)  # type: ignore[attr-defined]
        return acting or Acting(person)
