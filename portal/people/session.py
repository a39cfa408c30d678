"""The citizen's session: how it opens, and for whom it acts."""

from django.contrib.auth import login
from django.http import HttpRequest

from portal import clock
from portal.kernel.errors import DomainError
from portal.people import events
from portal.people.acting import Acting
from portal.people.identity import VerifiedIdentity
from portal.people.models import Person
from portal.people.selectors import usable_mandates

IDENTITY_KEY = "identity"
MANDATE_KEY = "acting_mandate"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def open_citizen_session(request: HttpRequest, *, person: Person, identity: VerifiedIdentity) -> None:
    """Log the person in with a new session key and remember level, scheme and provider of the identity."""
    login(request, person.user, backend=BACKEND)
    request.session[IDENTITY_KEY] = {
        "scheme": identity.scheme,
        "level": identity.level,
        "idp": identity.idp,
        "at": identity.authenticated_at.isoformat(),
    }
    request.session.pop(MANDATE_KEY, None)


def identity_level(request: HttpRequest) -> int:
    """Level of assurance of this session, 0 when there is no digital identity behind it."""
    return int(request.session.get(IDENTITY_KEY, {}).get("level", 0))


def act_for(request: HttpRequest, *, person: Person, mandate_id: int | None) -> Acting:
    """Switch to a company (or back to oneself). Rotates the session key. Raises DomainError on a dead mandate."""
    acting = Acting(person)
    if mandate_id is not None:
        mandate = usable_mandates(person, on=clock.today()).filter(pk=mandate_id).first()
        if mandate is None:
            raise DomainError(
                "mandate_not_usable", "La delega non è valida o è scaduta: non puoi operare per l'impresa."
            )
        acting = Acting(person, mandate)
    request.session.cycle_key()
    request.session[MANDATE_KEY] = mandate_id
    events.acting_changed(acting)
    return acting
