"""The accountant in Chromium: from the ledger to the file of the collection orders, without a barrier on any page."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django_scopes import scope, scopes_disabled

from payments.reconciliation.models import LedgerEntry, ProposalExport
from portal.accounts.models import User
from portal.entities.models import Role, StaffRole
from tests.browsing import barriers, to_the_next_page
from tests.payments.reconciliation.books_of import BookKeeper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
IUV, OTHER = "01000000000004285", "01000000000004386"


def judged(page: Any) -> None:
    """What axe finds, and whether the page fits a small phone."""
    assert barriers(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, page.url
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.fixture
def page(pisa, chromium, live_server) -> Iterator[Any]:
    """A browser of the accountant, without scripts: nothing of this work needs them."""
    user = User.objects.create_user(username="ragioniera", kind="staff", is_staff=True)
    with scopes_disabled():
        StaffRole.objects.create(entity=pisa, user=user, role=Role.ACCOUNTANT)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900}, locale="it-IT")
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    yield context.new_page()
    context.close()


@pytest.fixture
def credited(pisa) -> None:
    """A flow of two payments, one of which no rule takes, credited by one provisional."""
    with scope(entity=pisa), transaction.atomic():
        keep = BookKeeper(pisa)
        keep.rule("MULTE", keep.assessment("201", description="Sanzioni del Codice della Strada, quota vincolata"))
        keep.position(IUV, ("MULTE", 4590))
        flow = keep.flow("2026-11-12BPPIITRRXXX-1", (IUV, "RT-1", 1, 4590), (OTHER, "RT-2", 1, 1000))
        keep.meets(flow, 1, keep.receipt(IUV, "RT-1", 4590))
        keep.credited(flow, keep.movement("7", 5590, customer="Poste Italiane S.p.A."))


def test_an_accountant_goes_from_the_ledger_to_the_file_of_the_orders(page, credited):
    page.goto(reverse("admin:payments_reconciliation_ledgerentry_changelist"))
    judged(page)
    with to_the_next_page(page):
        page.get_by_role("button", name="Aggiorna i libri adesso").click()
    page.get_by_text("coincidono con quelli aperti").wait_for()
    judged(page)
    with to_the_next_page(page):
        page.get_by_role("link", name="201/2026").click()
    with to_the_next_page(page):
        page.get_by_role("link", name=f"Ricevuta 3{IUV}").click()
    page.get_by_role("heading", name="La scrittura").wait_for()
    judged(page)

    page.goto(reverse("admin:payments_reconciliation_ledgerentry_changelist"))
    with to_the_next_page(page):
        page.get_by_role("link", name="Proposte di reversale").click()
    with to_the_next_page(page):
        page.get_by_role("link", name="Accertamento mancante").click()
    page.get_by_text("aggiungi la regola").wait_for()
    judged(page)
    with to_the_next_page(page):
        page.get_by_role("link", name="Pronte da approvare").click()
    with to_the_next_page(page):
        page.get_by_role("button", name="Approva tutte le righe pronte").click()
    judged(page)
    page.get_by_label("Tracciato del file").select_option("siac_example")
    with to_the_next_page(page):
        page.get_by_role("button", name="Crea il file").click()
    page.get_by_text("Tracciato di esempio").wait_for()
    judged(page)
    with page.expect_download() as taken:
        page.get_by_role("link", name="Scarica il file").click()
    assert b";201;" in taken.value.path().read_bytes()
    with scopes_disabled():
        assert ProposalExport.objects.get().cents == 4590
        assert LedgerEntry.objects.exists()


def test_the_end_of_the_year_and_the_registry_have_no_barrier(page, credited):
    for name in ("year_end", "assessments_upload", "assessmentfile_changelist", "allocationrule_add"):
        page.goto(reverse(f"admin:payments_reconciliation_{name}"))
        judged(page)


def test_the_reports_are_read_on_any_screen(page, credited):
    page.goto(f"{reverse('admin:payments_reconciliation_reports')}?mese=2026-11")
    page.get_by_role("heading", name="Incassi per accertamento e mese").wait_for()
    judged(page)
