"""Who was driving: declared by the owner of the vehicle, kept as it was said."""

from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction
from django_scopes import scope

from payments.fines import events
from payments.fines.domain.stages import DriverState, Stage
from payments.fines.domain.terms import terms
from payments.fines.law import law
from payments.fines.models import DriverData, Fine
from portal import clock
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from portal.people.acting import Acting


@dataclass(frozen=True, slots=True)
class Driver:
    """The driver and the licence, as declared."""

    first_name: str
    last_name: str
    born_on: date
    born_in: str
    fiscal_code: str
    residence: str
    licence_number: str
    licence_category: str
    licence_issuer: str
    licence_expires_on: date


@transaction.atomic
def driver_declare(*, fine_id: int, entity: Entity, driver: Driver, acting: Acting) -> DriverData:
    """Keep what whoever acts says about the driver. Raises DomainError: nobody asked, or it was said already.

    After the term it is kept all the same, and marked: the law punishes the delay, not the answer.
    """
    with scope(entity=entity):
        fine = Fine.objects.select_for_update(of=("self",)).get(pk=fine_id)
        if fine.stage == Stage.CANCELLED or fine.driver == DriverState.NOT_ASKED:
            raise DomainError("driver_not_asked", "Per questa multa non devi comunicare chi guidava.")
        if fine.driver == DriverState.GIVEN:
            raise DomainError("driver_given", "I dati di chi guidava sono già stati comunicati.")
        if driver.born_on >= fine.violated_on:
            raise DomainError("driver_born", "La data di nascita è successiva alla violazione.")
        until = terms(fine.served_on, law=law(), on=fine.violated_on).driver_until if fine.served_on else None
        data = DriverData.objects.create(
            entity=entity,
            fine=fine,
            declared_by=acting.person,
            declared_at=clock.now(),
            in_time=until is None or clock.today() <= until,
            **asdict(driver),
        )
        fine.driver = DriverState.GIVEN
        fine.save(update_fields=["driver"])
        events.driver_declared(data, actor=acting.actor)
        return data
