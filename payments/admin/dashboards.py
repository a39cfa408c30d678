"""How payments go (Andamento dei pagamenti): figures, charts drawn here, and a file for spreadsheets."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.dates import MONTHS_3
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from payments.admin.base import reads_payments, roles
from payments.domain.charts import bars, columns
from payments.domain.spreadsheet import BOM, line
from payments.selectors import BOOK_READERS
from payments.selectors_dashboard import Dashboard, Line, Period, Tally, dashboard
from portal import clock
from portal.entities.models import Entity
from portal.kernel.money import euro, euro_plain

LONGEST = 366 * 3


class PeriodForm(forms.Form):
    """Which days, and of which body."""

    dal = forms.DateField(label=gettext_lazy("Dal"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    al = forms.DateField(label=gettext_lazy("Al"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    ente = forms.ChoiceField(label=gettext_lazy("Ente"), required=False)

    def __init__(self, *args: Any, bodies: list[Entity], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("tutti")), *((body.code, body.name) for body in bodies)]
        self.fields["ente"] = forms.ChoiceField(label=_("Ente"), choices=choices, required=False)
        if len(bodies) < 2:
            del self.fields["ente"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("dal"), data.get("al")
        if first and last and first > last:
            raise forms.ValidationError(_("Il primo giorno viene dopo l'ultimo: scambia le due date."))
        if first and last and (last - first).days > LONGEST:
            raise forms.ValidationError(_("Il periodo è troppo lungo: scegli al massimo tre anni."))
        return data


def ready_periods(today: date) -> list[tuple[str, Period]]:
    """Periods one asks for most; the first is the one the page opens on."""
    year_ago = (today.replace(day=1) - timedelta(days=330)).replace(day=1)
    return [
        (_("Ultimi 12 mesi"), Period(year_ago, today)),
        (_("Ultimi 30 giorni"), Period(today - timedelta(days=29), today)),
        (_("Quest'anno"), Period(date(today.year, 1, 1), today)),
        (_("L'anno scorso"), Period(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))),
    ]


def _asked(request: HttpRequest) -> tuple[PeriodForm, Dashboard]:
    """The form and the figures it asks for; those of the first ready period when it asks for nothing, or wrongly."""
    if not reads_payments(request):
        raise PermissionDenied
    bodies = list({role.entity_id: role.entity for role in roles(request) if role.role in BOOK_READERS}.values())
    today = clock.today()
    period = ready_periods(today)[0][1]
    opening = {"dal": period.first, "al": period.last}
    form = PeriodForm(request.GET if "dal" in request.GET else None, initial=opening, bodies=bodies)
    chosen = bodies
    if form.is_valid():
        period = Period(form.cleaned_data["dal"], form.cleaned_data["al"])
        chosen = [body for body in bodies if form.cleaned_data.get("ente") in (None, "", body.code)]
    return form, dashboard(entity_ids=[body.pk for body in chosen], period=period, today=today)


@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The page."""
    form, found = _asked(request)
    context = {
        **admin.site.each_context(request),
        "title": _("Andamento dei pagamenti"),
        "form": form,
        "found": found,
        "periods": ready_periods(clock.today()),
        "query": request.GET.urlencode(),
        "totals": [
            (_("Emesse"), found.total.issued, _("posizioni emesse nel periodo")),
            (_("Incassate"), found.total.paid, _("rate pagate nel periodo")),
            (_("Scadute"), found.total.overdue, _("posizioni emesse nel periodo e oggi scadute")),
        ],
        "months": [(month_name(month), row) for month, row in found.months],
        **charts(found),
    }
    return render(request, "payments/admin/dashboard.html", context, status=422 if form.errors else 200)


def month_name(month: date) -> str:
    """Short, as it stands under a column: `nov 26`."""
    return f"{str(MONTHS_3[month.month]).lower()} {month:%y}"


def charts(found: Dashboard) -> dict[str, Any]:
    """The drawings of the page, None where there is nothing to draw."""
    names = [month_name(month) for month, _line in found.months]
    issued = [row.issued.cents for _month, row in found.months]
    paid = [row.paid.cents for _month, row in found.months]
    overdue = [(row.label, row.overdue.cents) for row in found.kinds if row.overdue.cents]
    kinds = [(row.label, row.paid.cents) for row in found.kinds if row.paid.cents]
    channels = [(row.label, row.paid.cents) for row in found.channels]
    rest = _("altri")
    moved = any(issued) or any(paid)
    return {
        "month_chart": columns(names, [(_("emesse"), issued), (_("incassate"), paid)], say=_round) if moved else None,
        "paid_chart": bars(kinds, say=euro, rest=rest) if kinds else None,
        "overdue_chart": bars(overdue, say=euro, rest=rest) if overdue else None,
        "channel_chart": bars(channels, say=euro, rest=rest) if channels else None,
    }


def _round(cents: int) -> str:
    """Euro for an axis: cents only for small sums."""
    return euro(cents) if cents % 100 else f"{euro_plain(cents).removesuffix(',00')}\N{NO-BREAK SPACE}€"


@never_cache
@require_safe
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The same figures as rows for a spreadsheet."""
    _form, found = _asked(request)
    name = f"andamento-pagamenti-{found.period.first:%Y%m%d}-{found.period.last:%Y%m%d}.csv"
    return StreamingHttpResponse(
        rows(found),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"},
    )


def rows(found: Dashboard) -> Iterator[str]:
    """Lines of the file: one table, with the section in the first column."""
    yield BOM
    yield line(
        [
            _("sezione"), _("voce"), _("emesse"), _("euro emessi"), _("incassate"), _("euro incassati"), _("scadute"),
            _("euro scaduti"),
        ]
    )  # fmt: skip
    for row in found.kinds:
        yield _written(_("tipo di dovuto"), row.label, row)
    for month, row in found.months:
        yield _written(_("mese"), f"{month:%Y-%m}", row)
    for row in found.channels:
        yield _written(_("canale"), row.label, row)
    yield _written(_("totale"), "", found.total)


def _written(section: str, label: str, row: Line) -> str:
    cells: list[object] = [section, label]
    for tally in (row.issued, row.paid, row.overdue):
        cells += [tally.number, _plain(tally)]
    return line(cells)


def _plain(tally: Tally) -> str:
    return euro_plain(tally.cents).replace(".", "")
