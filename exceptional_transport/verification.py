"""What the public page says of a permit at this moment: nothing about its holder or its route."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext_lazy as _
from django_scopes import scope

from exceptional_transport.describe import day, metres, tonnes
from exceptional_transport.domain.permit_states import Standing, State, standing
from exceptional_transport.models import Permit
from exceptional_transport.selectors.applications import application_of, asked_of
from portal.documents.models import Document
from portal.documents.verification import VerificationStatus

PERMIT_KIND = "exceptional_transport_permit"
WORDS = {
    Standing.VALID: (_("Autorizzazione valida"), "ok"),
    Standing.NOT_YET_VALID: (_("Autorizzazione non ancora valida"), "warn"),
    Standing.SUSPENDED: (_("Autorizzazione sospesa"), "warn"),
    Standing.REVOKED: (_("Autorizzazione revocata"), "bad"),
    Standing.EXPIRED: (_("Autorizzazione scaduta"), "bad"),
}


def masked(plate: str) -> str:
    """The middle of a plate hidden: enough to compare with the one on the road, not to collect plates."""
    return plate[:2] + "•" * max(len(plate) - 4, 1) + plate[-2:]


class PermitStatus:
    """The standing of the permits behind documents."""

    def statuses(self, documents: Sequence[Document], *, on: date) -> dict[int, VerificationStatus]:
        """One for each document, in one query."""
        found = {}
        with scope(entity=list({document.entity for document in documents})):
            for permit in Permit.objects.filter(document__in=documents):
                state = State(permit.state)
                now = standing(state=state, valid_from=permit.valid_from, valid_to=permit.valid_to, on=on)
                found[permit.document_id] = VerificationStatus(now, str(WORDS[now][0]), WORDS[now][1])
        return found

    def facts(self, document: Document) -> list[tuple[str, str]]:
        """Number, period, plates half hidden, mass and size."""
        with scope(entity=document.entity):
            permit = Permit.objects.select_related("case").get(document=document)
            asked = asked_of(application_of(permit.case))
        load = asked.load
        return [
            (str(_("Numero")), str(permit)),
            (str(_("Valida dal")), day(permit.valid_from)),
            (str(_("Valida fino al")), day(permit.valid_to)),
            (str(_("Targhe")), ", ".join(masked(vehicle.plate) for vehicle in asked.vehicles)),
            (str(_("Massa massima")), tonnes(asked.convoy.mass_kg)),
            (
                str(_("Dimensioni massime (lunghezza x larghezza x altezza)")),
                f"{metres(load.length_mm)} x {metres(load.width_mm)} x {metres(load.height_mm)}",
            ),
        ]
