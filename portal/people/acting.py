"""Who a citizen acts for: themselves or a company, by a mandate that is checked again at every request."""

from dataclasses import dataclass
from datetime import date

from portal.audit.actor import Actor
from portal.kernel.errors import DomainError
from portal.people.domain.mandates import Kind, Scope, covers, first_end, meet
from portal.people.models import Company, Mandate, Person


class OutsideTheMandate(DomainError):
    """The mandate says for which services it is good, and this is not one of them."""

    def __init__(self, company: Company | None) -> None:
        super().__init__(
            "outside_the_mandate",
            "La tua delega per %(company)s non comprende questo servizio. Puoi chiederne una che lo comprenda, oppure"
            " cambiare per chi operi.",
            company=company,
        )


@dataclass(frozen=True, slots=True)
class Acting:
    """`company` is None when the person acts for themselves.

    `link` is the person's own mandate for the agency, when the company gave its mandate to an agency.
    """

    person: Person
    mandate: Mandate | None = None
    link: Mandate | None = None

    @property
    def company(self) -> Company | None:
        return self.mandate.company if self.mandate else None

    @property
    def agency(self) -> Company | None:
        """The agency in between, if there is one."""
        return self.link.company if self.link else None

    @property
    def until(self) -> date | None:
        """The last day of the power to act: the first of the two mandates to end."""
        return first_end(*(each.valid_to for each in (self.mandate, self.link) if each))

    @property
    def scope(self) -> Scope:
        """The services the person may use for the company; None is all of them."""
        if self.mandate is None:
            return None
        return meet(self.mandate.scope, self.link.scope if self.link else None)

    @property
    def is_representative(self) -> bool:
        """Whether the person acts as the company's own legal representative."""
        return self.mandate is not None and self.link is None and self.mandate.kind == Kind.LEGAL_REPRESENTATIVE

    def covers(self, service: str) -> bool:
        """Whether the mandate reaches a service."""
        return covers(self.scope, service)

    def require(self, service: str) -> None:
        """Raises OutsideTheMandate when the mandate does not reach a service."""
        if self.company is not None and not self.covers(service):
            raise OutsideTheMandate(self.company)

    @property
    def actor(self) -> Actor:
        """For the audit trail: user, person, mandate, and the mandate for the agency in between."""
        return Actor(
            label=str(self.person),
            user_id=self.person.user_id,
            person_id=self.person.pk,
            mandate_id=self.mandate.pk if self.mandate else None,
            via_mandate_id=self.link.pk if self.link else None,
        )
