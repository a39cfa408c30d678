"""The drawings of the reports, from the figures of their tables: the table under each says the same in numbers."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from payments.domain.charts import Chart, bars, columns
from payments.reconciliation.domain.sheets import Sheet
from portal.kernel.money import euro_plain

# Letters on paper are larger than those of the page: the words beside a chart take more room.
AXIS_ROOM, LABEL_ROOM = 40, 240


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart, what it is, what it says to who does not see it, and the names of its colours."""

    chart: Chart
    title: str
    description: str
    legend: tuple[str, ...] = ()

    def picture(self) -> str:
        """The chart as an image by itself (a data URI), for a document that no style sheet of the site reaches."""
        room = AXIS_ROOM if self.chart.ticks else LABEL_ROOM
        context = {"chart": self.chart, "wide": self.chart.width + room, "tall": self.chart.height + 12}
        context["solid"] = not self.legend
        drawn = render_to_string("payments/reconciliation/report_chart.svg", context)
        return f"data:image/svg+xml;base64,{b64encode(drawn.encode()).decode()}"


def drawing_of(sheet: Sheet) -> Drawing | None:
    """The chart of a report, None for those that have none and for those without figures."""
    make = DRAWINGS.get(sheet.name)
    return make(sheet) if make and sheet.rows and sheet.total and any(_cents(sheet)) else None


def _cents(sheet: Sheet) -> list[int]:
    """The totals of the amounts that a report draws."""
    places = {"giorni": (2, 4, 5), "provvisori": (2,), "accertamenti": (-2,)}[sheet.name]
    return [int(sheet.total[place]) for place in places] if sheet.total else []


def _days(sheet: Sheet) -> Drawing:
    """Receipts, lines and credits, a group of columns for each day."""
    values = [row.values for row in sheet.rows]
    names = [(_("ricevute"), 2), (_("rendicontati"), 4), (_("accreditati"), 5)]
    series = [(name, [max(each[place], 0) for each in values]) for name, place in names]
    return Drawing(
        columns([f"{each[0]:%d/%m}" for each in values], series, say=_axis),
        _("Ricevute, rendicontati e accreditati, giorno per giorno"),
        _(
            "Per ogni giorno tre colonne: se il giorno quadra sono alte uguali. Gli stessi numeri sono nella tabella "
            "che segue."
        ),
        tuple(name for name, _place in names),
    )


def _ages(sheet: Sheet) -> Drawing:
    """The euro of the open provisionals, a column for each age."""
    labels = ["0-5", "6-30", "31-60", _("oltre")]
    cents = [max(row.values[2], 0) for row in sheet.rows]
    return Drawing(
        columns(labels, [(_("euro aperti"), cents)], say=_axis),
        _("Euro dei provvisori aperti, per giorni di anzianità"),
        _("Una colonna per ogni anzianità. Gli stessi numeri sono nella tabella che segue."),
    )


def _assessments(sheet: Sheet) -> Drawing:
    """What each assessment received from the beginning of the year, a bar each."""
    rows = [(str(row.values[0]), max(row.values[-2], 0)) for row in sheet.rows]
    return Drawing(
        bars(rows, say=_axis, rest=_("gli altri")),
        _("Incassi da gennaio, per accertamento"),
        _("Una barra per ogni accertamento, il più alto per primo. Gli stessi numeri sono nella tabella che segue."),
    )


DRAWINGS: dict[str, Callable[[Sheet], Drawing]] = {"giorni": _days, "provvisori": _ages, "accertamenti": _assessments}


def _axis(cents: int) -> str:
    return f"{euro_plain(cents).removesuffix(',00')}\N{NO-BREAK SPACE}€"
