from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django_scopes import scope, scopes_disabled
from hypothesis import given
from hypothesis import strategies as st

from payments.models import DebtKind
from payments.reconciliation.domain.allocation import Span, overbooked, split
from payments.reconciliation.formats.assessment_csv import read_registry
from payments.reconciliation.models import AllocationRule, AssessmentFile, RevenueAssessment
from payments.reconciliation.seeds import seed as seed_books
from payments.reconciliation.services.assessments import (
    assessment_file_import,
    assessment_file_receive,
    examine,
    rule_check,
)
from payments.seeds import seed as seed_payments
from portal.accounts.models import User
from portal.audit.models import Event
from portal.entities.models import Entity, Role, StaffRole
from portal.kernel.errors import DomainError

HEAD = "annoEsercizio,codUfficio,codAccertamento,codCapitolo,codiceTipoDovuto,deAccertamento,flgAttivo"
KINDS = frozenset({"MULTE", "CANONI"})
UPLOAD = "admin:payments_reconciliation_assessments_upload"


def registry(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows]).encode()


@given(cents=st.integers(-(10**12), 10**12), shares=st.lists(st.integers(1, 1000), max_size=8))
def test_cents_are_neither_made_nor_lost_by_sharing_them(cents, shares):
    parts, rest = split(cents, shares)
    assert sum(parts) + rest == cents
    if sum(shares) == 1000:
        assert rest == 0
    assert all(abs(part) <= abs(cents) and part * cents >= 0 for part in parts)


@given(st.lists(st.tuples(st.integers(1, 1000), st.integers(0, 40), st.integers(0, 40) | st.none()), max_size=6))
def test_the_first_overbooked_day_is_the_first_one(rows):
    days = [date.fromordinal(738000 + n) for n in range(90)]
    spans = [Span(share, days[a], None if b is None else days[a + b]) for share, a, b in rows]

    def total(day):
        return sum(s.permille for s in spans if s.first <= day and (s.last is None or day <= s.last))

    assert overbooked(spans) == next((day for day in days if total(day) > 1000), None)


def test_a_registry_of_the_regional_platforms_is_read_as_it_is():
    reading = read_registry(
        registry("2026,PL,101,30200/1,MULTE,Sanzioni,true", "2026,PL,101,30200/1,CANONI,Sanzioni,false"), kinds=KINDS
    )
    assert not reading.errors_count
    (_line, first), (_other, second) = reading.rows
    assert (first.year, first.number, first.chapter, first.kind, first.active) == (
        2026,
        "101",
        "30200/1",
        "MULTE",
        True,
    )
    assert first.permille == 1000
    assert second.active is False


@pytest.mark.parametrize(
    ("rows", "column"),
    [
        (["anno,PL,1,2,MULTE,x,S"], "annoEsercizio"),
        (["1999,PL,1,2,MULTE,x,S"], "annoEsercizio"),
        (["2026,PL,,2,MULTE,x,S"], "codAccertamento"),
        (["2026,PL,1,,MULTE,x,S"], "codCapitolo"),
        (["2026,PL,1,2,INVENTATO,x,S"], "codiceTipoDovuto"),
        (["2026,PL,1,2,MULTE,x,forse"], "flgAttivo"),
        (["2026,PL,1,2,MULTE,x,S", "2026,PL,1,3,CANONI,x,S"], "codAccertamento"),
        (["2026,PL,1,2,MULTE,x,S", "2026,PL,1,2,MULTE,x,S"], "codiceTipoDovuto"),
        ([f"2026,PL,{'9' * 30},2,MULTE,x,S"], "codAccertamento"),
        (["2026,PL,1,2,MULTE,\x07,S"], "deAccertamento"),
    ],
)
def test_what_is_wrong_on_a_line_is_said_with_its_column(rows, column):
    reading = read_registry(registry(*rows), kinds=KINDS)
    assert column in {error.column for error in reading.errors}
    assert reading.errors[0].line == len(rows) + 1


@pytest.mark.parametrize(
    "content",
    [b"", b"   ", b"\x00\x01", b"a;b\n1;2\n", b'"non chiuso', HEAD.encode(), "à".encode("utf-16")[:3]],
)
def test_what_is_no_registry_is_an_error_and_no_breakdown(content):
    assert read_registry(content, kinds=KINDS).errors_count


@pytest.fixture
def kinds(pisa):
    for code in KINDS:
        DebtKind.objects.create(
            entity=pisa, code=code, description=code, taxonomy_code="DEMO01TS", valid_from=date(2026, 1, 1),
            source="prova", confirmed_by="prova",
        )  # fmt: skip


def received(pisa, actor, *rows: str, head: str = HEAD) -> AssessmentFile:
    return assessment_file_receive(entity=pisa, name="registro.csv", content=registry(*rows, head=head), actor=actor)


def test_a_registry_brings_in_assessments_and_rules_once(pisa, kinds, actor):
    file = received(pisa, actor, "2026,PL,101,30200/1,MULTE,Sanzioni,S", "2026,PL,102,30300,CANONI,Canoni,S")
    done = assessment_file_import(file_id=file.pk, actor=actor)
    assert (done.added, done.changed, done.rules, done.closed) == (2, 0, 2, 0)
    rule = AllocationRule.objects.get(debt_kind="MULTE")
    assert (rule.permille, rule.valid_from, rule.valid_until) == (1000, date(2026, 1, 1), date(2026, 12, 31))
    assert str(rule.assessment) == "101/2026"
    with pytest.raises(DomainError):
        assessment_file_import(file_id=file.pk, actor=actor)
    assert received(pisa, actor, "2026,PL,101,30200/1,MULTE,Sanzioni,S", "2026,PL,102,30300,CANONI,Canoni,S") == file
    assert Event.objects.filter(action="reconciliation.assessments_imported").count() == 1


def test_a_link_no_longer_active_ends_yesterday(pisa, kinds, actor):
    assessment_file_import(file_id=received(pisa, actor, "2026,PL,101,302,MULTE,Sanzioni,S").pk, actor=actor)
    done = assessment_file_import(file_id=received(pisa, actor, "2026,PL,101,302,MULTE,Sanzioni,N").pk, actor=actor)
    assert done.closed == 1
    assert AllocationRule.objects.get().valid_until == date(2026, 11, 17)


def test_shares_that_exceed_the_whole_are_refused_before_anything_is_written(pisa, kinds, actor):
    assessment_file_import(file_id=received(pisa, actor, "2026,PL,101,302,MULTE,Sanzioni,S").pk, actor=actor)
    file = received(pisa, actor, "2026,PL,102,303,MULTE,Altre sanzioni,S")
    assert "superano 1000" in examine(file).errors[0].message
    with pytest.raises(DomainError):
        assessment_file_import(file_id=file.pk, actor=actor)
    assert RevenueAssessment.objects.count() == 1


def test_two_shares_of_the_same_kind_fit_together(pisa, kinds, actor):
    head = f"{HEAD},quotaPerMille,definitivo,importo"
    rows = ['2026,PL,101,302,MULTE,Vincolata,S,500,N,"1.000,00"', "2026,PL,102,303,MULTE,Libera,S,500,S,"]
    done = assessment_file_import(file_id=received(pisa, actor, *rows, head=head).pk, actor=actor)
    assert done.rules == 2
    bound = RevenueAssessment.objects.get(number="101")
    assert (bound.final, bound.cents) == (False, 100_000)


def test_a_rule_has_one_target(pisa, kinds):
    assessment = RevenueAssessment.objects.create(
        entity=pisa, year=2026, number="1", chapter="30", description="x", source="x"
    )
    for changes in ({"assessment": assessment, "chapter": "30"}, {"chapter": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AllocationRule.objects.create(
                entity=pisa, debt_kind="MULTE", valid_from=date(2026, 1, 1), source="x", **changes
            )


def client_of(entity, role: Role) -> Client:
    user = User.objects.create_user(username=f"libri-{role}-{entity.code}", kind="staff", is_staff=True)
    with scopes_disabled():
        StaffRole.objects.create(entity=entity, user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


def test_the_accountant_uploads_looks_and_brings_in(pisa, kinds):
    client = client_of(pisa, Role.ACCOUNTANT)
    assert "annoEsercizio" in client.get(reverse(UPLOAD)).content.decode()
    content = registry("2026,PL,101,302,MULTE,Sanzioni,S")
    answer = client.post(reverse(UPLOAD), {"entity": pisa.pk, "file": SimpleUploadedFile("r.csv", content)})
    page = client.get(answer["Location"]).content.decode()
    assert "101/2026" in page
    assert "Importa gli accertamenti" in page
    assert "Importato" in client.post(answer["Location"], follow=True).content.decode()
    assert AllocationRule.objects.count() == 1


def test_errors_are_shown_and_nothing_is_offered(pisa, kinds):
    client = client_of(pisa, Role.ACCOUNTANT)
    content = registry("2026,PL,101,302,INVENTATO,Sanzioni,S")
    answer = client.post(reverse(UPLOAD), {"entity": pisa.pk, "file": SimpleUploadedFile("r.csv", content)})
    page = client.get(answer["Location"]).content.decode()
    assert "Questo tipo di dovuto non c" in page
    assert "Importa gli accertamenti</button>" not in page
    assert client.post(reverse(UPLOAD), {"entity": pisa.pk}).status_code == 422


def test_the_form_of_a_rule_refuses_shares_and_targets_that_do_not_fit(pisa, kinds, livorno):
    client = client_of(pisa, Role.ACCOUNTANT)
    mine = RevenueAssessment.objects.create(
        entity=pisa, year=2026, number="1", chapter="30", description="x", source="x"
    )
    add = reverse("admin:payments_reconciliation_allocationrule_add")
    sent = {
        "entity": pisa.pk, "debt_kind": "MULTE", "assessment": mine.pk, "chapter": "", "permille": 1000,
        "valid_from": "2026-01-01", "valid_until": "", "source": "prova", "confirmed_by": "prova",
    }  # fmt: skip
    assert client.post(add, sent | {"chapter": "30"}).status_code == 200
    assert client.post(add, sent | {"debt_kind": "ALTRO"}).status_code == 200
    assert client.post(add, sent | {"entity": livorno.pk}).status_code == 200
    assert AllocationRule.objects.count() == 0
    assert client.post(add, sent).status_code == 302
    page = client.post(add, sent | {"permille": 1, "valid_from": "2026-06-01"}).content.decode()
    assert "superano 1000" in page
    assert AllocationRule.objects.count() == 1
    assert Event.objects.filter(action="reconciliation.setting_changed").count() == 1


def test_one_assessment_a_year_receives_the_doubles(pisa):
    client, add = client_of(pisa, Role.ACCOUNTANT), reverse("admin:payments_reconciliation_revenueassessment_add")
    sent = {
        "entity": pisa.pk, "year": 2026, "number": "900", "chapter": "90100", "description": "Partite di giro",
        "final": "on", "for_duplicates": "on", "source": "prova",
    }  # fmt: skip
    assert client.post(add, sent).status_code == 302
    page = client.post(add, sent | {"number": "901"}).content.decode()
    assert "partita di giro per i doppi in questo esercizio" in page
    assert client.post(add, sent | {"number": "901", "year": 2027}).status_code == 302
    assert RevenueAssessment.objects.filter(for_duplicates=True).count() == 2


@pytest.mark.parametrize("role", [Role.OFFICER, Role.HEAD, Role.ADMINISTRATOR])
def test_other_roles_keep_no_books(pisa, kinds, role):
    client = client_of(pisa, role)
    names = ["allocationrule_add", "allocationrule_changelist", "revenueassessment_changelist", "assessments_upload"]
    assert {client.get(reverse(f"admin:payments_reconciliation_{name}")).status_code for name in names} == {403}


def test_the_demonstration_has_assessments_that_say_they_are_invented(db):
    entity = Entity.objects.create(code="FI", ipa_code="cmfi", fiscal_code="80016450480", name="Città di prova")
    for _again in range(2):
        seed_payments()
        seed_books()
    with scope(entity=entity):
        assessments, rules = RevenueAssessment.objects.all(), AllocationRule.objects.all()
        assert len(assessments) == 7
        assert {row.source for row in (*assessments, *rules)} == {"dimostrativo"}
        assert {rule.confirmed_by for rule in rules} == {"dimostrativo"}
        assert {"TE_ISTRUTTORIA", "TE_BOLLO", "TE_USURA"} <= {rule.debt_kind for rule in rules}
        for rule in rules:
            rule_check(rule)
