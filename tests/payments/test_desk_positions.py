"""Positions at the desk: searched, filtered, taken away in a file, suspended, resumed, cancelled."""

import csv
import io
from datetime import date

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.standing import ORDER, standing
from payments.domain.states import Payability, State
from payments.models import Position, ReceiptCase, StationLink
from payments.selectors_desk import option_lines, standing_of, with_everything, with_instalments
from payments.services.desk import position_withdraw
from payments.services.positions import position_suspend
from payments.services.refunds import refund_request
from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.billing.models import Charge
from portal.billing.socket import ChargeLineDraft, Payer, PlannedInstalment
from portal.entities.models import Role
from portal.kernel.errors import DomainError
from tests.factories.platform import make_staff
from tests.payments.node_messages import PlainClient, Receipt, post, send

pytestmark = pytest.mark.usefixtures("every_entity")
IBAN = "IT60X0542811101000000123456"
WEAR = (ChargeLineDraft("usura", "Usura", 9000, "TE_USURA"),)


def desk(entity, role=Role.ACCOUNTANT, name="Paola"):
    client = PlainClient()
    client.force_login(make_staff(entity, role, name=name))
    return client


def url(name, *args):
    return reverse(f"admin:payments_position_{name}", args=args)


def listed(client, **asked):
    return set(client.get(url("changelist"), asked).context["cl"].queryset)


@pytest.fixture
def imported(pisa, charged):
    """A position whose life is decided here."""
    return charged(pisa, source="import:1").option.position


def test_a_position_stands_as_the_best_of_its_instalments():
    assert standing([]) is Payability.NOT_YET
    assert standing([Payability.PAID, Payability.SIBLING_USED]) is Payability.PAID
    assert standing([Payability.EXPIRED, Payability.PAYABLE]) is Payability.PAYABLE
    assert set(ORDER) == set(Payability)


@given(st.lists(st.sampled_from(Payability), min_size=1))
def test_a_position_never_stands_as_none_of_its_instalments(found):
    assert standing(found) in found


@pytest.fixture
def many(pisa, charged):
    rows = {
        "open": charged(pisa, source="import:open", due_on=date(2030, 1, 1)),
        "late": charged(pisa, source="import:late", due_on=date(2020, 1, 1)),
        "stopped": charged(pisa, source="import:stopped", due_on=date(2020, 1, 1)),
        "wear": charged(pisa, source="import:wear", lines=WEAR, due_on=None),
        "paid": charged(pisa, source="import:paid"),
    }
    position_suspend(position_id=rows["stopped"].option.position_id, reason="Ricorso", actor=Actor("P"))
    post(send(Receipt(rows["paid"].nav)))
    return {name: row.option.position for name, row in rows.items()}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"oggi": "aperte"}, {"open", "late", "wear"}),
        ({"oggi": "scadute"}, {"late"}),
        ({"oggi": "sospese"}, {"stopped"}),
        ({"state__exact": "paid"}, {"paid"}),
        ({"tipo": "TE_USURA"}, {"wear"}),
        ({"tipo": "NESSUNO"}, set()),
        ({"link__provider__exact": "node"}, {"open", "late", "stopped", "wear", "paid"}),
        ({"link__provider__exact": "gpd"}, set()),
    ],
)
def test_the_filters_of_the_list(pisa, many, asked, names):
    assert listed(desk(pisa), **asked) == {many[name] for name in names}


def test_a_position_is_found_by_its_number_as_printed_and_by_tax_code(pisa, many, charged):
    other = Payer("F", "BNCGLI85C52G702K", "Giulia Bianchi")
    theirs = charged(pisa, source="import:x", payer=other)
    client = desk(pisa)
    groups = " ".join(theirs.nav[at : at + 4] for at in range(0, 18, 4))
    for words in (theirs.nav, groups, theirs.iuv, "BNCGLI85C52G702K", "bncgli85c52g702k", "Giulia"):
        assert listed(client, q=words) == {theirs.option.position}, words
    assert listed(client, q="3" * 18) == set()
    assert client.get(url("changelist"), {"q": "x" * 5000}).status_code == 200


def test_any_number_of_a_plan_finds_its_position(pisa, charged_many):
    charge = charged_many(
        pisa, plan=(PlannedInstalment(2400, date(2027, 3, 31)), PlannedInstalment(2400, date(2027, 6, 30)))
    )
    position = Position.objects.get(charge=charge)
    client = desk(pisa)
    for option in position.options.all():
        for row in option.instalments.all():
            assert listed(client, q=row.nav) == {position}


def test_the_list_says_how_each_stands_today(pisa, many):
    text = desk(pisa).get(url("changelist")).content.decode()
    for words in ("da pagare", "sospesa", "pagata", "stazione dell&#x27;ente"):
        assert words in text


def test_the_page_shows_all_that_hangs_from_a_position(pisa, charged_many):
    charge = charged_many(
        pisa, plan=(PlannedInstalment(2400, date(2027, 3, 31)), PlannedInstalment(2400, date(2027, 6, 30)))
    )
    position = Position.objects.get(charge=charge)
    first = position.options.get(kind="plan").instalments.get(number=1)
    for letter in "ab":
        shares = ((1, "24.00", pisa.fiscal_code, IBAN),)
        post(send(Receipt(first.nav, receipt_id=letter * 32, amount="24.00", transfers=shares)))
    asker = make_staff(pisa, Role.ACCOUNTANT, name="Chiede")
    refund_request(
        case_id=ReceiptCase.objects.get(state="to_review").pk, cents=2400, beneficiary_name="Mario Rossi", iban=IBAN,
        reason="doppio", actor=Actor("Chiede", user_id=asker.pk),
    )  # fmt: skip
    text = desk(pisa).get(url("change", position.pk)).content.decode()
    for words in ("Rata unica", "Piano rateale", "Rata 1", "Rata 2", "24,00", "a" * 32, "b" * 32, "secondo pagamento",
                  "IT ···· 3456", "sostituita da un&#x27;altra opzione", "RSSMRA60D20F205R", "case:1"):  # fmt: skip
        assert words in text, words


def test_the_queries_of_the_page_do_not_grow(pisa, charged_many, django_assert_max_num_queries):
    charge = charged_many(
        pisa,
        plan=tuple(PlannedInstalment(400, date(2027, month, 28)) for month in range(1, 13)),
    )
    position = Position.objects.get(charge=charge)
    with django_assert_max_num_queries(7):
        whole = with_everything(Position.objects.select_related("charge")).get(pk=position.pk)
        lines = option_lines(whole, on=date(2026, 11, 22))
    assert [len(line.instalments) for line in lines] == [1, 12]
    assert {row.payability for line in lines for row in line.instalments} == {Payability.PAYABLE}
    with django_assert_max_num_queries(3):
        assert standing_of(with_instalments(Position.objects.all()).get(), on=date(2026, 11, 22)) is Payability.PAYABLE


def test_an_accountant_suspends_resumes_and_cancels_with_a_reason(pisa, imported):
    client = desk(pisa)
    page = url("action", imported.pk, "sospendi")
    assert client.get(page).status_code == 200
    assert client.post(page, {"reason": "Ricorso al giudice"}).status_code == 302
    imported.refresh_from_db()
    assert imported.suspension == "Ricorso al giudice"
    assert "Ricorso al giudice" in client.get(url("change", imported.pk)).content.decode()
    assert client.post(url("action", imported.pk, "riprendi")).status_code == 302
    imported.refresh_from_db()
    assert imported.suspended_at is None
    assert client.post(url("action", imported.pk, "annulla"), {"reason": "Emessa per errore"}).status_code == 302
    imported.refresh_from_db()
    assert (imported.state, imported.cancellation) == (State.CANCELLED, "Emessa per errore")
    assert Charge.objects.get().state == "cancelled"
    assert Event.objects.filter(user__isnull=False, action="charge.cancelled").count() == 1


@pytest.mark.parametrize("action", ["sospendi", "annulla"])
@pytest.mark.parametrize("reason", ["", "   ", "x" * 141])
def test_without_a_good_reason_nothing_happens(pisa, imported, action, reason):
    assert desk(pisa).post(url("action", imported.pk, action), {"reason": reason}).status_code == 422
    imported.refresh_from_db()
    assert (imported.state, imported.suspended_at) == (State.PUBLISHED, None)


@pytest.mark.parametrize("source", ["case:1", "fine:1"])
def test_what_belongs_to_a_case_or_a_fine_is_cancelled_there(pisa, charged, source):
    position = charged(pisa, source=source).option.position
    response = desk(pisa).post(url("action", position.pk, "annulla"), {"reason": "x"})
    assert response.status_code == 422
    assert "si annulla dal" in response.content.decode()
    position.refresh_from_db()
    assert position.state == State.PUBLISHED


def test_a_fine_s_suspension_is_taken_off_from_the_fine(pisa, charged):
    position = charged(pisa, source="fine:1").option.position
    position_suspend(position_id=position.pk, reason="Ricorso", actor=Actor("P"))
    response = desk(pisa).post(url("action", position.pk, "riprendi"))
    assert response.status_code == 422
    position.refresh_from_db()
    assert position.suspended_at is not None


def test_a_fine_is_suspended_from_the_fine_alone(pisa, charged):
    position = charged(pisa, source="fine:1").option.position
    response = desk(pisa).post(url("action", position.pk, "sospendi"), {"reason": "Ricorso"})
    assert response.status_code == 422
    position.refresh_from_db()
    assert position.suspended_at is None


def test_a_paid_position_is_neither_suspended_nor_cancelled(pisa, many):
    client, paid = desk(pisa), many["paid"]
    assert "azione/" not in client.get(url("change", paid.pk)).content.decode()
    for action in ("sospendi", "annulla"):
        assert client.post(url("action", paid.pk, action), {"reason": "x"}).status_code == 422
    paid.refresh_from_db()
    assert paid.state == State.PAID
    with pytest.raises(DomainError):
        position_withdraw(position_id=paid.pk, reason="x", actor=Actor("P"))


def test_only_accountants_of_the_body_decide(pisa, firenze, imported):
    page = url("action", imported.pk, "annulla")
    assert desk(pisa, Role.ADMINISTRATOR).post(page, {"reason": "x"}).status_code == 403
    assert desk(pisa, Role.OFFICER).post(page, {"reason": "x"}).status_code == 403
    assert desk(firenze).post(page, {"reason": "x"}).status_code == 404
    assert desk(pisa).post(url("action", imported.pk, "cancella"), {"reason": "x"}).status_code == 404
    imported.refresh_from_db()
    assert imported.state == State.PUBLISHED


def file_of(client, **asked):
    response = client.get(url("csv"), asked)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}")
    return list(csv.DictReader(io.StringIO(text[1:], newline=""), delimiter=";"))


def test_the_file_holds_the_filtered_list_of_the_own_body(pisa, firenze, many, charged):
    charged(firenze, source="import:fi")
    client = desk(pisa)
    rows = file_of(client)
    assert len(rows) == 5
    assert {row["ente"] for row in rows} == {"Provincia di Pisa"}
    late = file_of(client, oggi="scadute")
    assert [(row["importo"], row["scadenza"], row["oggi"], row["codice fiscale"]) for row in late] == [
        ("48,00", "01/01/2020", "da pagare", "RSSMRA60D20F205R")
    ]
    assert Event.objects.filter(action="payments.positions_exported").count() == 2


def test_no_name_in_the_file_is_taken_for_a_formula(pisa, charged):
    payer = Payer("G", "01234567897", '=HYPERLINK("http://x";"y")')
    charged(pisa, payer=payer, description='+39 050; "prova"\nnuova riga')
    row = file_of(desk(pisa))[0]
    assert row["debitore"].startswith("'=")
    assert row["descrizione"].startswith("'+39")


def test_the_file_is_read_in_pieces_and_misses_nobody(pisa, charged, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr("payments.admin.positions.CHUNK", 2)
    navs = {charged(pisa, source=f"import:{number}").nav for number in range(5)}
    rows = file_of(desk(pisa))
    assert {row["codice avviso"] for row in rows} == navs
    assert len(rows) == 5


@pytest.mark.parametrize("asked", [{"state__exact": "x" * 300}, {"entity__id__exact": "zz"}, {"password": "1"}])
def test_wrong_filters_do_not_break_the_file(pisa, imported, asked):
    assert desk(pisa).get(url("csv"), asked).status_code in {200, 302, 400}


def test_officers_take_no_file(pisa, imported):
    assert desk(pisa, Role.OFFICER).get(url("csv")).status_code == 403
    assert StationLink.objects.exists()
