"""A body of the demonstration that uses two stations: its own, and GPD for one kind of debt. Safe to run again."""

from django.conf import settings
from django.db import transaction
from django_scopes import scopes_disabled

from payments.demo import CREDITORS, GPD_CODE
from payments.models import Broker, CreditorEntity, DebtKind, Station, StationLink

FLORENCE = CREDITORS[1]
KIND = "SP_CANONE"


@transaction.atomic
def seed() -> None:
    """The link to GPD of the second body, and the kind of debt that goes through it."""
    with scopes_disabled():
        creditor = CreditorEntity.objects.filter(entity__fiscal_code=FLORENCE.fiscal_code).first()
        if creditor is None:
            return
        entity = creditor.entity
        broker = Broker.objects.get(entity=entity, fiscal_code=FLORENCE.fiscal_code)
        station, _ = Station.objects.get_or_create(
            entity=entity, code=FLORENCE.second_station, defaults={"broker": broker}
        )
        link, created = StationLink.objects.get_or_create(
            entity=entity,
            creditor=creditor,
            station=station,
            defaults={
                "segregation_code": GPD_CODE,
                "provider": StationLink.Provider.GPD,
                "issues": False,
            },
        )
        if created:
            DebtKind.objects.filter(entity=entity, code=KIND).update(link=link)


def guide() -> list[str]:
    """Lines for the list of pages printed at the start."""
    return [f"Archivio GPD di prova: {settings.SANDBOX_BASE_URL}/psp/gpd/"]
