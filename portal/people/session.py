"""The citizen's session: how it opens, and for whom it acts."""

from datetime import date

from django.contrib.auth import login
from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal import clock
from portal.kernel.errors import DomainError
from portal.people import events
from portal.people.acting import Acting
from portal.people.domain.mandates import State, is_past
from portal.people.identity import VerifiedIdentity
from portal.people.models import Mandate, Person
from portal.people.selectors import acting_by

IDENTITY_KEY = "identity"
MANDATE_KEY = "acting_mandate"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def open_citizen_session(request: HttpRequest, *, person: Person, identity: VerifiedIdentity) -> None:
    """Log the person in with a new session key and remember level, scheme and provider of the identity."""
    before = request.session.session_key
    login(request, person.user, backend=BACKEND)
    if request.session.session_key == before:  # the same person, stronger: Django would keep the key they had
        request.session.cycle_key()
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


# Systems of digital identity as people call them.
SYSTEMS = {"spid": "SPID", "cie": "CIE", "eidas": "eIDAS", "arpa": "ARPA"}


def identity_system(request: HttpRequest) -> str:
    """The system of digital identity that opened this session, empty when there is none."""
    scheme = str(request.session.get(IDENTITY_KEY, {}).get("scheme", ""))
    return SYSTEMS.get(scheme, scheme.upper())


def act_for(request: HttpRequest, *, person: Person, mandate_id: int | None) -> Acting:
    """Switch to a company (or back to oneself). Rotates the session key. Raises DomainError on a dead mandate."""
    acting = acting_by(person, mandate_id, on=clock.today()) if mandate_id is not None else Acting(person)
    if acting is None:
        raise DomainError("mandate_not_usable", "La delega non è valida o è scaduta: non puoi operare per l'impresa.")
    request.session.cycle_key()
    request.session[MANDATE_KEY] = mandate_id
    events.acting_changed(acting)
    return acting


def why_ended(mandate_id: int, *, on: date) -> str:
    """Why a session no longer acts by a mandate, for the person who was acting."""
    mandate = Mandate.objects.filter(pk=mandate_id).select_related("company").first()
    if mandate is None:
        return _("La delega con cui operavi non c'è più. Ora operi per te.")
    company = {"company": mandate.company}
    if mandate.state == State.ACTIVE and is_past(mandate.valid_to, on=on):
        return _("La delega per %(company)s è scaduta. Ora operi per te.") % company
    if mandate.state == State.ACTIVE:
        # The company's mandate is good: what ended is the person's own, for the agency.
        return _("Non operi più per l'agenzia delegata da %(company)s. Ora operi per te.") % company
    return _("La delega per %(company)s è stata revocata. Ora operi per te.") % company
