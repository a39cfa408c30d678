from datetime import date

from django.db.models import Q, QuerySet

from portal.people.domain.mandates import State
from portal.people.models import Mandate, Person


def usable_mandates(person: Person, *, on: date) -> QuerySet[Mandate]:
    """Mandates the person may use on a day, by company name."""
    return (
        Mandate.objects.filter(person=person, state=State.ACTIVE, valid_from__lte=on)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on))
        .select_related("company")
        .order_by("company__name")
    )


def mandates_of(person: Person) -> QuerySet[Mandate]:
    """All mandates of a person, the newest first: also expired and revoked ones, so that they know why."""
    return Mandate.objects.filter(person=person).select_related("company").order_by("-valid_from", "-pk")
