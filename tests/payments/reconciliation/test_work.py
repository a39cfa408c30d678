"""The accountant's work: who has a problem, what one waits for, what is ignored and why, and what goes back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django_scopes import scope, scopes_disabled

from payments.models import ReceiptCase
from payments.reconciliation.domain.letters import letter
from payments.reconciliation.domain.outcomes import CODES, PROBLEMS, Code, Owner
from payments.reconciliation.domain.work import TRANSITIONS, WORK_LABELS, WorkAction, WorkState, possible
from payments.reconciliation.models import Match, ReportingFlow, TreasuryMovement, Verdict, WorkItem
from payments.reconciliation.selectors.dossier import dossier
from payments.reconciliation.services.linking import Piece, link_by_hand
from payments.reconciliation.services.people import NotAnAccountant, ReasonNeeded
from payments.reconciliation.services.work import (
    DayPassed,
    InOtherHands,
    NothingToWorkOn,
    work_ignore,
    work_reopen,
    work_take,
    work_wait,
)
from portal.accounts.models import User
from portal.audit.models import Event
from portal.entities.models import Role, StaffRole
from portal.kernel.errors import DomainError
from portal.kernel.states import MoveNotAllowed
from tests.payments.reconciliation.books import ACTOR, Books
from tests.payments.reconciliation.builders import DAY, IUF, credit, line, receipt

QUEUE = "admin:payments_reconciliation_queue"
WORK = "admin:payments_reconciliation_work"
DOSSIER = "admin:payments_reconciliation_reconciledreceipt_change"
IUV, IUR = "01000000000004285", "RT-0001"


def staff(entity, name: str, role: Role = Role.ACCOUNTANT) -> User:
    user = User.objects.create_user(username=name, kind="staff", is_staff=True)
    with scopes_disabled():
        StaffRole.objects.create(entity=entity, user=user, role=role)
    return user


def desk(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(client: Client, name: str, *args, **query) -> str:
    return client.get(reverse(name, args=args), query).content.decode().replace("\N{NO-BREAK SPACE}", " ")


def does(call, verdict: Verdict, user: User, **how):
    return call(entity=verdict.entity, verdict_id=verdict.pk, user_id=user.pk, actor=ACTOR, **how)


def problem(kept: Books, code: Code) -> Verdict:
    return kept.standing(code)[0]


@pytest.fixture
def anna(pisa) -> User:
    return staff(pisa, "anna")


@pytest.fixture
def bruno(pisa) -> User:
    return staff(pisa, "bruno")


@pytest.fixture
def troubled(kept) -> Books:
    """A flow credited with a euro less; its payment has a receipt and no position; another receipt is in no flow."""
    receipt(kept.entity, IUV, IUR, 4800)
    receipt(kept.entity, "01000000000004386", "RT-2", 1000)
    kept.flow([line(IUV, IUR, 4800)])
    kept.journal([credit(4700)])
    kept.run()
    return kept


@pytest.fixture
def differs(troubled) -> Verdict:
    return problem(troubled, Code.TREASURY_AMOUNT_DIFFERS)


def test_every_state_has_a_name_and_a_way_back_to_the_queue():
    assert set(WORK_LABELS) == set(WorkState)
    for state in set(WorkState) - {WorkState.OPEN}:
        assert TRANSITIONS[state, WorkAction.REOPEN] is WorkState.OPEN
    assert possible(WorkState.IGNORED) == {WorkAction.REOPEN}


def test_a_problem_is_taken_waits_and_goes_back_and_the_trail_tells_it(differs, anna):
    does(work_take, differs, anna)
    item = does(work_wait, differs, anna, reason="  Scritto al PSP ", due_on=date(2026, 11, 25))
    assert (item.state, item.assignee, item.reason) == ("waiting", anna, "Scritto al PSP")
    item = does(work_reopen, differs, anna)
    assert (item.state, item.assignee_id, item.due_on) == ("open", None, None)
    assert item.reason == "Scritto al PSP"
    told = Event.objects.filter(action="reconciliation.work_changed").order_by("pk")
    assert [(event.data["before"], event.data["after"]) for event in told] == [
        ("open", "taken"), ("taken", "waiting"), ("waiting", "open"),
    ]  # fmt: skip
    assert WorkItem.objects.count() == 1


def test_what_is_ignored_comes_back_only_by_the_contrary_entry(differs, anna):
    does(work_ignore, differs, anna, reason="commissione già concordata")
    for call, how in ((work_take, {}), (work_wait, {"reason": "x"}), (work_ignore, {"reason": "x"})):
        with pytest.raises(MoveNotAllowed):
            does(call, differs, anna, **how)
    assert does(work_reopen, differs, anna).state == "open"
    assert does(work_take, differs, anna).state == "taken"


def test_a_colleague_does_not_work_on_what_somebody_has_but_may_give_it_back(differs, anna, bruno):
    does(work_take, differs, anna)
    for call, how in ((work_take, {}), (work_wait, {"reason": "x"}), (work_ignore, {"reason": "x"})):
        with pytest.raises(InOtherHands, match="anna"):
            does(call, differs, bruno, **how)
    does(work_reopen, differs, bruno)
    assert does(work_take, differs, bruno).assignee == bruno


@pytest.mark.parametrize("call", [work_wait, work_ignore])
def test_without_a_reason_nothing_waits_and_nothing_is_ignored(differs, anna, call):
    with pytest.raises(ReasonNeeded):
        does(call, differs, anna, reason="  ")
    assert not WorkItem.objects.exists()


def test_an_answer_is_not_waited_for_until_a_day_that_is_over(differs, anna):
    with pytest.raises(DayPassed):
        does(work_wait, differs, anna, reason="x", due_on=date(2026, 11, 17))


def test_who_is_no_accountant_of_the_body_works_on_nothing(differs, livorno, pisa):
    for user in (staff(livorno, "di-livorno"), staff(pisa, "dirigente", Role.OFFICER)):
        for call, how in ((work_take, {}), (work_ignore, {"reason": "x"}), (work_reopen, {})):
            with pytest.raises(NotAnAccountant):
                does(call, differs, user, **how)
    assert not WorkItem.objects.exists()


def test_a_problem_of_another_body_is_not_found(differs, livorno):
    user = staff(livorno, "di-livorno")
    with scope(entity=livorno), pytest.raises(NothingToWorkOn):
        work_take(entity=livorno, verdict_id=differs.pk, user_id=user.pk, actor=ACTOR)


def test_what_is_in_order_is_no_work(troubled, anna):
    good = problem(troubled, Code.REPORTED)
    with pytest.raises(NothingToWorkOn):
        does(work_take, good, anna)
    assert desk(anna).get(reverse(WORK, args=[good.pk])).status_code == 404


def test_late_evidence_closes_the_item_with_its_verdict(troubled, differs, anna):
    does(work_take, differs, anna)
    troubled.journal([credit(100)], day=DAY + timedelta(1))
    troubled.run()
    differs.refresh_from_db()
    assert differs.closed_run_id
    with pytest.raises(NothingToWorkOn, match="chiuso da solo"):
        does(work_ignore, differs, anna, reason="x")
    page = text(desk(anna), WORK, differs.pk)
    assert "si è chiuso da solo" in page
    assert 'name="azione"' not in page
    assert "Riversamento di importo diverso" not in text(desk(anna), QUEUE)


@pytest.mark.django_db(transaction=True)
def test_two_who_take_the_same_problem_at_once_are_told_apart(differs, anna, bruno, pisa):
    barrier = Barrier(2, timeout=20)

    def take(user: User) -> str:
        try:
            with scope(entity=pisa):
                barrier.wait()
                does(work_take, differs, user)
            return "ok"
        except DomainError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(take, [anna, bruno]))
    assert said == ["ok", "work_in_other_hands"]
    assert WorkItem.objects.count() == 1


def test_the_queue_counts_by_who_acts_with_euros_and_age(troubled, anna):
    page = text(desk(anna), QUEUE)
    for words in ("PSP", "Ufficio competente", "Riversamento di importo diverso", "Posizione sconosciuta", "giorni"):
        assert words in page
    assert "mancano 1,00 €" in page
    assert IUF in page


def test_the_queue_is_narrowed_by_who_acts_by_code_by_person_and_to_what_is_ignored(troubled, differs, anna, bruno):
    page = text(desk(anna), QUEUE, chi="psp")
    assert "Nessuna posizione dell'ente" not in page.replace("&#x27;", "'")
    assert "mancano 1,00 €" in page
    assert "mancano 1,00 €" not in text(desk(anna), QUEUE, esito="no_position")
    does(work_take, differs, anna)
    assert "mancano 1,00 €" in text(desk(anna), QUEUE, mie="1")
    assert "mancano 1,00 €" not in text(desk(bruno), QUEUE, mie="1")
    does(work_ignore, differs, anna, reason="arrotondamento")
    assert "mancano 1,00 €" not in text(desk(anna), QUEUE)
    ignored = text(desk(bruno), QUEUE, ignorate="1")
    assert "mancano 1,00 €" in ignored
    assert "arrotondamento" in ignored


@pytest.mark.parametrize("query", [{"chi": "nessuno"}, {"esito": "reconciled"}, {"esito": "' OR 1=1"}])
def test_a_choice_that_does_not_exist_is_no_page(anna, query):
    assert desk(anna).get(reverse(QUEUE), query).status_code == 404


def test_a_long_queue_comes_in_pages_and_asks_the_database_the_same(
    kept, anna, bruno, django_assert_max_num_queries
):  # fmt: skip
    for number in range(53):
        receipt(kept.entity, f"02{number:015d}", f"RT-M{number}", 1000)
    kept.run()
    client = desk(anna)
    for verdict in kept.standing(Code.RECEIPT_WITHOUT_FLOW)[:20]:
        does(work_take, verdict, bruno)
    client.get(reverse(QUEUE))
    with django_assert_max_num_queries(16):
        first = text(client, QUEUE, chi="psp")
    second = text(client, QUEUE, chi="psp", p="2")
    assert "Pagina 1 di 2" in first
    assert (first.count("Ricevuta non rendicontata<span"), second.count("Ricevuta non rendicontata<span")) == (50, 3)


def test_nobody_else_reads_the_queue_or_a_problem(differs, pisa, livorno):
    officer = desk(staff(pisa, "ufficio", Role.OFFICER))
    assert officer.get(reverse(QUEUE)).status_code in {302, 403}
    elsewhere = desk(staff(livorno, "di-livorno"))
    assert elsewhere.get(reverse(WORK, args=[differs.pk])).status_code == 404
    assert elsewhere.post(reverse(WORK, args=[differs.pk]), {"azione": "take"}).status_code == 404
    assert IUF not in text(elsewhere, QUEUE)
    assert not WorkItem.objects.exists()


def test_the_page_of_a_problem_takes_waits_and_gives_back(differs, anna, bruno):
    client, address = desk(anna), reverse(WORK, args=[differs.pk])
    assert "Ora te ne occupi tu" in client.post(address, {"azione": "take"}, follow=True).content.decode()
    how = {"azione": "wait", "motivo": "Scritto al PSP", "entro": "2026-11-25"}
    page = client.post(address, how, follow=True).content.decode()
    assert "entro il 25/11/2026" in page
    assert "Scritto al PSP" in page
    other = text(desk(bruno), WORK, differs.pk)
    assert "rimettila prima nella coda" in other
    assert 'value="take"' not in other
    client.post(address, {"azione": "reopen"})
    assert WorkItem.objects.get().state == "open"
    assert text(client, WORK, differs.pk).count("presa in carico") == 1


@pytest.mark.parametrize(
    "written",
    [{}, {"azione": "delete"}, {"azione": "ignore"}, {"azione": "ignore", "motivo": "x" * 301},
     {"azione": "wait", "motivo": "x", "entro": "domani"}, {"azione": "wait", "motivo": "x", "entro": "2026-01-01"}],
)  # fmt: skip
def test_a_step_that_is_not_understood_changes_nothing(differs, anna, written):
    assert desk(anna).post(reverse(WORK, args=[differs.pk]), written).status_code == 302
    assert not WorkItem.objects.exists()


def test_an_answer_that_does_not_come_in_time_stands_out(troubled, differs, anna):
    does(work_wait, differs, anna, reason="Scritto al PSP", due_on=date(2026, 11, 20))
    troubled.on(date(2026, 11, 23))
    assert "la risposta era attesa entro il 20/11/2026" in text(desk(anna), QUEUE)


def test_a_wrong_match_is_taken_back_from_the_page_of_its_flow(differs, anna):
    client, match = desk(anna), Match.objects.get(kind="flow_movement")
    assert "abbinamento è sbagliato" in text(client, WORK, differs.pk)
    answer = client.post(
        reverse("admin:payments_reconciliation_undo", args=[match.pk]), {"motivo": "altro PSP", "voce": differs.pk}
    )
    assert answer["Location"] == reverse(WORK, args=[differs.pk])
    match.refresh_from_db()
    assert not match.live


def test_the_dossier_has_the_same_actions_and_leads_back_to_itself(troubled, anna):
    verdict = problem(troubled, Code.RECEIPT_WITHOUT_FLOW)
    client, page = desk(anna), reverse(DOSSIER, args=[verdict.receipt_id])
    assert "Scrivi al PSP" in client.get(page).content.decode()
    how = {"azione": "take", "ricevuta": verdict.receipt_id}
    assert client.post(reverse(WORK, args=[verdict.pk]), how)["Location"] == page
    assert WorkItem.objects.get().assignee == anna


def test_the_letter_to_the_psp_names_the_documents_and_nobody(troubled, differs, anna):
    page = text(desk(anna), WORK, differs.pk)
    start = page.index("<textarea")
    body = page[start : page.index("</textarea>", start)]
    for words in (IUF, "TRN1201160260177", "12/11/2026", "48,00 €", "47,00 €", "Provincia PI"):
        assert words in body
    assert "mailto:?subject=" in page
    assert IUF in unquote(page[page.index("mailto:") :].split('"', 1)[0])


def test_no_letter_carries_the_text_of_a_transfer_or_the_name_of_who_paid():
    secret = "ROSSI MARIO RSSMRA60D20F205R"
    facts = {"remittance": secret, "customer": secret, "psp": secret, "first_iur": secret, "iuf": IUF, "cents": 100}
    for code in PROBLEMS:
        written = letter(code, facts, body="Provincia", fiscal_code="80000000010")
        assert written is None or secret not in f"{written.subject}{written.body}{unquote(written.mailto)}"


def test_there_is_a_letter_for_whoever_is_outside_the_body():
    outside = {Owner.PSP, Owner.INTERMEDIARY, Owner.TREASURER}
    for code in PROBLEMS:
        written = letter(code, {"iuf": IUF}, body="Provincia", fiscal_code="80000000010")
        assert (written is not None) == (CODES[code].owner in outside), code


def test_a_missing_receipt_is_asked_for_with_its_numbers(kept, owed, anna):
    notice = owed()
    kept.flow([line(notice.iuv, IUR, 4800)])
    kept.run()
    page = text(desk(anna), WORK, problem(kept, Code.FLOW_WITHOUT_RECEIPT).pk)
    assert "Scrivi per avere la ricevuta" in page
    assert f"IUV: {notice.iuv}" in page
    assert f"(IUR): {IUR}" in page


def test_money_that_names_no_flow_is_asked_of_the_treasurer_without_its_text(kept, anna):
    kept.journal([credit(4700, f"/PUR/LGPE-RIVERSAMENTO/URI/{IUF[:8]} MARIO ROSSI")])
    kept.run()
    found = [row for row in kept.standing() if row.subject == "movement" and row.code in PROBLEMS]
    page = text(desk(anna), WORK, found[0].pk)
    start = page.index("<textarea")
    assert "MARIO ROSSI" not in page[start : page.index("</textarea>", start)]
    assert "BANK0000000001" in page


def test_a_second_payment_leads_to_the_refund_of_its_receipt(kept, owed, anna):
    notice = owed()
    rows = [receipt(kept.entity, notice.iuv, f"RT-{number}", 4800) for number in (1, 2)]
    kept.run()
    verdict = problem(kept, Code.DUPLICATE_PAYMENT)
    assert "non è ancora arrivata" in text(desk(anna), WORK, verdict.pk)
    second = next(row for row in rows if row.pk == verdict.receipt_id)
    case = ReceiptCase.objects.create(entity=kept.entity, receipt=second, instalment=notice)
    page = text(desk(anna), WORK, verdict.pk)
    assert "Segna come doppio e chiedi il rimborso" in page
    assert reverse("admin:payments_receiptcase_refund", args=[case.pk]) in page


def test_the_documents_of_a_problem_stand_side_by_side_with_what_differs(differs, anna):
    client = desk(anna)
    current = Verdict.objects.filter(closed_run=None, code__in=PROBLEMS).exclude(subject="journal")
    assert {"flow", "movement"} & {verdict.subject for verdict in current}
    for verdict in current:
        page = text(client, WORK, verdict.pk)
        assert '<div class="recon-documents">' in page
        assert "Movimento di tesoreria" in page
    assert '<span class="recon-mark recon-different">diverso</span>' in text(client, WORK, differs.pk)


def test_a_hand_made_match_stays_on_the_page_of_the_problem_after_a_revision(kept, owed, anna):
    notice = owed()
    row = receipt(kept.entity, notice.iuv, IUR, 4800)
    kept.flow([line(notice.iuv, IUR, 4800)])
    kept.journal([credit(4700, "ACCREDITO")])
    kept.run()
    money, flow = TreasuryMovement.objects.get(remittance="ACCREDITO"), ReportingFlow.objects.get()
    pieces = [Piece(money.pk, 4700, flow_id=flow.pk)]
    link_by_hand(entity=kept.entity, pieces=pieces, reason="Lo dice l'estratto", user_id=anna.pk, actor=ACTOR)
    kept.flow([line(notice.iuv, IUR, 4800)], revision=2)
    kept.run()
    match, wrong = Match.objects.get(rule="by_hand"), problem(kept, Code.TREASURY_AMOUNT_DIFFERS)
    assert wrong.flow.revision == 2
    undo = reverse("admin:payments_reconciliation_undo", args=[match.pk])
    page = text(desk(anna), WORK, wrong.pk)
    assert undo in page
    assert "nessun movimento del giornale di cassa porta questo flusso" not in page
    page = text(desk(anna), DOSSIER, row.pk)
    assert page.count(undo) == 1
    (card, replaced) = sorted(
        dossier(entity_ids=[kept.entity.pk], receipt_id=row.pk).flows, key=lambda c: not c.current
    )
    assert ([each.match for each in card.credits], replaced.credits) == ([match], [])
