"""A person appears: from a verified identity to the one row that is theirs."""

from django.db import transaction

from portal.accounts.models import Kind, User
from portal.people import events
from portal.people.domain.mandates import OPEN
from portal.people.identity import VerifiedIdentity
from portal.people.models import Mandate, Person


@transaction.atomic
def person_from_identity(*, identity: VerifiedIdentity, known: Person | None = None) -> Person:
    """The person behind a verified identity; created at the first login. Names follow the identity provider.

    The codice fiscale says who it is. Without one it is `known`, the person tied to this identity by an earlier
    login, or who the office found them to be (`same_as`); or somebody new, with no codice fiscale.
    Raises IntegrityError when another login creates the same person at the same moment: try once more.
    """
    person = _find(identity, known)
    created = person is None
    names = {"first_name": identity.first_name, "last_name": identity.last_name}
    if person is None:
        user = User(kind=Kind.CITIZEN, **names)
        user.set_unusable_password()
        user.save()
        person = Person(user=user, fiscal_code=identity.fiscal_code)
    # Of somebody found through another one, the data stay those their own codice fiscale came with.
    if created or identity.fiscal_code or person.fiscal_code is None:
        User.objects.filter(pk=person.user_id).update(**names)
        person.first_name, person.last_name = names["first_name"], names["last_name"]
        person.birth_date = identity.birth_date or person.birth_date
    person.spid_code = identity.spid_code or person.spid_code
    if not person.email and identity.email:
        person.email = identity.email  # offered, not trusted: the person confirms it
    person.save()
    attach_waiting(person)
    events.person_identified(person, scheme=identity.scheme, level=identity.level, created=created)
    return person


def _find(identity: VerifiedIdentity, known: Person | None) -> Person | None:
    rows = Person.objects.select_for_update(of=("self",))
    if identity.fiscal_code is not None:
        return rows.filter(fiscal_code=identity.fiscal_code).first()
    if known is None:
        return None
    found = rows.get(pk=known.pk)
    return rows.get(pk=found.same_as_id) if found.same_as_id else found


def attach_waiting(person: Person) -> None:
    """Mandates given to a codice fiscale before its person ever logged in become theirs.

    One that would be the second open for a company goes on waiting until the first has ended.
    """
    if person.fiscal_code is None:
        return
    waiting = Mandate.objects.select_for_update(of=("self",)).filter(
        holder_fiscal_code=person.fiscal_code, person__isnull=True, agency__isnull=True, state__in=sorted(OPEN)
    )
    for mandate in waiting.order_by("pk"):
        if Mandate.objects.filter(person=person, company=mandate.company_id, state__in=sorted(OPEN)).exists():
            continue
        mandate.person = person
        mandate.save(update_fields=["person"])
        events.mandate_attached(mandate, person=person)
