"""One row of everything that the providers keep of a body."""

from payments.models import IbanCheck, Position, ProviderExport, ProviderUpload, ReceiptPull, StationLink
from portal import clock
from portal.entities.models import Entity


def provider_rows(entity: Entity, secret: str) -> None:
    """Rows whose words nobody outside may read."""
    now, link = clock.now(), StationLink.objects.filter(entity=entity).order_by("pk")[0]
    ProviderUpload.objects.create(entity=entity, link=link, created_at=now, file_id=f"{secret}-file")
    ReceiptPull.objects.create(entity=entity, link=link, error=f"{secret} errore")
    IbanCheck.objects.create(
        entity=entity, iban="IT60X0542811101000000123456", beneficiary_fiscal_code=entity.fiscal_code,
        used_by=f"{secret} conto", state=IbanCheck.State.MISSING, checked_at=now,
    )  # fmt: skip
    position = Position.objects.filter(entity=entity).order_by("pk")[0]
    ProviderExport.objects.create(
        entity=entity, position=position, provider=ProviderExport.Provider.GPD, created_at=now,
        state=ProviderExport.State.FAILED, last_error=f"{secret} rifiuto",
    )  # fmt: skip
