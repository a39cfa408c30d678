"""People without codice fiscale who say which one is theirs: the office decides, and two persons may become one."""

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from portal.kernel.states import move
from portal.kernel.taxcodes import is_codice_fiscale
from portal.people import events
from portal.people.domain.claims import TRANSITIONS, Action, State
from portal.people.domain.mandates import OPEN
from portal.people.models import FiscalCodeClaim, Mandate, Person
from portal.people.movers import move_everything
from portal.people.post import tell
from portal.people.services.identity import attach_waiting
from portal.people.services.mandates import LONGEST_REASON

if TYPE_CHECKING:
    from portal.documents.models import StoredFile

FISCAL_CODE_LENGTH = 16


@transaction.atomic
def claim_make(*, person: Person, fiscal_code: str, file: "StoredFile | None" = None) -> FiscalCodeClaim:
    """Declare one's codice fiscale. Raises DomainError: wrong code, already known, a declaration still open."""
    if len(fiscal_code) != FISCAL_CODE_LENGTH or not is_codice_fiscale(fiscal_code):
        raise DomainError("fiscal_code_wrong", "Il codice fiscale non è giusto: controlla ogni carattere.")
    row = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if row.fiscal_code is not None or row.same_as_id is not None:
        raise DomainError("fiscal_code_known", "Il tuo codice fiscale è già registrato.")
    try:
        with transaction.atomic():
            claim = FiscalCodeClaim.objects.create(person=row, fiscal_code=fiscal_code, file=file, made_at=clock.now())
    except IntegrityError as error:
        if "claim_one_open_a_person" not in str(error):
            raise
        raise DomainError("claim_open", "L'ufficio sta già controllando il codice che hai dichiarato.") from error
    events.claim_made(claim)
    return claim


@transaction.atomic
def claim_decide(
    *, claim_id: int, action: Action, actor: Actor, entity: Entity | None, reason: str = ""
) -> FiscalCodeClaim:
    """Accept or refuse a declared codice fiscale. Accepted, it is written on the person; when another person has it,
    the two are one from now on (`same_as`) and the rows of the first pass to the other.

    Raises MoveNotAllowed (a colleague was faster), DomainError (refusal without a reason).
    """
    claim = FiscalCodeClaim.objects.select_for_update(of=("self",)).select_related("person").get(pk=claim_id)
    claim.state = move(TRANSITIONS, State(claim.state), action)
    claim.reason = reason.strip()[:LONGEST_REASON]
    if action is Action.REFUSE and not claim.reason:
        raise DomainError("reason_missing", "Scrivi il motivo: viene comunicato alla persona.")
    claim.decided_by, claim.decided_for, claim.decided_at = actor.label[:150], entity, clock.now()
    claim.save()
    same_as = _write_code(claim) if action is Action.ACCEPT else None
    events.claim_decided(claim, actor=actor, same_as=same_as)
    told = same_as or claim.person
    tell([told], entity=entity, template=f"claim_{claim.state}", source=f"claim:{claim.pk}", context={"claim": claim})
    return claim


def _write_code(claim: FiscalCodeClaim) -> Person | None:
    """The codice fiscale on the person; or the person who already has it, who takes everything over."""
    person = Person.objects.select_for_update(of=("self",)).get(pk=claim.person_id)
    person.fiscal_code = claim.fiscal_code
    try:
        with transaction.atomic():
            person.save(update_fields=["fiscal_code"])
    except IntegrityError:
        # Somebody has it already, perhaps since a login a moment ago: the constraint has waited for that commit.
        person.fiscal_code = None
        other = Person.objects.select_for_update(of=("self",)).get(fiscal_code=claim.fiscal_code)
        person.same_as = other
        person.save(update_fields=["same_as"])
        move_everything(person, other)
        return other
    attach_waiting(person)
    return None


def move_mandates(old: Person, new: Person) -> None:
    """Mandates of a person pass to who they turned out to be; one that the other already has open stays behind."""
    taken = Mandate.objects.filter(person=new, state__in=sorted(OPEN)).values("company")
    mine = Mandate.objects.filter(person=old)
    mine.exclude(state__in=sorted(OPEN), company__in=taken).update(person=new)
    Mandate.objects.filter(asked_by=old).update(asked_by=new)
