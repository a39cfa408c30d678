"""The desk of the campaigns: prepared, followed and downloaded by the right people of the right body."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django_scopes import scope

from payments.admin.campaign_forms import MOST_NUMBERS, typed_numbers
from payments.domain.campaigns import Action, Output, Selection, Skip, State
from payments.models import Campaign, CampaignPart, DebtKind, Position
from payments.services.campaign_files import campaigns_purge
from payments.services.campaign_work import campaigns_work
from payments.services.campaigns import campaign_create, campaign_move
from payments.services.positions import position_suspend
from portal import clock
from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.entities.models import Role
from tests.factories.platform import make_staff
from tests.payments.node_messages import PlainClient

pytestmark = pytest.mark.usefixtures("every_entity")
CLERK = Actor(label="Anna Neri")
FORM = {"name": "Verbali di marzo", "output": "zip", "volume_size": "500", "source": "case:"}


def desk(entity, role=Role.ACCOUNTANT):
    client = PlainClient()
    client.force_login(make_staff(entity, role))
    return client


def url(name, *args):
    return reverse(f"admin:payments_campaign_{name}", args=args)


@pytest.fixture
def many(pisa, charged):
    return [charged(pisa, source=f"case:{number}") for number in range(11)]


def made(entity, output=Output.ZIP, *, ended=True):
    with scope(entity=entity):
        row = campaign_create(
            entity=entity, name="Prova d'anno", output=output, selection=Selection(source="case:"), actor=CLERK
        )
        if ended:
            campaign_move(campaign_id=row.pk, action=Action.QUEUE, actor=CLERK)
            campaigns_work()
    row.refresh_from_db()
    return row


def test_counting_says_what_would_be_printed_and_keeps_nothing(pisa, many):
    position_suspend(position_id=many[0].option.position_id, reason="Ricorso", actor=CLERK)
    page = desk(pisa).post(url("add"), FORM | {"entity": pisa.pk, "conta": ""}).content.decode()
    assert "10 avvisi da stampare" in page
    assert "1: sospesa" in page
    assert Campaign.objects.count() == 0


def test_the_accountant_prepares_then_starts_and_takes_what_came_out(pisa, many):
    client = desk(pisa)
    page = client.post(url("add"), FORM | {"entity": pisa.pk, "prepara": ""}, follow=True)
    row = Campaign.objects.get()
    assert "11 avvisi da stampare" in page.content.decode()
    assert "Avvia la stampa" in page.content.decode()
    assert client.get(url("action", row.pk, "queue")).status_code == 200
    page = client.post(url("action", row.pk, "queue"), follow=True).content.decode()
    assert "0 di 11 (0%)" in page
    assert "in coda" in page

    campaigns_work()
    page = client.get(url("change", row.pk)).content.decode()
    assert "11 di 11 (100%)" in page
    part = CampaignPart.objects.get(kind="archive")
    assert url("file", row.pk, part.pk) in page
    answer = client.get(url("file", row.pk, part.pk))
    assert answer["Content-Disposition"] == 'attachment; filename="verbali-di-marzo-001.zip"'
    assert "no-store" in answer["Cache-Control"]
    assert b"".join(answer.streaming_content)[:2] == b"PK"
    assert Event.objects.get(action="payments.campaign_downloaded").data == {"part": part.seq}


def test_the_index_names_the_file_of_every_notice(pisa, many):
    row = made(pisa, Output.BOOK)
    answer = desk(pisa).get(url("index", row.pk))
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert lines[1:] == [
        [each.nav, "Mario Rossi", "prova-danno-001.pdf", "1", str(number)] for number, each in enumerate(many, start=1)
    ]


def test_a_name_that_looks_like_a_formula_is_only_a_name(pisa, many):
    Position.objects.filter(pk=many[0].option.position_id).update(debtor_name="=1+1")
    answer = desk(pisa).get(url("index", made(pisa, Output.BOOK).pk))
    assert ";'=1+1;" in answer.content.decode("utf-8-sig")


def test_the_positions_left_out_are_listed_with_the_reason(pisa, many):
    position_suspend(position_id=many[3].option.position_id, reason="Ricorso", actor=CLERK)
    row = made(pisa)
    client = desk(pisa)
    assert "1: sospesa" in client.get(url("change", row.pk)).content.decode()
    lines = client.get(url("skipped", row.pk)).content.decode("utf-8-sig").splitlines()
    assert lines[1:] == [f"{many[3].nav};Mario Rossi;sospesa"]
    assert row.items.get(reason=Skip.SUSPENDED).nav == many[3].nav


def test_single_documents_open_from_the_page(pisa, many):
    row = made(pisa, Output.FILES)
    client = desk(pisa)
    page = client.get(url("change", row.pk)).content.decode()
    document = row.items.get(seq=1).document
    address = reverse("documents:download", args=[document.uuid])
    assert address in page
    assert b"".join(client.get(address).streaming_content)[:5] == b"%PDF-"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": ""}, "Nome della campagna"),
        ({"output": "carta"}, "Che cosa vuoi ottenere"),
        ({"volume_size": "9"}, "Avvisi in ogni volume"),
        ({"volume_size": "1001"}, "Avvisi in ogni volume"),
        ({"created_from": "31/13/2026"}, "Create dal giorno"),
        ({"created_from": "2026-03-02", "created_until": "2026-03-01"}, "viene prima del primo"),
        ({"numbers": "301000000000004286"}, "1 codici hanno un errore"),
        ({"numbers": "ciao; <script>alert(1)</script>"}, "2 codici hanno un errore"),
        ({"source": "x" * 81}, "Origine"),
        ({"kind": "INVENTATO"}, "Tipo di dovuto"),
        ({"source": ""}, "almeno un criterio"),
        ({"source": "nessuno:"}, "Nessuna posizione corrisponde"),
    ],
)
def test_what_makes_no_campaign_is_said_on_the_form(pisa, many, wrong, says):
    answer = desk(pisa).post(url("add"), FORM | {"entity": pisa.pk, "prepara": ""} | wrong)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()
    assert Campaign.objects.count() == 0


def test_numbers_are_typed_as_people_write_them():
    text = "3010 0000 0000 0042 85\r\n301000000000004285,301000000000004285;\t301000000000004285\n\n"
    assert typed_numbers(text) == ["3010 0000 0000 0042 85", *["301000000000004285"] * 3]
    assert typed_numbers("301000000000004285 301000000000004285") == ["301000000000004285"] * 2
    assert typed_numbers(" \n ; ") == []


def test_the_same_number_twice_counts_once_and_another_body_s_number_never(pisa, firenze, many, charged):
    other = charged(firenze, source="case:900")
    numbers = f"{many[0].nav}\n{many[0].nav}\n{other.nav}" if other.nav != many[0].nav else many[0].nav
    answer = desk(pisa).post(
        url("add"), FORM | {"entity": pisa.pk, "conta": "", "source": "", "numbers": numbers}
    ).content.decode()  # fmt: skip
    assert "1 avviso da stampare" in answer
    assert "1 codice non è di questo ente" in answer


def test_more_numbers_than_a_form_can_hold_are_refused(pisa, many):
    numbers = "\n".join(f"{(base := f'301{number:013d}')}{int(base) % 93:02d}" for number in range(MOST_NUMBERS + 1))
    answer = desk(pisa).post(url("add"), FORM | {"entity": pisa.pk, "conta": "", "numbers": numbers})
    assert answer.status_code == 422
    assert "al massimo 20.000" in answer.content.decode()


def test_a_stale_page_moves_nothing(pisa, many):
    row = made(pisa)
    answer = desk(pisa).post(url("action", row.pk, "pause"))
    assert answer.status_code == 422
    assert "nel frattempo lo stato è cambiato" in answer.content.decode()
    row.refresh_from_db()
    assert row.state == State.DONE


@pytest.mark.parametrize("action", ["begin", "finish", "fail", "esplodi"])
def test_the_moves_of_the_workers_have_no_address(pisa, many, action):
    row = made(pisa, ended=False)
    assert desk(pisa).post(url("action", row.pk, action)).status_code == 404


@pytest.mark.parametrize("action", ["queue", "cancel"])
def test_an_administrator_looks_and_does_not_touch(pisa, many, action):
    row = made(pisa, ended=False)
    client = desk(pisa, Role.ADMINISTRATOR)
    assert client.get(url("change", row.pk)).status_code == 200
    assert client.post(url("action", row.pk, action)).status_code == 403
    assert client.get(url("add")).status_code == 403
    row.refresh_from_db()
    assert row.state == State.DRAFT


@pytest.mark.parametrize("role", [Role.OFFICER, Role.HEAD])
def test_who_does_not_read_the_books_sees_no_campaign(pisa, many, role):
    row = made(pisa)
    part = row.parts.get(kind="archive")
    client = desk(pisa, role)
    for address in (
        url("changelist"), url("add"), url("change", row.pk), url("index", row.pk), url("skipped", row.pk),
        url("file", row.pk, part.pk), url("action", row.pk, "cancel"),
    ):  # fmt: skip
        assert client.get(address).status_code in {403, 404}, address


def test_another_body_s_accountant_finds_nothing(pisa, firenze, many):
    row = made(pisa)
    part = row.parts.get(kind="archive")
    client = desk(firenze)
    assert row.name not in client.get(url("changelist")).content.decode()
    for address in (
        url("change", row.pk), url("index", row.pk), url("skipped", row.pk), url("file", row.pk, part.pk),
        url("action", row.pk, "cancel"),
    ):  # fmt: skip
        assert client.get(address).status_code in {302, 403, 404}, address
    answer = client.post(url("add"), FORM | {"entity": pisa.pk, "prepara": ""})
    assert answer.status_code == 422
    assert Campaign.objects.count() == 1


def test_the_parts_of_an_archive_are_not_downloaded_by_themselves(pisa, many):
    row = made(pisa)
    part = row.parts.get(kind="print")
    assert desk(pisa).get(url("file", row.pk, part.pk)).status_code == 404


def test_when_the_files_are_gone_the_page_says_so(pisa, many, time_machine):
    row = made(pisa, Output.BOOK)
    part = row.parts.get()
    client = desk(pisa)
    assert "I file si eliminano il" in client.get(url("change", row.pk)).content.decode()
    time_machine.move_to(clock.now() + timedelta(days=31))
    campaigns_purge()
    client = desk(pisa)
    assert "I file sono stati eliminati il" in client.get(url("change", row.pk)).content.decode()
    assert client.get(url("file", row.pk, part.pk)).status_code == 404


def test_a_failed_campaign_says_why_and_can_be_taken_up_again(pisa, many, settings):
    with scope(entity=pisa):
        row = made(pisa, ended=False)
        campaign_move(campaign_id=row.pk, action=Action.QUEUE, actor=CLERK)
    settings.CAMPAIGN_NOTICE_BYTES = 10**15
    campaigns_work()
    client = desk(pisa)
    page = client.get(url("change", row.pk)).content.decode()
    assert "Non c&#x27;è abbastanza spazio" in page
    assert client.post(url("action", row.pk, "resume")).status_code == 422
    settings.CAMPAIGN_NOTICE_BYTES = 80_000
    assert client.post(url("action", row.pk, "resume")).status_code == 302
    campaigns_work()
    row.refresh_from_db()
    assert row.state == State.DONE


def test_the_list_says_how_far_each_is_without_asking_for_each(pisa, many, django_assert_max_num_queries):
    client, counts = desk(pisa), []
    for _ in range(3):
        made(pisa)
        with django_assert_max_num_queries(60) as queries:
            page = client.get(url("changelist")).content.decode()
        counts.append(len(queries))
    assert "11 di 11" in page
    assert counts[0] == counts[-1]


def test_kinds_of_debt_are_offered_once_each(pisa, many):
    kind = DebtKind.objects.filter(entity=pisa, code="TE_BOLLO").first()
    kind.pk, kind.valid_from = None, clock.today()
    kind.save()
    page = desk(pisa).get(url("add")).content.decode()
    assert page.count('value="TE_BOLLO"') == 1
