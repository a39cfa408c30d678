"""The reports of the reconciliation: a page, each a file for spreadsheets, and one print of all of them."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from payments.reconciliation import book_events as events
from payments.reconciliation.access import accountants_only
from payments.reconciliation.domain.workbook import CONTENT_TYPE, workbook
from payments.reconciliation.report_charts import drawing_of
from payments.reconciliation.report_sheets import SHEETS, all_sheets
from payments.reconciliation.selectors.reports import Month
from portal import clock
from portal.audit.registers import actor_of
from portal.documents.pdf import render_pdf
from portal.entities.models import Entity

MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
STYLE = "payments/css/report.css"
SHOWN = 100
WHOLE = "rapporti"
TYPES = {"csv": "text/csv; charset=utf-8", "pdf": "application/pdf", "xlsx": CONTENT_TYPE}


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose figures, of which month."""

    bodies: list[Entity]
    chosen: list[Entity]
    month: Month
    body: str

    @property
    def ids(self) -> list[int]:
        return [body.pk for body in self.chosen]

    @property
    def month_name(self) -> str:
        return f"{str(MONTHS[self.month.first.month]).lower()} {self.month.first.year}"

    @property
    def query(self) -> str:
        """What an address keeps of the choice."""
        return self._at(self.month.first)

    @property
    def before(self) -> str:
        """The same for the month before."""
        return self._at(self.month.first - timedelta(days=1))

    @property
    def after(self) -> str:
        """The same for the month after; empty for those to come."""
        first = self.month.last + timedelta(days=1)
        return self._at(first) if first <= self.month.today else ""

    def _at(self, day: date) -> str:
        month = f"mese={day:%Y-%m}"
        return f"{month}&ente={self.body}" if self.body else month


def _asked(request: HttpRequest) -> Asked:
    """The choice in the address: this month and all of the accountant's bodies, else. Raises PermissionDenied."""
    bodies = list(Entity.objects.filter(pk__in=accountants_only(request)).order_by("name"))
    wanted, today = request.GET.get("ente", ""), clock.today()
    chosen = [body for body in bodies if body.code == wanted]
    found = MONTH.fullmatch(request.GET.get("mese", ""))
    first = date(int(found[1]), int(found[2]), 1) if found else today.replace(day=1)
    return Asked(bodies, chosen or bodies, Month(first, today), wanted if chosen else "")


@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The five reports."""
    asked = _asked(request)
    sheets = all_sheets(asked.ids, asked.month)
    context = {
        **admin.site.each_context(request),
        "title": _("Rapporti"),
        "asked": asked,
        "sheets": [(sheet, drawing_of(sheet)) for sheet in sheets],
        "shown": SHOWN,
    }
    return render(request, "payments/reconciliation/reports.html", context)


@never_cache
@require_safe
def download(request: HttpRequest, name: str) -> HttpResponse:
    """One report as a text file for any program."""
    asked = _asked(request)
    if name not in SHEETS:
        raise Http404
    text = "".join(SHEETS[name](asked.ids, asked.month).lines())
    return _given(request, asked, name, text.encode(), "csv")


@never_cache
@require_safe
def spreadsheet(request: HttpRequest, name: str) -> HttpResponse:
    """One report as a spreadsheet, or all of them, a page each."""
    asked = _asked(request)
    if name not in {WHOLE, *SHEETS}:
        raise Http404
    sheets = all_sheets(asked.ids, asked.month) if name == WHOLE else [SHEETS[name](asked.ids, asked.month)]
    heading = f"{', '.join(body.name for body in asked.chosen)}, {asked.month_name}"
    return _given(request, asked, name, workbook(sheets, heading=heading), "xlsx")


@never_cache
@require_safe
def print_all(request: HttpRequest) -> HttpResponse:
    """The five reports in one document."""
    asked = _asked(request)
    sheets = [(sheet, drawing_of(sheet)) for sheet in all_sheets(asked.ids, asked.month)]
    context = {"asked": asked, "sheets": sheets, "now": clock.now()}
    content = render_pdf("payments/reconciliation/reports_pdf.html", context, style=STYLE)
    return _given(request, asked, WHOLE, content, "pdf")


def _given(request: HttpRequest, asked: Asked, name: str, content: bytes, kind: str) -> HttpResponse:
    month = f"{asked.month.first:%Y-%m}"
    return given(request, bodies=asked.chosen, name=name, period=month, content=content, kind=kind)


def given(
    request: HttpRequest, *, bodies: list[Entity], name: str, period: str, content: bytes, kind: str
) -> HttpResponse:
    """A file, once it is written down who took it. `period` is a month or a year."""
    events.report_downloaded(bodies=bodies, report=name, kind=kind, month=period, actor=actor_of(request))
    return HttpResponse(
        content,
        content_type=TYPES[kind],
        headers={
            "Content-Disposition": f'attachment; filename="{name}-{period}.{kind}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
