"""A problem in somebody's hands while the evidence goes on: what stays decided, what comes back, who is written to."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from payments.reconciliation.domain.outcomes import Code
from payments.reconciliation.domain.work import AMOUNTS, DOCUMENTS, same_problem
from payments.reconciliation.models import Correspondent, Verdict, WorkItem, WorkStep
from payments.reconciliation.services.carrying import work_carry
from payments.reconciliation.services.work import work_ignore, work_reopen, work_take, work_wait
from payments.sandbox.treasurer import Credit
from tests.payments.reconciliation.books import Books
from tests.payments.reconciliation.builders import DAY, IUF, REMITTANCE, line
from tests.payments.reconciliation.test_work import desk, does, staff

IUV, IUR = "01000000000004285", "RT-0001"


@pytest.fixture
def anna(pisa):
    return staff(pisa, "anna")


@pytest.fixture
def short(kept) -> Books:
    """A flow of 48,00 euro for which 40,00 have come."""
    kept.flow([line(IUV, IUR, 4800)])
    kept.journal([Credit(4000, f"{REMITTANCE}{IUF}", "TRN1", "Poste di prova")])
    kept.run()
    return kept


def differs(kept: Books) -> Verdict:
    return kept.standing(Code.TREASURY_AMOUNT_DIFFERS)[0]


@pytest.mark.parametrize("name", [*DOCUMENTS, *AMOUNTS])
def test_documents_and_amounts_make_another_problem(name):
    facts: dict[str, Any] = {"iuf": "F", "cents": 1, "psp": "Poste"}
    assert not same_problem(facts, facts | {name: "altro"})


@pytest.mark.parametrize("name", ["psp", "remittance", "regulation_date", "booked_on", "declared_count", "trouble"])
def test_what_is_told_about_them_does_not(name):
    assert same_problem({"iuf": "F", "psp": "Poste"}, {"iuf": "F", "psp": "Poste", name: "altro"})


def rewritten(kept: Books, **facts: Any) -> None:
    """The verdict as an older run had said it."""
    with connection.cursor() as sql:
        sql.execute("SET CONSTRAINTS ALL IMMEDIATE")
        sql.execute("ALTER TABLE payments_reconciliation_verdict DISABLE TRIGGER USER")
        row = differs(kept)
        Verdict.objects.filter(pk=row.pk).update(facts=row.facts | facts)
        sql.execute("ALTER TABLE payments_reconciliation_verdict ENABLE TRIGGER USER")


def test_what_is_ignored_stays_ignored_when_only_words_change(short, anna):
    does(work_ignore, differs(short), anna, reason="Arrotondamento")
    rewritten(short, psp="Poste, prima")
    old = differs(short).pk
    short.run(full=True)
    now = differs(short)
    assert now.pk != old
    assert WorkItem.objects.get(verdict=now).state == "ignored"
    assert desk(anna).get(reverse("admin:payments_reconciliation_work", args=[old])).url.endswith(f"/{now.pk}/")


def test_what_is_ignored_comes_back_when_the_money_changes_with_its_whole_history(short, anna):
    does(work_ignore, differs(short), anna, reason="Arrotondamento")
    short.journal([Credit(300, f"{REMITTANCE}{IUF}", "TRN2", "Poste di prova")], day=DAY + timedelta(2))
    short.run(full=True)
    item = WorkItem.objects.get(verdict=differs(short))
    assert (item.state, item.assignee) == ("open", None)
    steps = [(step.by, step.state, step.reason) for step in item.steps.all()]
    assert steps == [(anna, "ignored", "Arrotondamento"), (None, "open", "Sono cambiati gli importi o i documenti.")]
    page = desk(anna).get(reverse("admin:payments_reconciliation_work", args=[item.verdict_id])).content.decode()
    assert "Arrotondamento" in page
    assert "il portale" in page


def test_what_somebody_has_stays_with_them_and_says_that_the_facts_have_changed(short, anna):
    does(work_wait, differs(short), anna, reason="Scritto al PSP")
    rewritten(short, credited=1)
    short.run(full=True)
    item = WorkItem.objects.get(verdict=differs(short))
    assert (item.state, item.assignee) == ("waiting", anna)
    assert item.steps.count() == 2


def test_every_reason_and_every_hand_is_kept(short, anna):
    row = differs(short)
    does(work_take, row, anna)
    does(work_ignore, row, anna, reason="Prima")
    does(work_reopen, row, anna)
    does(work_ignore, row, anna, reason="Seconda")
    assert [step.reason for step in WorkStep.objects.order_by("pk")] == ["", "Prima", "", "Seconda"]
    page = desk(anna).get(reverse("admin:payments_reconciliation_work", args=[row.pk])).content.decode()
    assert "Prima" in page
    assert "Seconda" in page


def test_a_step_is_never_rewritten(short, anna):
    does(work_take, differs(short), anna)
    with pytest.raises(DatabaseError), transaction.atomic():
        WorkStep.objects.update(reason="altro")


def test_a_run_without_decisions_asks_nothing_more(short, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        assert work_carry(entity=short.entity, run_id=0) == 0


def test_a_letter_goes_to_the_address_that_the_body_keeps(short, anna, pisa):
    address = reverse("admin:payments_reconciliation_work", args=[differs(short).pk])
    page = desk(anna).get(address).content.decode()
    assert "scrivilo tra i corrispondenti" in page
    assert "psp_id=BPPIITRRXXX" in page
    client = desk(anna)
    values = {"entity": pisa.pk, "role": "psp", "psp_id": "BPPIITRRXXX", "name": "Poste", "email": "pec@posteprova.it"}
    assert client.post(reverse("admin:payments_reconciliation_correspondent_add"), values).status_code == 302
    assert "mailto:pec@posteprova.it?subject=" in client.get(address).content.decode()


@pytest.mark.parametrize(("role", "psp_id"), [("psp", ""), ("treasurer", "BPPIITRRXXX")])
def test_a_psp_has_its_code_and_nobody_else_has_one(short, anna, pisa, role, psp_id):
    values = {"entity": pisa.pk, "role": role, "psp_id": psp_id, "name": "X", "email": "x@y.it"}
    answer = desk(anna).post(reverse("admin:payments_reconciliation_correspondent_add"), values)
    assert answer.status_code == 200
    assert not Correspondent.objects.exists()


def test_the_page_of_a_flow_leads_to_its_problem(short, anna):
    row = differs(short)
    page = desk(anna).get(reverse("admin:payments_reconciliation_reportingflow_change", args=[row.flow_id]))
    assert reverse("admin:payments_reconciliation_work", args=[row.pk]) in page.content.decode()
