"""Bodies of a made-up year in the database: what is not there yet, and whether what is there is real."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django_scopes import scopes_disabled

from payments.demo import CONFIRMED_BY, CREDITORS, SOURCE
from payments.models import Broker, CreditorEntity, DebtKind, Position, Station, StationLink
from payments.seeds import seed
from portal.entities.models import Entity

CBILL = "SINT1"
TAXONOMY = "SINT01TS"
VALID_FROM = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the rows of a body go."""

    entity: Entity
    creditor: CreditorEntity
    links: dict[int, StationLink]
    kinds: dict[str, DebtKind]


def real_data() -> str:
    """Why the data of this database look real, in Italian; empty when they are those of the demonstration.

    They are real in production, when an office has confirmed a kind of debt (those of the demonstration are confirmed
    by «dimostrativo»), or when a body outside the demonstration has positions.
    """
    if settings.PRODUCTION:
        return "questa installazione è di produzione"
    with scopes_disabled():
        kinds = DebtKind.objects.exclude(confirmed_by__in=["", CONFIRMED_BY]).values_list("code", "confirmed_by")
        if found := kinds.first():
            return f"il tipo di dovuto «{found[0]}» è confermato da «{found[1]}»"
        known = [creditor.fiscal_code for creditor in CREDITORS]
        other = Position.objects.exclude(entity__fiscal_code__in=known).values_list("entity__name", flat=True).first()
        return f"l'ente «{other}» non è della dimostrazione e ha posizioni debitorie" if other else ""


@transaction.atomic
def body_place(row: dict[str, Any], kinds: dict[str, str]) -> Place:
    """The body of a row of bodies.json with its station links and kinds of debt, made where they are missing."""
    with scopes_disabled():
        entity, _ = Entity.objects.get_or_create(
            fiscal_code=row["fiscal_code"],
            defaults={"code": row["code"], "ipa_code": row["ipa_code"], "name": row["name"]},
        )
        seed()
        creditor, _ = CreditorEntity.objects.get_or_create(
            entity=entity, defaults={"cbill_code": CBILL, "iban": row["accounts"][0]["iban"]}
        )
        links = {code: _link(creditor, code) for code in row["segregation_codes"]}
        return Place(entity, creditor, links, {code: _kind(entity, code, text) for code, text in kinds.items()})


def _link(creditor: CreditorEntity, segregation_code: int) -> StationLink:
    entity = creditor.entity
    found = StationLink.objects.filter(creditor=creditor, segregation_code=segregation_code).first()
    if found is not None:
        return found
    broker, _ = Broker.objects.get_or_create(
        entity=entity, fiscal_code=entity.fiscal_code, defaults={"name": entity.name}
    )
    code = f"{entity.fiscal_code}_{segregation_code:02d}"
    station, _ = Station.objects.get_or_create(entity=entity, code=code, defaults={"broker": broker})
    issues = not StationLink.objects.filter(creditor=creditor, issues=True).exists()
    return StationLink.objects.create(
        entity=entity, creditor=creditor, station=station, segregation_code=segregation_code, issues=issues
    )


def _kind(entity: Entity, code: str, description: str) -> DebtKind:
    defaults = {
        "description": description, "taxonomy_code": TAXONOMY, "source": SOURCE, "confirmed_by": CONFIRMED_BY,
    }  # fmt: skip
    found, _ = DebtKind.objects.get_or_create(entity=entity, code=code, valid_from=VALID_FROM, defaults=defaults)
    return found
