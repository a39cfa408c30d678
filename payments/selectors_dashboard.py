"""How payments go: issued, paid and overdue, by kind of debt, channel and month. As many queries for one row as for
a million.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncMonth

from payments.domain import outside as outside_rules
from payments.domain.states import OPEN, State
from payments.models import DatedAmount, Instalment, OutsidePayment, PaymentOption, Position, ReceiptCase
from portal import clock


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both included."""

    first: date
    last: date

    def months(self) -> list[date]:
        """The first day of every month it touches."""
        found, month = [], self.first.replace(day=1)
        while month <= self.last:
            found.append(month)
            month = (month + timedelta(days=32)).replace(day=1)
        return found

    @property
    def begins(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.first, time(), tzinfo=clock.ROME)

    @property
    def ends(self) -> datetime:
        """The first moment after."""
        return datetime.combine(self.last + timedelta(days=1), time(), tzinfo=clock.ROME)


@dataclass(slots=True)
class Tally:
    """Positions, or payments, and their cents."""

    number: int = 0
    cents: int = 0


@dataclass(slots=True)
class Line:
    """What happened under one label."""

    label: str
    issued: Tally = field(default_factory=Tally)
    paid: Tally = field(default_factory=Tally)
    overdue: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything the page shows."""

    period: Period
    total: Line
    kinds: Sequence[Line]
    months: Sequence[tuple[date, Line]]
    channels: Sequence[Line]


def overdue_positions(positions: QuerySet[Position], *, on: date) -> QuerySet[Position]:
    """Positions whose time is over on a day, with `late_cents`: what is owed that day, dated amounts included.

    A position is late when no way to pay it is still in time: with two ways (all at once or by a plan, the two notices
    of a fine) the longer one counts; once one is in use, that one alone. Suspended positions are never late.
    """
    late = Instalment.objects.filter(option=OuterRef("pk"), paid_at=None, due_on__lt=on)
    used = Instalment.objects.filter(option=OuterRef("pk"), paid_at__isnull=False)
    ways = PaymentOption.objects.filter(position=OuterRef("pk"), withdrawn_at=None).annotate(
        late=Exists(late), used=Exists(used)
    )
    in_force = DatedAmount.objects.filter(instalment=OuterRef("pk"), valid_from__lte=on).order_by("-valid_from")
    owed = (
        Instalment.objects.filter(option__position=OuterRef("pk"), paid_at=None, due_on__lt=on)
        .annotate(in_use=Exists(Instalment.objects.filter(option=OuterRef("option"), paid_at__isnull=False)))
        .annotate(today_cents=Coalesce(Subquery(in_force.values("cents")[:1]), "amount_cents"))
        .filter(
            Q(in_use=True) | Q(option__position__state=State.PUBLISHED) | Q(option__added_at__isnull=False),
            option__withdrawn_at=None,
        )
        .order_by()
        .values("option")
        .annotate(cents=Sum("today_cents"))
        .order_by("-cents")
        .values("cents")[:1]
    )
    return positions.filter(
        (Q(state=State.PUBLISHED) & ~Exists(ways.filter(late=False)))
        | (Q(state=State.PARTLY_PAID) & Exists(ways.filter(Q(used=True) | Q(added_at__isnull=False), late=True))),
        state__in=OPEN,
        suspended_at=None,
    ).annotate(late_cents=Coalesce(Subquery(owed), 0))


def dashboard(*, entity_ids: Iterable[int], period: Period, today: date) -> Dashboard:
    """Read the figures of some bodies: what was issued and what was paid in the period, and which of the positions
    issued in it are overdue today.
    """
    bodies = list(entity_ids)
    issued = Position.objects.filter(
        entity_id__in=bodies, created_at__gte=period.begins, created_at__lt=period.ends
    ).exclude(state=State.DRAFT)
    paid = ReceiptCase.objects.filter(
        entity_id__in=bodies,
        settles=True,
        instalment__paid_at__gte=period.begins,
        instalment__paid_at__lt=period.ends,
    )
    outside = OutsidePayment.objects.filter(
        entity_id__in=bodies,
        state=outside_rules.State.CONFIRMED,
        reverses=None,
        instalment__paid_at__gte=period.begins,
        instalment__paid_at__lt=period.ends,
    )
    kinds = _by_kind(issued, paid, outside, today=today)
    total = Line("")
    for line in kinds:
        for mine, theirs in zip(_tallies(total), _tallies(line), strict=True):
            mine.number, mine.cents = mine.number + theirs.number, mine.cents + theirs.cents
    months = _by_month(issued, paid, outside, period)
    return Dashboard(period, total, kinds, months, _by_channel(paid) + _by_way(outside))


def _tallies(line: Line) -> tuple[Tally, Tally, Tally]:
    return line.issued, line.paid, line.overdue


def _add(line: Line, name: str, row: Mapping[str, Any]) -> None:
    """What pagoPA brought and what came outside it count together."""
    tally = getattr(line, name)
    tally.number, tally.cents = tally.number + row["number"], tally.cents + int(row["cents"] or 0)


def _by_kind(
    issued: QuerySet[Position], paid: QuerySet[ReceiptCase], outside: QuerySet[OutsidePayment], *, today: date
) -> list[Line]:
    lines: dict[str | None, Line] = {}
    late = overdue_positions(issued, on=today)
    sources: tuple[tuple[str, QuerySet[Any], str, str], ...] = (
        ("issued", issued, "debt_kind", "charge__amount_cents"),
        ("paid", paid, "instalment__option__position__debt_kind", "receipt__amount_cents"),
        ("paid", outside, "position__debt_kind", "amount_cents"),
        ("overdue", late, "debt_kind", "late_cents"),
    )
    for name, rows, kind, amount in sources:
        found = (
            rows.order_by()
            .values(f"{kind}__code")
            .annotate(label=Max(f"{kind}__description"), number=Count("pk"), cents=Sum(amount))
        )
        for row in found:
            line = lines.setdefault(row[f"{kind}__code"], Line(row["label"] or "Senza tipo di dovuto"))
            _add(line, name, row)
    return sorted(lines.values(), key=lambda line: (-line.issued.cents, line.label))


def _by_month(
    issued: QuerySet[Position], paid: QuerySet[ReceiptCase], outside: QuerySet[OutsidePayment], period: Period
) -> list[tuple[date, Line]]:
    lines = {month: Line("") for month in period.months()}
    sources: tuple[tuple[str, QuerySet[Any], str, str], ...] = (
        ("issued", issued, "created_at", "charge__amount_cents"),
        ("paid", paid, "instalment__paid_at", "receipt__amount_cents"),
        ("paid", outside, "instalment__paid_at", "amount_cents"),
    )
    for name, rows, moment, amount in sources:
        found = (
            rows.order_by()
            .annotate(month=TruncMonth(moment, tzinfo=clock.ROME))
            .values("month")
            .annotate(number=Count("pk"), cents=Sum(amount))
        )
        for row in found:
            _add(lines[row["month"].date()], name, row)
    return list(lines.items())


def _by_channel(paid: QuerySet[ReceiptCase]) -> list[Line]:
    """By who collected and through which channel, as the receipts say."""
    found = (
        paid.order_by()
        .values("receipt__psp_name", "receipt__channel")
        .annotate(number=Count("pk"), cents=Sum("receipt__amount_cents"))
        .order_by("-cents", "receipt__psp_name", "receipt__channel")
    )
    return [
        Line(
            f"{row['receipt__psp_name']} · {row['receipt__channel']}",
            paid=Tally(row["number"], int(row["cents"] or 0)),
        )
        for row in found
    ]


def _by_way(outside: QuerySet[OutsidePayment]) -> list[Line]:
    """What did not pass through pagoPA, by how it came."""
    found = outside.order_by().values("how").annotate(number=Count("pk"), cents=Sum("amount_cents")).order_by("-cents")
    lines = []
    for row in found:
        line = Line(f"Fuori da pagoPA · {outside_rules.HOW_LABELS[outside_rules.How(row['how'])]}")
        _add(line, "paid", row)
        lines.append(line)
    return lines
