from django.db.models import QuerySet

from exceptional_transport.models import Vehicle
from portal.people.acting import Acting


def fleet_of(acting: Acting) -> QuerySet[Vehicle]:
    """Saved vehicles of the company the person acts for, or of the person."""
    rows = Vehicle.objects.prefetch_related("axles")
    if acting.company:
        return rows.filter(company=acting.company)
    return rows.filter(person=acting.person)
