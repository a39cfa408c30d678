"""Figures, rates and tables in force."""

from datetime import date

from django.db.models import Q

from exceptional_transport.domain import fees
from exceptional_transport.domain.figures import Figure, Figures
from exceptional_transport.domain.terms import PermitKind
from exceptional_transport.models import FeeRate, LegalFigure, WearTable


def figures_on(day: date) -> Figures:
    """The figures of law in force on a day. One query."""
    rows = LegalFigure.objects.all()
    return Figures(
        (
            Figure(row.code, row.value, row.unit, row.valid_from, row.valid_to, row.source, row.confirmed_by)
            for row in rows
        ),
        on=day,
    )


def rates_of(entity_id: int) -> list[fees.Rate]:
    """The rates of a body, of all times. Needs a scope."""
    rows = FeeRate.objects.filter(entity_id=entity_id)
    return [fees.Rate(r.code, r.cents, r.valid_from, r.valid_to, r.source, r.confirmed_by) for r in rows]


def wear_table(*, entity_id: int, kind: PermitKind, on: date) -> fees.WearTable | None:
    """The approved table of a body for a type of permit, if there is one. Needs a scope."""
    method = "conventional" if kind is PermitKind.PERIODIC else "analytic"
    row = (
        WearTable.objects.filter(entity_id=entity_id, method=method, approved=True, valid_from__lte=on)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on))
        .order_by("-valid_from")
        .prefetch_related("brackets")
        .first()
    )
    if row is None:
        return None
    return fees.WearTable(row.name, row.multiplier, {each.up_to_kg: each.unit for each in row.brackets.all()})
