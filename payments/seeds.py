"""What the demonstration needs to be paid. Safe to run again; every figure is labelled as invented."""

from datetime import date

from django.conf import settings
from django.db import transaction
from django_scopes import scopes_disabled

from payments.demo import CONFIRMED_BY, CREDITORS, KINDS, SOURCE, DemoCreditor
from payments.models import Broker, CreditorEntity, DebtKind, Station, StationLink
from payments.spontaneous.seeds import seed_services
from portal.entities.models import Entity

VALID_FROM = date(2026, 1, 1)


@transaction.atomic
def seed() -> None:
    """Creditor, station and kinds of debt of the bodies that are there."""
    with scopes_disabled():
        for row in CREDITORS:
            entity = Entity.objects.filter(fiscal_code=row.fiscal_code).first()
            if entity is not None:
                _seed_creditor(entity, row)
                _seed_kinds(entity)
                seed_services(entity)


def _seed_creditor(entity: Entity, row: DemoCreditor) -> None:
    info = " · ".join(part for part in (entity.address, entity.phone) if part)
    creditor, _ = CreditorEntity.objects.get_or_create(
        entity=entity,
        defaults={
            "cbill_code": row.cbill,
            "department": "Servizi on line",
            "info": info[:100],
            "iban": row.iban,
            "postal_iban": row.postal_iban,
            "postal_account": row.postal_account,
            "postal_holder": entity.name[:50],
            "postal_authorisation": "AUT. DB/0000/DEMO 00000 DEL 01/01/2026",
        },
    )
    broker, _ = Broker.objects.get_or_create(entity=entity, fiscal_code=row.fiscal_code, defaults={"name": entity.name})
    station, _ = Station.objects.get_or_create(entity=entity, code=row.station, defaults={"broker": broker})
    StationLink.objects.get_or_create(
        entity=entity, creditor=creditor, station=station, defaults={"segregation_code": row.segregation_code}
    )


def _seed_kinds(entity: Entity) -> None:
    for kind in KINDS:
        DebtKind.objects.get_or_create(
            entity=entity,
            code=kind.code,
            valid_from=VALID_FROM,
            defaults={
                "description": kind.description,
                "taxonomy_code": kind.taxonomy_code,
                "source": SOURCE,
                "confirmed_by": CONFIRMED_BY,
            },
        )


def guide() -> list[str]:
    """Lines for the list of pages printed at the start."""
    return [f"Sportello PSP di prova: {settings.SANDBOX_BASE_URL}/psp/"]
