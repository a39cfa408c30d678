"""From the desk to the permit: panels, charges, issue, verification, suspension."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
import zxingcpp
from django.conf import settings
from django.test import Client
from django.utils import translation
from django_scopes import scope, scopes_disabled
from PIL import Image
from pypdf import PdfReader

from exceptional_transport.domain.permit_states import Action
from exceptional_transport.handler import ExceptionalTransportHandler
from exceptional_transport.models import FeeRate, LegalFigure, Permit, PermitEvent, WearBracket, WearTable
from exceptional_transport.services.permits import permit_apply
from portal import clock
from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.billing import socket
from portal.billing.models import Charge
from portal.billing.services import charge_settled
from portal.cases.domain.states import State
from portal.cases.models import Case
from portal.cases.services.desk import case_approve, case_issue, case_settle, case_take
from portal.documents.models import Document
from portal.entities.models import Entity, Role, StaffRole
from portal.kernel.errors import DomainError
from portal.messaging.models import Message
from tests.exceptional_transport import pages
from tests.factories.platform import make_entity, make_staff

HANDLER = ExceptionalTransportHandler()
DESK = Actor(label="Paolo Conti")


@dataclass
class PaperBiller:
    """A biller that only gives numbers out."""

    def open(self, charge: Charge, **asked: Any) -> socket.OpenedCharge:
        return socket.OpenedCharge(f"3010000000000{charge.pk % 100000:05d}")

    def cancel(self, charge: Charge) -> None:
        return None

    def page_url(self, charge: Charge) -> str:
        return "/"

    def standings(self, charges: Any, *, on: Any) -> dict[int, socket.Standing]:
        return {}

    def public_url(self) -> str:
        return "/pagamenti/"

    def unasked_url(self) -> str:
        return "/pagamenti/spontanei/"

    def notice_document(self, charge: Charge) -> Document | None:
        return None

    def receipt_document(self, charge: Charge) -> Document | None:
        return None


@pytest.fixture(autouse=True)
def biller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "_billers", [PaperBiller()])


@pytest.fixture
def granted(submitted: Callable[..., Case]) -> Callable[..., Permit]:
    """An application taken, approved, paid and issued."""

    def grant(*, days_later: int = 0, **answers: Any) -> Permit:
        case = submitted(**answers)
        officer = make_staff(case.entity)
        with time_machine.travel(clock.now() + timedelta(days=days_later)), scope(entity=case.entity):
            case_take(case_id=case.pk, user=officer, actor=DESK)
            case_approve(case_id=case.pk, prescriptions=["Solo di notte."], due_on=None, actor=DESK)
            charge = Charge.objects.get(source=case.source)
            charge_settled(charge_id=charge.pk, receipt_reference="RT1", paid_at=clock.now())
            case_settle(case_id=case.pk)
            document = case_issue(case_id=case.pk, actor=DESK)
            return Permit.objects.select_related("case", "document__file", "entity").get(document=document)

    return grant


def panels(case: Case) -> dict[str, dict[str, Any]]:
    with scope(entity=case.entity):
        return {panel.title: panel.context for panel in HANDLER.office_panels(case)}


def apply(permit: Permit, action: Action, reason: str = "Frana sulla SP5") -> Permit:
    with scope(entity=permit.entity):
        return permit_apply(permit_id=permit.pk, action=action, reason=reason, actor=DESK)


def verified(permit: Permit) -> str:
    return Client().get(f"/verifica/{permit.document.verify_token}/").content.decode()


def test_the_office_reads_findings_classification_and_fees(submitted: Callable[..., Case]):
    found = panels(submitted(carico=pages.load(height="4,31")))
    assert [finding.where for finding in found["Verifica del percorso"]["findings"]] == ["SP5 km 0+500, sottovia O1"]
    assert [row[0] for row in found["Classificazione"]["rows"]] == ["Larghezza", "Altezza"]
    assert found["Oneri"]["total"] == 6200
    assert not found["Oneri"]["problem"]


def test_the_pages_of_the_desk_show_the_panels(submitted: Callable[..., Case], client: Client):
    case = submitted(veicoli=pages.heavy())
    office = Client()
    office.force_login(make_staff(case.entity))
    page = office.get(f"/admin/portal_cases/case/pratica/{case.code}/").content.decode()
    for words in ("Verifica del percorso", "non passa", "ponte O2", "tabella mancante", "Massa complessiva"):
        assert words in page, words


def test_over_the_mass_limits_without_a_table_the_approval_is_blocked(submitted: Callable[..., Case]):
    case = submitted(veicoli=pages.heavy())
    assert panels(case)["Oneri"]["wear_missing"]
    with scope(entity=case.entity):
        case_take(case_id=case.pk, user=make_staff(case.entity), actor=DESK)
        with pytest.raises(DomainError) as blocked:
            case_approve(case_id=case.pk, prescriptions=[], due_on=None, actor=DESK)
        assert blocked.value.code == "wear_table_missing"
        assert Case.objects.get(pk=case.pk).state == State.UNDER_REVIEW
        assert not Charge.objects.exists()


@pytest.mark.parametrize(("approved", "lines"), [(False, None), (True, 4)])
def test_only_an_approved_table_in_force_unblocks(submitted: Callable[..., Case], approved: bool, lines: int | None):
    case = submitted(veicoli=pages.heavy())
    with scope(entity=case.entity):
        table = WearTable.objects.create(
            entity=case.entity, name="tabella di prova", method="analytic", multiplier=Decimal("1.5"),
            valid_from=date(2022, 1, 1), source="atto di prova", approved=approved,
        )  # fmt: skip
        WearBracket.objects.create(entity=case.entity, table=table, up_to_kg=108000, unit=Decimal("2"))
        if lines is None:
            with pytest.raises(DomainError):
                HANDLER.charges(case)
        else:
            drafts = HANDLER.charges(case)
            assert len(drafts) == lines
            assert (drafts[-1].code, drafts[-1].cents) == ("wear_indemnity", 1050)  # 2 euro x 3.5 km x 1.5


def test_a_permit_for_dimensions_alone_pays_stamp_duty_and_fee(submitted: Callable[..., Case]):
    case = submitted()
    with scope(entity=case.entity):
        assert [(line.code, line.cents) for line in HANDLER.charges(case)] == [
            ("stamp_duty_application", 1600),
            ("stamp_duty_permit", 1600),
            ("processing_fee", 3000),
        ]


def test_a_rate_or_a_figure_that_nobody_confirmed_blocks_with_a_sentence(submitted: Callable[..., Case]):
    case = submitted()
    with scope(entity=case.entity):
        FeeRate.objects.filter(code="processing_fee").update(confirmed_by="")
    assert "attende la conferma" in panels(case)["Oneri"]["problem"]
    LegalFigure.objects.filter(code="pair_1300_2000_mm").update(confirmed_by="")
    assert "attende la conferma" in panels(case)["Classificazione"]["problem"]


def test_the_library_proposes_what_the_convoy_calls_for(submitted: Callable[..., Case]):
    case = submitted()
    with scope(entity=case.entity):
        offered = {key: proposed for key, _text, proposed in HANDLER.prescriptions(case)}
    assert offered["maltempo"]
    assert offered["scorta"]
    assert not offered["ponti"]


def test_the_permit_is_numbered_and_printed_whole(granted: Callable[..., Permit]):
    permit = granted()
    assert str(permit) == f"1/{clock.today().year}"
    assert permit.case.state == State.GRANTED
    assert permit.prescriptions[0].startswith("In caso di neve, ghiaccio, nebbia")
    assert permit.prescriptions[-1] == "Solo di notte."
    with scope(entity=permit.entity):
        charge = Charge.objects.get(source=permit.case.source)
    with permit.document.file.file.open("rb") as stored:
        text = " ".join("".join(page.extract_text() for page in PdfReader(BytesIO(stored.read())).pages).split())
    for words in (
        f"n. {permit}", "AB123CD", "XA456YZ", "11,50 t", "SP12 di Prova", "1+500", "2,500 km", "Comune di Calci",
        "neve, ghiaccio", "Solo di notte.", "30,00", charge.notice_number[1:], permit.document.verify_token,
    ):  # fmt: skip
        assert words in text, words


def test_the_code_on_the_printed_page_leads_to_the_verification(granted: Callable[..., Permit], tmp_path: Path):
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm (poppler-utils) is not installed: the printed page cannot be read")
    permit = granted()
    printed = tmp_path / "permit.pdf"
    with permit.document.file.file.open("rb") as stored:
        printed.write_bytes(stored.read())
    subprocess.run(["pdftoppm", "-r", "150", "-png", str(printed), str(tmp_path / "page")], check=True)
    codes = []
    for page in sorted(tmp_path.glob("page*.png")):
        with Image.open(page) as image:
            codes += [code.text for code in zxingcpp.read_barcodes(image)]
    assert codes == [f"{settings.PORTAL_BASE_URL}/verifica/{permit.document.verify_token}/"]


def test_the_act_is_italian_whatever_the_officer_reads(granted: Callable[..., Permit]):
    with translation.override("en"):
        permit = granted()
    with permit.document.file.file.open("rb") as stored:
        text = "".join(page.extract_text() for page in PdfReader(BytesIO(stored.read())).pages)
    assert "Prescrizioni" in text


def test_numbers_have_no_gaps_and_start_again_with_the_year(granted: Callable[..., Permit]):
    first, second = granted(), granted()
    assert (first.number, second.number) == (1, 2)
    a_year = {"richiedente": {"kind": "periodic"}, "periodo": pages.period(30, 390)}
    next_year = granted(days_later=366, **a_year)
    assert (next_year.number, next_year.year) == (1, first.year + 1)


def test_a_period_that_has_passed_is_not_issued(submitted: Callable[..., Case]):
    case = submitted()
    with scope(entity=case.entity):
        case_take(case_id=case.pk, user=make_staff(case.entity), actor=DESK)
        case_approve(case_id=case.pk, prescriptions=[], due_on=None, actor=DESK)
        case_settle(case_id=case.pk)
        with time_machine.travel(clock.now() + timedelta(days=90)), pytest.raises(DomainError) as late:
            case_issue(case_id=case.pk, actor=DESK)
        assert late.value.code == "permit_too_late"
        assert not Permit.objects.exists()


def test_anybody_may_know_what_the_permit_is_worth_and_nothing_else(granted: Callable[..., Permit]):
    permit = granted()
    page = verified(permit)
    assert "Autorizzazione non ancora valida" in page
    assert "AB•••CD" in page
    for hidden in ("AB123CD", "Autotrasporti", "Bianchi", "SP5", "Bientina"):
        assert hidden not in page, hidden
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert "Autorizzazione valida" in verified(permit)
    with time_machine.travel(clock.now() + timedelta(days=61)):
        assert "Autorizzazione scaduta" in verified(permit)


def test_suspended_resumed_and_revoked_it_says_so_and_tells_the_holder(granted: Callable[..., Permit]):
    permit = granted()
    apply(permit, Action.SUSPEND)
    assert "Autorizzazione sospesa" in verified(permit)
    apply(permit, Action.RESUME, "Strada riaperta")
    assert "Autorizzazione non ancora valida" in verified(permit)
    apply(permit, Action.REVOKE, "Dati falsi")
    assert "Autorizzazione revocata" in verified(permit)
    with pytest.raises(DomainError):
        apply(permit, Action.RESUME)
    with scopes_disabled():
        told = Message.objects.filter(source=permit.case.source, body__contains=f"n. {permit}")
        assert [message.subject for message in told.order_by("pk")] == [
            "Autorizzazione sospesa",
            "Autorizzazione di nuovo valida",
            "Autorizzazione revocata",
        ]
        assert "Dati falsi" in told.order_by("-pk")[0].body
        assert [row.action for row in PermitEvent.objects.order_by("pk")] == ["suspend", "resume", "revoke"]
    assert Event.objects.filter(action="permit.revoke", subject_id=str(permit.pk)).count() == 1


def test_the_history_of_a_permit_cannot_be_rewritten(granted: Callable[..., Permit]):
    from django.db import DatabaseError, transaction

    permit = granted()
    apply(permit, Action.SUSPEND)
    with scopes_disabled(), pytest.raises(DatabaseError), transaction.atomic():
        PermitEvent.objects.update(reason="altro")


def test_the_office_moves_a_permit_from_its_page(granted: Callable[..., Permit]):
    permit = granted()
    office = Client()
    office.force_login(make_staff(permit.entity))
    url = f"/admin/exceptional_transport/permit/{permit.pk}/stato/"
    assert "Sospensione" in office.get(url).content.decode()
    assert office.post(url, {"action": "suspend", "reason": ""}).status_code == 200
    assert office.post(url, {"action": "resume", "reason": "x"}).status_code == 200
    assert office.post(url, {"action": "suspend", "reason": "Frana"}).status_code == 302
    page = office.get(url).content.decode()
    assert "Frana" in page
    assert "sospesa" in page
    assert office.get("/admin/exceptional_transport/permit/").status_code == 200


def test_the_case_leads_to_the_state_of_its_permit(granted: Callable[..., Permit]):
    permit = granted()
    office = Client()
    office.force_login(make_staff(permit.entity))
    page = office.get(f"/admin/portal_cases/case/pratica/{permit.case.code}/").content.decode()
    assert f"/admin/exceptional_transport/permit/{permit.pk}/stato/" in page
    assert "Autorizzazione non ancora valida" in page


def test_the_panels_cost_a_fixed_number_of_queries(submitted: Callable[..., Case], django_assert_max_num_queries: Any):
    case = submitted(veicoli=pages.heavy())
    panels(case)
    with django_assert_max_num_queries(12):
        panels(case)


def test_another_body_and_other_roles_find_no_permit(granted: Callable[..., Permit]):
    permit = granted()
    url = f"/admin/exceptional_transport/permit/{permit.pk}/stato/"
    stranger = Client()
    stranger.force_login(make_staff(make_entity("FI")))
    assert stranger.get(url).status_code == 404
    assert str(permit) not in stranger.get("/admin/exceptional_transport/permit/").content.decode()
    accountant = Client()
    accountant.force_login(make_staff(permit.entity, Role.ACCOUNTANT))
    assert accountant.post(url, {"action": "revoke", "reason": "x"}).status_code == 403


def test_an_officer_here_with_another_role_there_moves_only_the_permits_here(granted: Callable[..., Permit]):
    permit = granted()
    user = make_staff(make_entity("FI"))
    with scopes_disabled():
        StaffRole.objects.create(entity=permit.entity, user=user, role=Role.ACCOUNTANT)
    both = Client()
    both.force_login(user)
    assert both.get(f"/admin/exceptional_transport/permit/{permit.pk}/stato/").status_code == 403


@pytest.mark.parametrize("page", ["feerate", "weartable", "networkversion", "roadsection", "structure"])
def test_registers_are_read_by_their_body_alone(pisa: Entity, page: str):
    ours, theirs = Client(), Client()
    ours.force_login(make_staff(pisa, Role.HEAD))
    theirs.force_login(make_staff(make_entity("FI"), Role.HEAD))
    assert ours.get(f"/admin/exceptional_transport/{page}/").status_code == 200
    answer = theirs.get(f"/admin/exceptional_transport/{page}/").content.decode()
    assert "SP5" not in answer
    assert "DPR 642" not in answer


def test_the_head_keeps_rates_of_the_own_body_only(pisa: Entity):
    florence = make_entity("FI")
    head = Client()
    head.force_login(make_staff(pisa, Role.HEAD))
    row = {
        "code": "processing_fee",
        "cents": "3500",
        "valid_from": "01/01/2027",
        "source": "delibera",
        "confirmed_by": "x",
    }
    assert head.post("/admin/exceptional_transport/feerate/add/", {**row, "entity": florence.pk}).status_code == 200
    assert head.post("/admin/exceptional_transport/feerate/add/", {**row, "entity": pisa.pk}).status_code == 302
    officer = Client()
    officer.force_login(make_staff(pisa))
    assert officer.post("/admin/exceptional_transport/feerate/add/", {**row, "entity": pisa.pk}).status_code == 403
