"""Who a citizen acts for: themselves or a company, by a mandate that is checked again at every request."""

from dataclasses import dataclass

from portal.audit.actor import Actor
from portal.people.models import Company, Mandate, Person


@dataclass(frozen=True, slots=True)
class Acting:
    """`company` is None when the person acts for themselves."""

    person: Person
    mandate: Mandate | None = None

    @property
    def company(self) -> Company | None:
        return self.mandate.company if self.mandate else None

    @property
    def actor(self) -> Actor:
        """For the audit trail: user, person, mandate."""
        return Actor(
            label=str(self.person),
            user_id=self.person.user_id,
            person_id=self.person.pk,
            mandate_id=self.mandate.pk if self.mandate else None,
        )
