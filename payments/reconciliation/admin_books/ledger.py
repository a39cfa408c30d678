"""The ledger in the admin: balances at any date, the postings of an account, the end of the year."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from django_scopes import scope

from payments.reconciliation.access import accountant_entities
from payments.reconciliation.admin_books.base import AccountantDesk
from payments.reconciliation.domain.accounts import ACCOUNTS, Account
from payments.reconciliation.domain.workbook import workbook
from payments.reconciliation.models import LedgerEntry, RevenueAssessment
from payments.reconciliation.report_views import given
from payments.reconciliation.selectors.ledger import account_postings, balances
from payments.reconciliation.selectors.year_end import year_end
from payments.reconciliation.services.books import books_update
from payments.reconciliation.year_end_sheets import year_end_sheets
from portal import clock
from portal.audit.registers import actor_of
from portal.entities.models import Entity

PAGE = 50
FIRST_YEAR, LAST_YEAR = 2000, 2099


class DayForm(forms.Form):
    """A day; today when nothing is written."""

    al = forms.DateField(
        label=_("Saldi alla fine del giorno"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def day(self) -> date:
        return (self.cleaned_data.get("al") if self.is_valid() else None) or clock.today()


def chosen_bodies(request: HttpRequest) -> tuple[list[Entity], Entity]:
    """The bodies whose books who asks keeps, and the one in the address (the first, else). Raises PermissionDenied."""
    bodies = list(Entity.objects.filter(pk__in=accountant_entities(request)).order_by("name"))
    if not bodies:
        raise PermissionDenied
    wanted = request.GET.get("ente", "")
    return bodies, next((body for body in bodies if body.code == wanted), bodies[0])


def chosen_year(request: HttpRequest) -> int:
    """The budget year in the address; this one, else."""
    written = request.GET.get("anno", "")
    year = int(written) if written.isascii() and written.isdigit() and len(written) == 4 else clock.today().year
    return min(max(year, FIRST_YEAR), LAST_YEAR)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(AccountantDesk[LedgerEntry]):
    """Its first page shows the accounts; an entry has a page of its own."""

    page_template = "payments/reconciliation/books/entry.html"

    def own_urls(self) -> list[URLPattern]:
        guard, name = self.admin_site.admin_view, "payments_reconciliation"
        return [
            path("aggiorna/", guard(self.update_view), name=f"{name}_books_update"),
            path("conto/<slug:account>/", guard(self.account_view), name=f"{name}_account"),
            path("chiusura/", guard(self.year_end_view), name=f"{name}_year_end"),
            path("chiusura/<slug:kind>/", guard(self.year_end_file), name=f"{name}_year_end_file"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What stands on each account at the end of a day."""
        bodies, body = chosen_bodies(request)
        form = DayForm(request.GET or None)
        day = form.day()
        return self.shown(
            request,
            "payments/reconciliation/books/balances.html",
            title=now_("Mastro degli incassi"),
            bodies=bodies,
            body=body,
            day=day,
            books=balances([body.pk], on=day),
        )

    def account_view(self, request: HttpRequest, account: str) -> HttpResponse:
        """What moved an account until a day, latest first."""
        bodies, body = chosen_bodies(request)
        if account not in set(Account):
            raise Http404
        which, day = Account(account), DayForm(request.GET or None).day()
        assessment = self._assessment(request, body) if which is Account.ASSESSMENT else None
        rows = account_postings([body.pk], account=which, assessment_id=assessment.pk if assessment else None, on=day)
        card = ACCOUNTS[which]
        title = f"{card.title} {assessment}" if assessment else card.title
        return self.shown(
            request,
            "payments/reconciliation/books/account.html",
            title=title,
            meaning=assessment.description if assessment else card.meaning,
            bodies=bodies,
            body=body,
            account=which,
            assessment=assessment,
            day=day,
            balance=(rows.aggregate(cents=Sum("cents"))["cents"] or 0) * card.sign,
            query=_query(body, day, assessment),
            page=Paginator(rows, PAGE).get_page(request.GET.get("p")),
        )

    def _assessment(self, request: HttpRequest, body: Entity) -> RevenueAssessment | None:
        wanted = request.GET.get("accertamento", "")
        if not wanted:
            return None
        if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
            raise Http404
        found = RevenueAssessment.objects.filter(pk=int(wanted), entity=body).first()
        if found is None:
            raise Http404
        return found

    def year_end_view(self, request: HttpRequest) -> HttpResponse:
        """What was paid within a year and came to the treasury after it."""
        bodies, body = chosen_bodies(request)
        year = chosen_year(request)
        found = year_end(body.pk, year=year)
        names = ("paid", "within", "after", "waiting")
        return self.shown(
            request,
            "payments/reconciliation/books/year_end.html",
            title=now_("Chiusura dell'esercizio %(year)d") % {"year": year},
            bodies=bodies,
            body=body,
            year=year,
            found=found,
            totals={name: found.total(name) for name in names},
            late={name: sum(getattr(row, name) for row in found.credits) for name in ("of_the_year", "cents")},
        )

    def year_end_file(self, request: HttpRequest, kind: str) -> HttpResponse:
        """The same as a file: the payments as text, or a spreadsheet with both tables."""
        _bodies, body = chosen_bodies(request)
        if kind not in {"csv", "xlsx"}:
            raise Http404
        year = chosen_year(request)
        sheets = year_end_sheets(year_end(body.pk, year=year), year=year)
        content = workbook(sheets, heading=body.name) if kind == "xlsx" else "".join(sheets[0].lines()).encode()
        return given(request, bodies=[body], name="chiusura", period=str(year), content=content, kind=kind)

    def update_view(self, request: HttpRequest) -> HttpResponse:
        """Bring the books up to date now, without waiting for the next run."""
        bodies, _body = chosen_bodies(request)
        if request.method == "POST":
            postings = 0
            for body in bodies:
                with scope(entity=body):
                    postings += books_update(entity=body, actor=actor_of(request), full=True).postings
            messages.success(request, now_("I libri sono aggiornati: %(count)d movimenti nuovi.") % {"count": postings})
        return redirect("admin:payments_reconciliation_ledgerentry_changelist")

    def page_context(self, request: HttpRequest, row: LedgerEntry) -> dict[str, Any]:
        postings = list(row.postings.select_related("assessment").order_by("-cents", "pk"))
        others = LedgerEntry.objects.filter(
            entity_id=row.entity_id, source=row.source, source_id=row.source_id
        ).exclude(pk=row.pk)
        return {
            "title": row.text,
            "entry": row,
            "postings": postings,
            "others": list(others.order_by("day", "pk")[:PAGE]),
        }


def _query(body: Entity, day: date, assessment: RevenueAssessment | None) -> str:
    """What the pages of an account keep in their address."""
    kept = {"ente": body.code, "al": day.isoformat()}
    return urlencode(kept | ({"accertamento": str(assessment.pk)} if assessment else {}))
