"""The spontaneous payments of the demonstration, with their kinds of debt. Safe to run again."""

from datetime import date

from payments.demo import CONFIRMED_BY, SOURCE
from payments.models import DebtKind, SpontaneousPrice, SpontaneousQuestion, SpontaneousService
from payments.spontaneous.demo import EVERYWHERE, OPEN_DAYS, PISA, SERVICES, DemoService
from portal.entities.models import Entity

VALID_FROM = date(2026, 1, 1)


def seed_services(entity: Entity) -> None:
    """What can be paid to a body without an avviso; in the caller's scope."""
    for row in SERVICES:
        if row.kind in EVERYWHERE or entity.fiscal_code == PISA:
            _seed_kind(entity, row)
            _seed_service(entity, row)


def _seed_kind(entity: Entity, row: DemoService) -> None:
    DebtKind.objects.get_or_create(
        entity=entity,
        code=row.kind,
        valid_from=VALID_FROM,
        defaults={
            "description": row.name,
            "taxonomy_code": row.taxonomy_code,
            "open_days": OPEN_DAYS,
            "source": SOURCE,
            "confirmed_by": CONFIRMED_BY,
        },
    )


def _seed_service(entity: Entity, row: DemoService) -> None:
    service, created = SpontaneousService.objects.get_or_create(
        entity=entity,
        code=row.code,
        defaults={
            "debt_kind": row.kind,
            "name": row.name,
            "description": row.description,
            "amount_rule": row.rule,
            "min_cents": row.low,
            "max_cents": row.high,
            "piece": row.piece,
            "asks_reason": row.asks_reason,
            "valid_from": VALID_FROM,
        },
    )
    if not created:
        return
    if row.cents:
        SpontaneousPrice.objects.create(
            entity=entity, service=service, cents=row.cents, valid_from=VALID_FROM, source=SOURCE,
            confirmed_by=CONFIRMED_BY,
        )  # fmt: skip
    for seq, question in enumerate(row.questions, start=1):
        SpontaneousQuestion.objects.create(
            entity=entity,
            service=service,
            seq=seq,
            label=question.label,
            help_text=question.help_text,
            pattern=question.pattern,
            required=question.required,
            on_notice=question.on_notice,
        )
