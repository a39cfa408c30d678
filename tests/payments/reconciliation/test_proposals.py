import csv
import io
import json
from collections import Counter
from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scopes_disabled

from payments.models import Receipt
from payments.reconciliation.domain.accounts import Account
from payments.reconciliation.domain.proposals import REJECTS, STATE_LABELS, Reject, State
from payments.reconciliation.exports.layouts import layout_of, layouts
from payments.reconciliation.exports.rows import OrderRow
from payments.reconciliation.models import (
    CollectionOrderLine,
    CollectionOrderProposal,
    CollectionOrderVoid,
    Match,
    ProposalExport,
    Verdict,
)
from payments.reconciliation.selectors.ledger import balances, open_provisionals
from payments.reconciliation.selectors.proposals import counts, judged_lines
from payments.reconciliation.selectors.year_end import year_end
from payments.reconciliation.services.books import Updated, books_update
from payments.reconciliation.services.proposals import (
    Voided,
    orders_void,
    proposal_take_back,
    proposals_approve,
    proposals_export,
)
from portal import clock
from portal.accounts.models import User
from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.entities.models import Role, StaffRole
from portal.kernel.errors import DomainError
from tests.payments.reconciliation.books_of import BookKeeper

IUV, IUR, OTHER = "01000000000004285", "RT-0001", "01000000000004386"
LIST = "admin:payments_reconciliation_collectionorderproposal_changelist"
LEDGER = "admin:payments_reconciliation_ledgerentry_changelist"


@pytest.fixture
def keep(pisa):
    """A flow of a fine split in two and of a fee, credited by one provisional."""
    keeper = BookKeeper(pisa)
    keeper.bound, keeper.free = keeper.assessment("201"), keeper.assessment("202")
    keeper.fees = keeper.assessment("301")
    keeper.rule("MULTE", keeper.bound, 500)
    keeper.rule("MULTE", keeper.free, 500)
    keeper.rule("CANONI", keeper.fees)
    keeper.position(IUV, ("MULTE", 1001))
    keeper.position(OTHER, ("CANONI", 300))
    flow = keeper.flow("F1", (IUV, IUR, 1, 1001), (OTHER, "RT-2", 1, 300))
    keeper.rows = [keeper.receipt(IUV, IUR, 1001), keeper.receipt(OTHER, "RT-2", 300)]
    for seq, row in enumerate(keeper.rows, start=1):
        keeper.meets(flow, seq, row)
    keeper.first = flow
    return keeper


@pytest.fixture
def person(pisa) -> Actor:
    user = User.objects.create_user(username="ragioniera", kind="staff", is_staff=True)
    with scopes_disabled():
        StaffRole.objects.create(entity=pisa, user=user, role=Role.ACCOUNTANT)
    return Actor("Ragioniera", user_id=user.pk)


@pytest.fixture
def client(person) -> Client:
    browser = Client()
    browser.force_login(User.objects.get(pk=person.user_id))
    return browser


@pytest.fixture
def update(pisa, actor):
    return lambda: books_update(entity=pisa, actor=actor, full=True)


def shown(pisa, state=State.DRAFT):
    """Lines in a state: assessment, cents and reason."""
    return {(row.assessment, row.cents, row.reject) for row in judged_lines([pisa.pk], state=state)}


def approve(pisa, person):
    good = [row for row in judged_lines([pisa.pk], state=State.DRAFT) if not row.reject]
    ids = sorted({row.proposal_id for row in good})
    return proposals_approve(entity=pisa, proposal_ids=ids, cents=sum(row.cents for row in good), actor=person)


def test_a_provisional_is_proposed_on_its_assessments(pisa, keep, update, actor):
    keep.credited(keep.first, keep.movement("7", 1301))
    update()
    assert shown(pisa) == {("201/2026", 500, None), ("202/2026", 501, None), ("301/2026", 300, None)}
    assert CollectionOrderProposal.objects.count() == 1
    again = books_update(entity=pisa, actor=actor, full=True)
    assert (again.postings, again.proposals) == (0, 0)


def test_several_credits_share_the_assessments_and_no_cent_is_lost(pisa, keep, update):
    keep.credited(keep.first, keep.movement("7", 700))
    keep.credited(keep.first, keep.movement("8", 601, booked_on=date(2026, 11, 16)))
    update()
    assert shown(pisa) == {
        ("201/2026", 500, None), ("202/2026", 200, None), ("202/2026", 301, None), ("301/2026", 300, None),
    }  # fmt: skip


def test_approving_one_credit_of_a_flow_leaves_the_drafts_of_the_other_as_they_are(pisa, keep, update, person):
    keep.credited(keep.first, keep.movement("7", 700))
    second = keep.movement("8", 601, booked_on=date(2026, 11, 16))
    keep.credited(keep.first, second)
    update()
    chosen = [row for row in judged_lines([pisa.pk], state=State.DRAFT) if row.provisional == "8/2026"]
    ids, cents = {row.proposal_id for row in chosen}, sum(row.cents for row in chosen)
    proposals_approve(entity=pisa, proposal_ids=sorted(ids), cents=cents, actor=person)
    assert shown(pisa) == {("201/2026", 500, None), ("202/2026", 200, None)}
    assert update().proposals == 0


def test_an_order_on_one_credit_of_a_flow_changes_no_other_draft(pisa, keep, update, actor):
    keep.credited(keep.first, keep.movement("7", 700))
    keep.credited(keep.first, keep.movement("8", 601, booked_on=date(2026, 11, 16)))
    update()
    keep.order("31", date(2026, 11, 20), ("8", 601))
    books_update(entity=pisa, actor=actor)
    drafts = shown(pisa)
    assert update() == Updated(postings=0, proposals=0)
    assert ("202/2026", 200, None) in drafts


def test_doubles_are_ordered_on_the_assessment_that_holds_what_is_given_back(pisa, keep, update, actor):
    keep.assessment("901", for_duplicates=True)
    Verdict.objects.create(
        entity=pisa, subject="receipt", receipt=keep.rows[1], key="x", code="duplicate_payment", cents=300,
        since=date(2026, 11, 12), opened_run=keep.run(),
    )  # fmt: skip
    keep.credited(keep.first, keep.movement("7", 1301))
    books_update(entity=pisa, actor=actor)
    assert ("901/2026", 300, None) in shown(pisa)
    assert balances([pisa.pk], on=date(2026, 12, 31)).of(Account.DUPLICATES) == 300
    assert update() == Updated(postings=0, proposals=0)


def test_one_credit_of_two_flows_is_one_proposal(pisa, keep, update):
    keep.position("01000000000004487", ("CANONI", 50))
    second = keep.flow("F2", ("01000000000004487", "RT-3", 1, 50))
    credit = keep.movement("7", 1351)
    keep.credited(keep.first, credit, 1301)
    keep.credited(second, credit, 50)
    update()
    assert ("301/2026", 350, None) in shown(pisa)
    assert CollectionOrderProposal.objects.count() == 1


def test_a_payment_transferred_alone_is_proposed_and_is_within_the_year(pisa, keep, update):
    iuv = "01000000000004588"
    keep.position(iuv, ("MULTE", 99))
    keep.alone(keep.receipt(iuv, "RT-9", 99), keep.movement("9", 99, remittance_kind="single"))
    update()
    assert shown(pisa) == {("201/2026", 49, None), ("202/2026", 50, None)}
    within = {row.label: row.within for row in year_end(pisa.pk, year=2026).rows}
    assert within == {"201/2026": 49, "202/2026": 50, "301/2026": 0}
    assert balances([pisa.pk], on=date(2026, 12, 31)).of(Account.PSP_CLEARING) == 1301


def test_a_payment_linked_to_its_credit_before_a_flow_reported_it_is_counted_once(pisa, keep, update, actor):
    alone, along = "01000000000004588", "01000000000004689"
    keep.position(alone, ("CANONI", 99))
    keep.position(along, ("MULTE", 1000))
    keep.alone(keep.receipt(alone, "RT-8", 99), keep.movement("8", 99))
    update()
    assert shown(pisa) == {("301/2026", 99, None)}
    flow = keep.flow("F2", (alone, "RT-8", 1, 99), (along, "RT-9", 1, 1000))
    keep.meets(flow, 1, Receipt.objects.get(receipt_id="RT-8"))
    keep.meets(flow, 2, keep.receipt(along, "RT-9", 1000))
    books_update(entity=pisa, actor=actor)
    assert sum(cents for _assessment, cents, _reason in shown(pisa)) == 99  # the credit is one
    assert update() == Updated(postings=0, proposals=0)
    keep.credited(flow, keep.movement("9", 1000))
    books_update(entity=pisa, actor=actor)
    ordered = Counter[str]()
    for row in judged_lines([pisa.pk], state=State.DRAFT):
        ordered[row.assessment] += row.cents
    assert ordered == {"301/2026": 99, "201/2026": 500, "202/2026": 500}
    books = balances([pisa.pk], on=date(2026, 12, 31))
    assert (books.zero, books.of(Account.DIFFERENCES)) == (0, 0)
    assert books.of(Account.PSP_CLEARING) == 1301  # of the other flow, which nobody has credited
    assert update() == Updated(postings=0, proposals=0)


def test_a_bad_line_stays_behind_and_the_good_ones_go_on(pisa, keep, update, person):
    Verdict.objects.create(
        entity=pisa, subject="receipt", receipt=keep.rows[1], key="x", code="duplicate_payment", cents=300,
        since=date(2026, 11, 12), opened_run=keep.run(),
    )  # fmt: skip
    keep.credited(keep.first, keep.movement("7", 1301))
    update()
    assert shown(pisa) == {
        ("201/2026", 500, None), ("202/2026", 501, None), ("", 300, Reject.ASSESSMENT_MISSING),
    }  # fmt: skip
    done = approve(pisa, person)
    assert (done.proposals, done.cents, done.left) == (1, 1001, 1)
    assert shown(pisa, State.APPROVED) == {("201/2026", 500, None), ("202/2026", 501, None)}
    assert shown(pisa) == {("", 300, Reject.ASSESSMENT_MISSING)}


@pytest.mark.parametrize(
    ("changes", "reject"),
    [
        ({"final": False}, Reject.NOT_FINAL),
        ({"closed": True}, Reject.YEAR_CLOSED),
        ({"cents": 299}, Reject.ASSESSMENT_SHORT),
        ({"cents": 300}, None),
    ],
)
def test_what_is_wrong_with_an_assessment_holds_its_line_back(pisa, keep, update, changes, reject):
    for name, value in changes.items():
        setattr(keep.fees, name, value)
    keep.fees.save()
    keep.credited(keep.first, keep.movement("7", 1301))
    update()
    assert ("301/2026", 300, reject) in shown(pisa)


def test_what_the_treasurer_has_covered_already_is_not_proposed_twice(pisa, keep, update):
    keep.credited(keep.first, keep.movement("7", 1301))
    keep.order("31", date(2026, 11, 20), ("7", 1301))
    update()
    assert {reject for *_rest, reject in shown(pisa)} == {Reject.ALREADY_REGULARISED}


def test_a_provisional_covered_in_part_has_room_for_the_rest_only(pisa, keep, update):
    keep.credited(keep.first, keep.movement("7", 1301))
    keep.order("31", date(2026, 11, 20), ("7", 700))
    update()
    assert shown(pisa) == {
        ("201/2026", 500, None), ("202/2026", 501, Reject.PROVISIONAL_SHORT),
        ("301/2026", 300, Reject.PROVISIONAL_SHORT),
    }  # fmt: skip


def test_after_the_export_what_changes_is_a_variation_or_a_further_order(pisa, keep, update, person):
    credit = keep.movement("7", 1301)
    keep.credited(keep.first, credit)
    update()
    approve(pisa, person)
    proposals_export(entity=pisa, layout="csv", actor=person)
    assert shown(pisa) == set()
    Verdict.objects.create(
        entity=pisa, subject="receipt", receipt=keep.rows[1], key="x", code="duplicate_payment", cents=300,
        since=date(2026, 11, 12), opened_run=keep.run(),
    )  # fmt: skip
    update()
    assert ("301/2026", -300, Reject.VARIATION) in shown(pisa)
    with pytest.raises(DomainError):
        approve(pisa, person)


def covered_meanwhile(keep, credit):
    keep.order("500", date(2026, 11, 20), ("7", 1301))


def stornato_meanwhile(keep, credit):
    keep.reversal(credit)


def undone_meanwhile(keep, credit):
    Match.objects.filter(movement=credit).update(
        live=False, revoked_at=clock.now(), revoked_run=keep.run(), revoked_reason="sbagliato"
    )


def less_wanted_meanwhile(keep, credit):
    Verdict.objects.create(
        entity=keep.entity, subject="receipt", receipt=keep.rows[1], key="x", code="duplicate_payment", cents=300,
        since=date(2026, 11, 12), opened_run=keep.run(),
    )  # fmt: skip


def closed_meanwhile(keep, credit):
    keep.fees.closed = True
    keep.fees.save()


@pytest.mark.parametrize(
    ("meanwhile", "held"),
    [
        (covered_meanwhile, {Reject.ALREADY_REGULARISED}),
        (stornato_meanwhile, set()),
        (undone_meanwhile, set()),
        (less_wanted_meanwhile, {None, Reject.ASSESSMENT_MISSING}),
        (closed_meanwhile, {None, Reject.YEAR_CLOSED}),
    ],
)
def test_what_changed_after_the_approval_goes_back_and_into_no_file(pisa, keep, update, person, meanwhile, held):
    credit = keep.movement("7", 1301)
    keep.credited(keep.first, credit)
    update()
    approve(pisa, person)
    meanwhile(keep, credit)
    done = proposals_export(entity=pisa, layout="csv", actor=person)
    assert (done.file, done.put_back) == (None, 1)
    assert not ProposalExport.objects.exists()
    assert {reject for *_rest, reject in shown(pisa)} == held
    assert not shown(pisa, State.APPROVED)
    assert update().proposals == 0
    taken = Event.objects.filter(action="reconciliation.proposals_moved", data__action="take_back")
    assert taken.get().data == {"action": "take_back", "proposals": 1, "cents": 1301}


def test_a_file_takes_what_still_holds_and_says_what_went_back(pisa, keep, update, person, client):
    keep.credited(keep.first, keep.movement("7", 700))
    keep.credited(keep.first, keep.movement("8", 601, booked_on=date(2026, 11, 16)))
    update()
    approve(pisa, person)
    keep.order("500", date(2026, 11, 20), ("7", 700))
    made = client.post(reverse("admin:payments_reconciliation_proposals_export"), {"tracciato": "csv"}, follow=True)
    assert "È tornata da approvare 1 proposta" in made.content.decode()
    assert ProposalExport.objects.get().cents == 601
    assert {(row.provisional, row.reject) for row in judged_lines([pisa.pk])} == {
        ("7/2026", Reject.ALREADY_REGULARISED)
    }
    again = client.post(reverse("admin:payments_reconciliation_proposals_export"), {"tracciato": "csv"}, follow=True)
    assert "Non ci sono proposte approvate" in again.content.decode()


def exported(keep, update, person, pisa):
    keep.credited(keep.first, keep.movement("7", 1301))
    update()
    approve(pisa, person)
    return proposals_export(entity=pisa, layout="csv", actor=person).file


def test_an_exported_order_that_was_annulled_is_proposed_again(pisa, keep, update, person):
    file = exported(keep, update, person, pisa)
    keep.order("500", date(2026, 11, 20), ("7", 1301))
    keep.order("500", date(2026, 11, 23), ("7", 1301), operation="STORNATO")
    update()
    assert (open_provisionals([pisa.pk], on=date(2026, 12, 31)), shown(pisa)) == (1301, set())
    one = CollectionOrderLine.objects.get(assessment=keep.fees)
    done = orders_void(export=file, line_ids=[one.pk], reason="annullata, reversale 500", actor=person)
    assert (done, shown(pisa)) == (Voided(1, 300), {("301/2026", 300, None)})
    assert update().proposals == 0
    orders_void(export=file, line_ids=None, reason="annullate tutte", actor=person)
    assert shown(pisa) == {("201/2026", 500, None), ("202/2026", 501, None), ("301/2026", 300, None)}
    approve(pisa, person)
    again = proposals_export(entity=pisa, layout="csv", actor=person)
    assert (again.put_back, again.file.cents) == (0, 1301)
    assert update().proposals == 0
    kept = Event.objects.filter(action="reconciliation.orders_voided").order_by("pk")
    assert [event.data for event in kept] == [{"lines": 1, "cents": 300}, {"lines": 2, "cents": 1001}]


def test_an_order_that_stands_at_the_treasurer_is_not_proposed_again_if_called_annulled(pisa, keep, update, person):
    file = exported(keep, update, person, pisa)
    keep.order("500", date(2026, 11, 20), ("7", 1301))
    update()
    orders_void(export=file, line_ids=None, reason="per errore", actor=person)
    assert {reject for *_rest, reject in shown(pisa)} == {Reject.ALREADY_REGULARISED}


def test_what_is_annulled_leaves_its_room_on_the_assessment(pisa, keep, update, person):
    keep.fees.cents = 300
    keep.fees.save()
    file = exported(keep, update, person, pisa)
    orders_void(export=file, line_ids=None, reason="file perso", actor=person)
    assert ("301/2026", 300, None) in shown(pisa)


def test_an_order_is_annulled_once_with_a_reason_and_by_a_person(pisa, keep, update, person):
    file = exported(keep, update, person, pisa)
    line = CollectionOrderLine.objects.first().pk
    wrong = [
        ([line], " ", person), ([], "x", person), ([line, 10**9], "x", person), ([line], "x", Actor.system("nessuno")),
    ]  # fmt: skip
    orders_void(export=file, line_ids=[line], reason="scartata", actor=person)
    for lines, reason, actor in [*wrong, ([line], "x", person)]:
        with pytest.raises(DomainError):
            orders_void(export=file, line_ids=lines, reason=reason, actor=actor)
    row = CollectionOrderVoid.objects.get()
    assert (row.reason, row.made_by_id) == ("scartata", person.user_id)
    draft = CollectionOrderLine.objects.get(proposal__state=State.DRAFT)
    with pytest.raises(IntegrityError), transaction.atomic():
        CollectionOrderVoid.objects.create(
            entity=pisa, line=draft, reason="x", made_at=clock.now(), made_by_id=person.user_id
        )


def test_the_accountant_says_which_orders_were_annulled(pisa, keep, update, person, client):
    file = exported(keep, update, person, pisa)
    proposal = CollectionOrderProposal.objects.get()
    address = reverse("admin:payments_reconciliation_collectionorderproposal_change", args=[proposal.pk])
    assert "Una reversale è stata annullata o scartata" in client.get(address).content.decode()
    void = reverse("admin:payments_reconciliation_orders_void", args=[file.pk])
    assert client.get(void).status_code == 405
    asked = {"riga": [proposal.lines.get(assessment=keep.fees).pk, "x"], "motivo": "reversale 500 annullata"}
    assert "Segnata annullata o scartata 1 reversale" in client.post(void, asked, follow=True).content.decode()
    assert "reversale 500 annullata" in client.get(address).content.decode()
    whole = reverse("admin:payments_reconciliation_proposalexport_change", args=[file.pk])
    assert "2 reversali conteranno come mai emesse" in client.get(whole).content.decode()
    answer = client.post(void, {"tutto": "1", "motivo": "scartato"}, follow=True).content.decode()
    assert "Segnate annullate o scartate 2 reversali" in answer
    assert "conteranno" not in client.get(whole).content.decode()
    assert "Scegli le reversali" in client.post(void, {"tutto": "1", "motivo": "x"}, follow=True).content.decode()


def test_what_was_seen_is_what_is_approved(pisa, keep, update, person):
    keep.credited(keep.first, keep.movement("7", 1301))
    update()
    ids = list(CollectionOrderProposal.objects.values_list("pk", flat=True))
    for wrong, cents in ((ids, 1300), ([*ids, 10**9], 1301), ([], 0)):
        with pytest.raises(DomainError):
            proposals_approve(entity=pisa, proposal_ids=wrong, cents=cents, actor=person)
    with pytest.raises(DomainError):
        proposals_approve(entity=pisa, proposal_ids=ids, cents=1301, actor=Actor.system("nessuno"))


def test_an_approved_proposal_is_taken_back_and_an_exported_one_is_not(pisa, keep, update, person):
    keep.credited(keep.first, keep.movement("7", 1301))
    update()
    approve(pisa, person)
    proposal_take_back(proposal_id=CollectionOrderProposal.objects.get().pk, actor=person)
    assert len(shown(pisa)) == 3
    approve(pisa, person)
    proposals_export(entity=pisa, layout="json", actor=person)
    with pytest.raises(DomainError):
        proposal_take_back(proposal_id=CollectionOrderProposal.objects.get().pk, actor=person)
    actions = [event.data.get("action") for event in Event.objects.filter(action="reconciliation.proposals_moved")]
    assert sorted(actions) == ["approve", "approve", "take_back"]


def test_the_database_keeps_what_was_approved_and_what_was_exported(pisa, keep, update, person):
    keep.credited(keep.first, keep.movement("7", 1301))
    update()
    approve(pisa, person)
    approved = CollectionOrderProposal.objects.get()
    for change in (
        lambda: CollectionOrderLine.objects.update(cents=1),
        lambda: CollectionOrderLine.objects.create(entity=pisa, proposal=approved, cents=1),
        lambda: CollectionOrderProposal.objects.update(open_cents=1),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    proposals_export(entity=pisa, layout="csv", actor=person)
    for change in (
        lambda: CollectionOrderLine.objects.all().delete(),
        lambda: CollectionOrderProposal.objects.update(state="draft"),
        lambda: ProposalExport.objects.update(rows=0),
        lambda: ProposalExport.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


ROW = OrderRow(
    year=2027, provisional="7", provisional_on=date(2027, 1, 4), assessment_year=2026, assessment="201/3",
    chapter="30200/1", siope="3.02", description="Sanzioni " + "x" * 200, cents=123_456, payer="=Poste; di prova",
)  # fmt: skip


def test_the_files_say_the_same_in_their_own_way():
    text = layout_of("csv").write([ROW]).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text), delimiter=";")
    assert (row["importo"], row["conto_residui"], row["versante"]) == ("1234,56", "S", "'=Poste; di prova")
    assert len(row["causale"]) == 140
    body = json.loads(layout_of("json").write([ROW]))
    assert body["totale_centesimi"] == 123_456
    assert body["reversali"][0]["accertamento"] == {"anno": 2026, "numero": "201/3"}
    (other,) = csv.DictReader(io.StringIO(layout_of("siac_example").write([ROW]).decode()), delimiter=";")
    assert (other["numero_accertamento"], other["numero_subaccertamento"], other["importo"]) == ("201", "3", "1234.56")
    assert [layout.code for layout in layouts() if layout.example] == ["siac_example"]
    with pytest.raises(DomainError):
        layout_of("inventato")


def test_statements_do_not_grow_with_the_rows(pisa, keep, update, actor):
    def statements():
        with CaptureQueriesContext(connection) as queries:
            books_update(entity=pisa, actor=actor)
        return len(queries)

    update()
    keep.credited(keep.first, keep.movement("7", 1301))
    few = statements()
    for number in range(12):
        flow = keep.flow(f"M{number}", (f"02{number:015d}", f"RT-M{number}", 1, 100))
        keep.credited(flow, keep.movement(f"1{number:03d}", 100))
    assert statements() == few
    assert counts([pisa.pk])[State.DRAFT, Reject.ASSESSMENT_MISSING].lines == 12


def test_december_payments_credited_in_january_are_residuals(pisa, keep, update):
    december, january = date(2026, 12, 30), date(2027, 1, 4)
    keep.position("01000000000004588", ("CANONI", 70))
    keep.position("01000000000004689", ("CANONI", 9))
    row = keep.receipt("01000000000004588", "RT-5", 70, day=december)
    keep.receipt("01000000000004689", "RT-6", 9, day=december)
    flow = keep.flow("F9", ("01000000000004588", "RT-5", 1, 70), regulation_date=date(2026, 12, 31))
    keep.meets(flow, 1, row)
    keep.credited(keep.first, keep.movement("7", 1301))
    keep.credited(flow, keep.movement("1", 70, year=2027, booked_on=january))
    update()
    found = year_end(pisa.pk, year=2026)
    rows = {line.label: (line.within, line.after, line.waiting) for line in found.rows}
    assert rows == {"201/2026": (500, 0, 0), "202/2026": (501, 0, 0), "301/2026": (300, 70, 9)}
    assert [line.residual for line in found.rows if line.label == "301/2026"] == [79]
    assert [(row.provisional, row.cents) for row in found.credits] == [("1/2027", 70)]
    assert year_end(pisa.pk, year=2027).rows == []


def test_the_accountant_approves_exports_and_takes_the_file(pisa, keep, update, client):
    keep.credited(keep.first, keep.movement("7", 1301))
    update()
    page = client.get(reverse(LIST)).content.decode()
    assert "Approva tutte le righe pronte" in page
    assert "7/2026" in page
    proposal = CollectionOrderProposal.objects.get()
    detail = client.get(reverse("admin:payments_reconciliation_collectionorderproposal_change", args=[proposal.pk]))
    assert "Entrata 201" in detail.content.decode()
    approve_url = reverse("admin:payments_reconciliation_proposals_approve")
    assert "cambiate" in client.post(approve_url, {"centesimi": "1"}, follow=True).content.decode()
    assert "Approvate 1 proposte" in client.post(approve_url, {"centesimi": "1301"}, follow=True).content.decode()
    made = client.post(
        reverse("admin:payments_reconciliation_proposals_export"), {"tracciato": "siac_example"}, follow=True
    )
    assert "Tracciato di esempio" in made.content.decode()
    export = ProposalExport.objects.get()
    file = client.get(reverse("admin:payments_reconciliation_export_download", args=[export.pk]))
    assert file.content == bytes(export.content)
    assert (export.rows, export.cents) == (3, 1301)
    assert (
        "esportata"
        in client.get(
            reverse("admin:payments_reconciliation_collectionorderproposal_change", args=[proposal.pk])
        ).content.decode()
    )


def test_the_pages_of_the_ledger_tell_balances_postings_and_the_year(pisa, keep, client):
    keep.credited(keep.first, keep.movement("7", 1301))
    assert "non sono aggiornati" in client.get(reverse(LEDGER)).content.decode()
    answer = client.post(reverse("admin:payments_reconciliation_books_update"), follow=True).content.decode()
    assert "I libri sono aggiornati" in answer
    page = client.get(reverse(LEDGER), {"al": "2026-11-30"}).content.decode()
    assert "coincidono" in page
    assert "201/2026" in page
    assert client.get(reverse(LEDGER), {"al": "ieri"}).status_code == 200
    account = reverse("admin:payments_reconciliation_account", args=[Account.ASSESSMENT])
    listed = client.get(account, {"accertamento": keep.bound.pk, "al": "2026-11-30"}).content.decode()
    assert f"Ricevuta 3{IUV}" in listed
    for wrong in ({"accertamento": "x"}, {"accertamento": "9" * 30}, {"accertamento": "999999"}):
        assert client.get(account, wrong).status_code == 404
    assert client.get(reverse("admin:payments_reconciliation_account", args=["inventato"])).status_code == 404
    entry = keep.bound.postings.get().entry_id
    page = client.get(reverse("admin:payments_reconciliation_ledgerentry_change", args=[entry])).content.decode()
    assert "PSP da riversare" in page
    for year in ("2026", "x", "9999"):
        assert client.get(reverse("admin:payments_reconciliation_year_end"), {"anno": year}).status_code == 200


def test_a_rejected_line_says_who_must_act(pisa, keep, update, client):
    keep.fees.final = False
    keep.fees.save()
    keep.credited(keep.first, keep.movement("7", 1301))
    update()
    page = client.get(reverse(LIST), {"scarto": "not_final"}).content.decode()
    assert "Accertamento non definitivo" in page
    assert "Ufficio competente" in page
    assert client.get(reverse(LIST), {"scarto": "inventato"}).status_code == 404
    assert client.get(reverse("admin:payments_reconciliation_proposals_approve")).status_code == 405


def test_every_reason_and_state_has_its_words():
    assert set(REJECTS) == set(Reject)
    assert set(STATE_LABELS) == set(State)
