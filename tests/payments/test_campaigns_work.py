"""Campaigns carried out by workers that come and go: each position once, whatever happens."""

import csv
import io
import threading
import zipfile
from datetime import date, timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import TestCase
from django_scopes import scope, scopes_disabled
from pypdf import PdfReader

from payments.campaign_selectors import preview, progress_of, results_of, with_progress
from payments.domain import campaigns as rules
from payments.domain.campaigns import Action, Output, Selection, Skip, State
from payments.models import Campaign, CampaignItem, CampaignPart, Notice, Position
from payments.services import campaign_work as work
from payments.services.campaign_files import campaigns_purge
from payments.services.campaigns import campaign_create, campaign_move
from payments.services.positions import position_cancel, position_suspend
from portal import clock
from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.billing.socket import PlannedInstalment
from portal.documents.models import Document, StoredFile
from portal.kernel.errors import DomainError
from portal.kernel.states import MoveNotAllowed
from tests.payments.node_messages import Receipt, post, send

CLERK = Actor(label="Anna Neri")
ALL = Selection(source="case:")


def campaign(entity, output=Output.BOOK, selection=ALL, start=True, **more):
    with scope(entity=entity):
        made = campaign_create(
            entity=entity, name="Verbali di marzo", output=output, selection=selection, actor=CLERK,
            **{"volume_size": 10, **more},
        )  # fmt: skip
        return campaign_move(campaign_id=made.pk, action=Action.QUEUE, actor=CLERK) if start else made


def move(row, action):
    with scope(entity=row.entity):
        return campaign_move(campaign_id=row.pk, action=action, actor=CLERK)


def again(row):
    with scopes_disabled():
        return with_progress(Campaign.objects.filter(pk=row.pk)).get()


def outcomes(row):
    with scopes_disabled():
        return sorted(CampaignItem.objects.filter(campaign=row).values_list("seq", "outcome", "reason"))


def run():
    """A worker's turn, with what it leaves for after the commit."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        return work.campaigns_work()


def purge():
    with TestCase.captureOnCommitCallbacks(execute=True):
        return campaigns_purge()


def opened(stored):
    with stored.file.open() as content:
        return io.BytesIO(content.read())


def results(row):
    with scopes_disabled():
        return [part.file for part in results_of(row)]


def files_on_disk():
    def walk(folder):
        folders, files = default_storage.listdir(folder)
        return [f"{folder}/{name}" for name in files] + [
            found for each in folders for found in walk(f"{folder}/{each}".lstrip("/"))
        ]

    return walk("") if default_storage.exists("") else []


def navs_in(row):
    """Every number in the outputs of a campaign, as often as it is there."""
    found = []
    for stored in results(row):
        if stored.content_type == "application/zip":
            found += [name[7:25] for name in zipfile.ZipFile(opened(stored)).namelist() if name != "index.csv"]
        else:
            found += ["".join(page.extract_text().split()) for page in PdfReader(opened(stored)).pages]
    return found


@pytest.fixture
def many(pisa, charged):
    return [charged(pisa, source=f"case:{number}") for number in range(12)]


def test_a_book_comes_in_volumes_with_every_notice_once(pisa, many):
    row = campaign(pisa)
    run()
    row = again(row)
    assert (row.state, row.printed_sum, row.skipped_sum, row.total) == (State.DONE, 12, 0, 12)
    first, second = results(row)
    assert (first.name, second.name) == ("verbali-di-marzo-001.pdf", "verbali-di-marzo-002.pdf")
    assert (len(PdfReader(opened(first)).pages), len(PdfReader(opened(second)).pages)) == (10, 2)
    printed = navs_in(row)
    assert all(instalment.nav in text for instalment, text in zip(many, printed, strict=True))


def test_an_archive_has_a_pdf_a_notice_and_the_index(pisa, many, monkeypatch):
    monkeypatch.setattr(rules, "PART", 5)
    row = campaign(pisa, Output.ZIP)
    run()
    (stored,) = results(row)
    archive = zipfile.ZipFile(opened(stored))
    index = list(csv.reader(io.StringIO(archive.read("index.csv").decode("utf-8-sig")), delimiter=";"))
    assert index[0] == list(rules.INDEX_HEAD)
    assert [line[0] for line in index[1:]] == [instalment.nav for instalment in many]
    assert all(line[1] == "Mario Rossi" and line[3] == "1" for line in index[1:])
    for line in index[1:]:
        assert len(PdfReader(io.BytesIO(archive.read(line[2]))).pages) == 1
    with scopes_disabled():
        assert StoredFile.objects.count() == 1, "the parts are gone once the archive is there"
    assert len(files_on_disk()) == 1


def test_a_large_archive_is_divided(pisa, many, monkeypatch, settings):
    monkeypatch.setattr(rules, "PART", 5)
    settings.CAMPAIGN_ARCHIVE_BYTES = 1
    row = campaign(pisa, Output.ZIP)
    run()
    assert [stored.name for stored in results(row)] == [f"verbali-di-marzo-00{n}.zip" for n in (1, 2, 3)]
    assert sorted(navs_in(row)) == sorted(instalment.nav for instalment in many)


def test_a_notice_of_many_pages_moves_those_that_follow(pisa, charged, charged_many):
    charged(pisa, source="case:1")
    plan = [PlannedInstalment(400, date(2027, month, 15)) for month in range(1, 13)]
    charged_many(pisa, source="case:2", plan=plan)
    charged(pisa, source="case:3")
    book, parcel = campaign(pisa), campaign(pisa, Output.ZIP)
    run()
    with scopes_disabled():
        first, second, third = CampaignItem.objects.filter(campaign=book).order_by("seq")
    assert (first.pages, first.first_page, second.first_page) == (1, 1, 2)
    assert second.pages > 1
    assert third.first_page == 2 + second.pages
    pages = PdfReader(opened(results(book)[0])).pages
    assert len(pages) == 2 + second.pages == again(book).pages_sum == again(parcel).pages_sum
    assert third.nav in "".join(pages[third.first_page - 1].extract_text().split())
    with zipfile.ZipFile(opened(results(parcel)[0])) as archive:
        assert len(PdfReader(io.BytesIO(archive.read(f"avviso-{second.nav}.pdf"))).pages) == second.pages


def test_single_files_are_the_documents_of_the_positions(pisa, many):
    row = campaign(pisa, Output.FILES)
    run()
    with scopes_disabled():
        items = list(CampaignItem.objects.filter(campaign=row).select_related("document"))
        assert {item.document_id for item in items} == set(Notice.objects.values_list("document", flat=True))
        assert len(items) == Notice.objects.count() == 12
    assert again(row).state == State.DONE
    assert results(row) == []


def test_a_notice_already_printed_for_its_debtor_stays_that_one(pisa, many):
    from payments.services.documents import notice_document

    kept = notice_document(position_id=many[0].option.position_id, entity_id=pisa.pk)
    row = campaign(pisa, Output.FILES)
    run()
    with scopes_disabled():
        assert CampaignItem.objects.get(campaign=row, seq=1).document == kept
        assert Document.objects.count() == 12


def test_whoever_has_paid_is_cancelled_or_suspended_is_left_out_with_the_reason(pisa, many):
    row = campaign(pisa)
    post(send(Receipt(many[0].nav)))
    with scope(entity=pisa):
        position_cancel(charge=many[1].option.position.charge)
        position_suspend(position_id=many[2].option.position_id, reason="Ricorso", actor=CLERK)
    run()
    assert outcomes(row)[:3] == [
        (1, "skipped", Skip.PAID),
        (2, "skipped", Skip.CANCELLED),
        (3, "skipped", Skip.SUSPENDED),
    ]
    assert (again(row).printed_sum, again(row).skipped_sum) == (9, 3)
    assert len(navs_in(row)) == 9


def test_a_text_that_fits_no_notice_stops_only_itself(pisa, many):
    with scopes_disabled():
        Position.objects.filter(pk=many[3].option.position_id).update(debtor_name="山田太郎" * 10, description="")
    row = campaign(pisa)
    run()
    assert again(row).state == State.DONE
    assert again(row).printed_sum + again(row).skipped_sum == 12


def test_the_preview_counts_what_will_be_printed(pisa, many):
    post(send(Receipt(many[0].nav)))
    with scope(entity=pisa):
        position_suspend(position_id=many[2].option.position_id, reason="Ricorso", actor=CLERK)
        seen = preview(ALL, entity_id=pisa.pk)
    assert (seen.total, seen.printed, seen.skipped) == (12, 10, {Skip.PAID: 1, Skip.SUSPENDED: 1})


def test_positions_are_chosen_by_kind_day_origin_and_number(pisa, firenze, many, charged):
    charged(firenze, source="case:900")
    charged(pisa, source="fine:1")
    today = clock.today()
    numbers = (many[4].nav, many[7].nav, "301000000000004285")
    with scope(entity=pisa):
        found = {
            "kind": preview(Selection(kind="TE_BOLLO"), entity_id=pisa.pk),
            "none": preview(Selection(kind="ALTRO"), entity_id=pisa.pk),
            "from": preview(Selection(created_from=today), entity_id=pisa.pk),
            "later": preview(Selection(created_from=today + timedelta(days=1)), entity_id=pisa.pk),
            "until": preview(Selection(created_until=today), entity_id=pisa.pk),
            "earlier": preview(Selection(created_until=today - timedelta(days=1)), entity_id=pisa.pk),
            "fines": preview(Selection(source="fine:"), entity_id=pisa.pk),
            "numbers": preview(Selection(numbers=numbers), entity_id=pisa.pk),
        }
    assert {name: seen.total for name, seen in found.items()} == {
        "kind": 13, "none": 0, "from": 13, "later": 0, "until": 13, "earlier": 0, "fines": 1, "numbers": 2,
    }  # fmt: skip
    assert found["numbers"].unknown_numbers == 1


def test_what_was_printed_once_can_be_left_out_the_next_time(pisa, many, charged):
    campaign(pisa)
    run()
    late = charged(pisa, source="case:99")
    row = campaign(pisa, selection=Selection(source="case:", only_new=True))
    run()
    assert again(row).total == 1
    assert late.nav in navs_in(row)[0]


@pytest.mark.parametrize("selection", [Selection(), Selection(only_new=True), Selection(source="nobody:")])
def test_a_campaign_of_nothing_is_not_made(pisa, many, selection):
    with pytest.raises(DomainError), scope(entity=pisa):
        campaign_create(entity=pisa, name="x", output=Output.ZIP, selection=selection, actor=CLERK)


@pytest.mark.parametrize("size", [0, 9, 1001])
def test_a_volume_has_a_size_a_printer_can_bind(pisa, many, size):
    with pytest.raises(DomainError), scope(entity=pisa):
        campaign_create(entity=pisa, name="x", output=Output.BOOK, selection=ALL, actor=CLERK, volume_size=size)


@pytest.mark.parametrize("action", [Action.BEGIN, Action.FINISH, Action.FAIL])
def test_people_do_not_make_the_moves_of_the_workers(pisa, many, action):
    with pytest.raises(DomainError):
        move(campaign(pisa), action)


def test_a_paused_campaign_prints_nothing_until_it_is_taken_up_again(pisa, many):
    row = campaign(pisa)
    work._begin_waiting()
    part = work._lease()
    with scope(entity=pisa):
        work.part_work(part)
    move(row, Action.PAUSE)
    assert run() == 0
    assert (again(row).state, again(row).printed_sum) == (State.PAUSED, 10)

    move(row, Action.RESUME)
    run()
    row = again(row)
    assert (row.state, row.printed_sum, row.done_at_resume) == (State.DONE, 12, 10)
    assert len(navs_in(row)) == 12


def test_a_part_in_hand_when_the_campaign_is_paused_is_finished(pisa, many):
    row = campaign(pisa)
    work._begin_waiting()
    part = work._lease()
    move(row, Action.PAUSE)
    with scope(entity=pisa):
        work.part_work(part)
    assert again(row).printed_sum == 10


def test_a_campaign_called_off_leaves_no_file(pisa, many):
    row = campaign(pisa)
    work._begin_waiting()
    done, in_hand = work._lease(), None
    with scope(entity=pisa):
        work.part_work(done)
        in_hand = work._lease()
    move(row, Action.CANCEL)
    with scope(entity=pisa):
        work.part_work(in_hand)
    assert run() == 0
    assert purge() == 1
    assert files_on_disk() == []
    assert again(row).state == State.CANCELLED
    with pytest.raises(MoveNotAllowed):
        move(row, Action.RESUME)


def test_a_worker_that_lost_its_part_throws_its_work_away(pisa, many, time_machine):
    row = campaign(pisa)
    work._begin_waiting()
    slow = work._lease()
    time_machine.move_to(clock.now() + work.LEASE + timedelta(seconds=1), tick=True)
    run()
    with scope(entity=pisa):
        work.part_work(slow)
    assert again(row).printed_sum == 12
    assert len(navs_in(row)) == 12
    assert len(files_on_disk()) == 2
    assert Event.objects.filter(action="payments.campaign_part_made").count() == 2


def test_a_part_that_breaks_down_every_time_stops_the_campaign_until_somebody_looks(pisa, many):
    row = campaign(pisa)
    work._begin_waiting()
    with scopes_disabled():
        CampaignPart.objects.filter(seq=1).update(attempts=work.MOST_ATTEMPTS)
    run()
    row = again(row)
    assert row.state == State.FAILED
    assert "parte 1" in row.trouble
    assert run() == 0

    move(row, Action.RESUME)
    run()
    assert (again(row).state, again(row).printed_sum) == (State.DONE, 12)


def test_a_storage_that_fails_is_tried_again_later(pisa, many, settings, tmp_path, time_machine):
    wall = tmp_path / "wall"
    wall.write_text("not a folder")
    good = settings.STORAGES
    settings.STORAGES = {
        **good,
        "default": {**good["default"], "OPTIONS": {"location": str(wall / "media"), "base_url": None}},
    }
    row = campaign(pisa)
    run()
    assert again(row).state == State.RUNNING
    assert again(row).printed_sum == 0
    settings.STORAGES = good
    time_machine.move_to(clock.now() + timedelta(minutes=5), tick=True)
    run()
    assert again(row).state == State.DONE


def test_without_room_on_the_disk_a_campaign_does_not_start(pisa, many, settings):
    draft = campaign(pisa, start=False)
    settings.CAMPAIGN_NOTICE_BYTES = 10**15
    with pytest.raises(DomainError) as refused:
        move(draft, Action.QUEUE)
    assert refused.value.code == "disk_full"
    assert again(draft).state == State.DRAFT


def test_a_disk_that_fills_up_stops_the_campaign_and_says_so(pisa, many, settings):
    row = campaign(pisa)
    settings.CAMPAIGN_NOTICE_BYTES = 10**15
    run()
    assert again(row).state == State.FAILED
    assert "spazio" in again(row).trouble


def test_files_are_deleted_at_their_term_and_the_story_stays(pisa, many, time_machine):
    row = campaign(pisa, Output.ZIP)
    run()
    assert campaigns_purge() == 0
    time_machine.move_to(clock.now() + timedelta(days=31))
    assert purge() == 1
    assert purge() == 0
    assert files_on_disk() == []
    assert results(row) == []
    assert len(outcomes(row)) == 12
    assert again(row).purged_at is not None


def test_progress_is_said_while_a_part_is_in_hand(pisa, many, time_machine):
    row = campaign(pisa)
    work._begin_waiting()
    part = work._lease()
    beat = work.Beat(part)
    beat(3, 1)
    assert progress_of(again(row), now=clock.now()).done == 0  # too early to bother the database
    time_machine.move_to(clock.now() + timedelta(seconds=30))
    with scope(entity=pisa):
        beat(7, 1)
    progress = progress_of(again(row), now=clock.now())
    assert (progress.done, progress.total, progress.percent) == (8, 12, 66)
    assert progress.per_minute > 0
    with scopes_disabled():
        assert CampaignPart.objects.get(pk=part.pk).leased_until > clock.now() + timedelta(seconds=60)


def test_no_more_workers_than_allowed_are_on_campaigns(pisa, many, settings):
    settings.CAMPAIGN_WORKERS = 1
    campaign(pisa)
    work._begin_waiting()
    assert work._lease() is not None
    assert work._lease() is None


def test_the_workers_of_a_body_do_not_touch_another_s(pisa, firenze, many, charged):
    other = charged(firenze, source="case:900")
    row, second = campaign(pisa), campaign(firenze)
    run()
    assert {again(row).state, again(second).state} == {State.DONE}
    assert other.nav in navs_in(second)[0]
    assert len(navs_in(second)) == 1
    with scopes_disabled():
        assert set(CampaignItem.objects.filter(campaign=second).values_list("entity", flat=True)) == {firenze.pk}


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_share_the_parts(pisa, many, monkeypatch, settings):
    monkeypatch.setattr(rules, "PART", 2)
    settings.CAMPAIGN_WORKERS = 3
    row = campaign(pisa, Output.ZIP)

    def hand():
        try:
            work.campaigns_work(turn=timedelta(minutes=2))
        finally:
            connection.close()

    workers = [threading.Thread(target=hand) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    run()
    assert again(row).state == State.DONE
    assert sorted(navs_in(row)) == sorted(instalment.nav for instalment in many)
    with scopes_disabled():
        assert set(CampaignPart.objects.values_list("fence", flat=True)) == {1}
    assert len(files_on_disk()) == 1


def test_a_draft_waits_for_who_made_it(pisa, many):
    row = campaign(pisa, start=False)
    run()
    assert again(row).state == State.DRAFT
    assert Event.objects.get(action="payments.campaign_created").data == {"output": "book", "positions": 12}


def test_created_days_are_those_of_rome(pisa, charged, time_machine):
    time_machine.move_to("2026-03-31T22:30:00+00:00")  # already the 1st of April in Italy
    charged(pisa, source="case:1")
    with scope(entity=pisa):
        assert preview(Selection(created_from=date(2026, 4, 1)), entity_id=pisa.pk).total == 1
        assert preview(Selection(created_until=date(2026, 3, 31)), entity_id=pisa.pk).total == 0
