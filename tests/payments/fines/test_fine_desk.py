"""The office's pages: files in with their errors, moves with their refusals, each body's office its own."""

from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_scopes import scope, scopes_disabled

from payments.fines.domain.stages import DriverState, Stage
from payments.fines.models import Fine, FineFile, FineImport
from payments.fines.seeds import FINES, seed
from portal.accounts.models import Kind, User
from portal.entities.models import Entity, Office, Role, StaffRole
from portal.outbox.services import carry_due
from tests.payments.fines.conftest import fine_of, numbers_of, take
from tests.payments.fines.fine_files import served, table

pytestmark = pytest.mark.django_db
FINES_PAGE, IMPORTS, UPLOAD = (
    "/admin/payments_fines/fine/", "/admin/payments_fines/fineimport/", "/admin/payments_fines/fineimport/carica/",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _in_march() -> Any:
    with time_machine.travel("2026-03-20T12:00:00+01:00", tick=False):
        yield


def browser(entity: Entity, role: Role = Role.OFFICER, office: str | None = "fines") -> Client:
    user = User.objects.create(username=f"{role}-{entity.code}-{office}", kind=Kind.STAFF, is_staff=True)
    with scopes_disabled():
        place = (
            Office.objects.get_or_create(entity=entity, code=office, defaults={"name": office})[0] if office else None
        )
        StaffRole.objects.create(entity=entity, user=user, role=role, office=place)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def upload(client: Client, entity: Entity, content: bytes, *, kind: str = "acts", name: str = "verbali.csv") -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(UPLOAD, {"entity": entity.pk, "kind": kind, "file": file}, follow=True)


def change(fine: Fine) -> str:
    return f"{FINES_PAGE}{fine.pk}/change/"


def move(client: Client, fine: Fine, name: str, **said: Any) -> Any:
    return client.post(f"{FINES_PAGE}{fine.pk}/azione/{name}/", said, follow=True)


def test_a_file_is_shown_before_it_is_imported_and_a_worker_imports_it(body: Entity):
    client = browser(body)
    text = upload(client, body, table({}, {"numero_verbale": "1002"})).content.decode()
    assert "controllato, da importare" in text
    assert "84,00" in text
    with scopes_disabled():
        assert not Fine.objects.exists()
        reading = FineImport.objects.get()
    assert "Importazione in corso" in client.post(f"{IMPORTS}{reading.pk}/importa/", follow=True).content.decode()
    carry_due()
    text = client.get(f"{IMPORTS}{reading.pk}/change/").content.decode()
    assert "importato" in text
    with scopes_disabled():
        assert Fine.objects.count() == 2
    assert client.get(IMPORTS).status_code == 200
    assert client.get(f"{IMPORTS}{reading.pk}/file/").content == table({}, {"numero_verbale": "1002"})


def test_errors_are_listed_row_by_row_and_nothing_can_be_imported(body: Entity):
    client = browser(body)
    text = upload(
        client, body, table({"targa": ""}, {"numero_verbale": "1002", "importo_minimo": "x"})
    ).content.decode()
    assert "<td>2</td><td>targa</td>" in text
    assert "<td>3</td><td>importo_minimo</td>" in text
    assert "Importa le righe" not in text
    with scopes_disabled():
        reading = FineImport.objects.get()
    assert client.post(f"{IMPORTS}{reading.pk}/importa/", follow=True).status_code == 200
    with scopes_disabled():
        assert FineImport.objects.get().state == "refused"
    assert client.post(f"{IMPORTS}{reading.pk}/ricontrolla/", follow=True).status_code == 200


def test_hostile_text_in_a_file_is_only_text_on_the_page(body: Entity):
    client = browser(body)
    text = upload(client, body, table({"modo_notifica": "<script>alert(1)</script>"}), name='"><img src=x>.csv')
    assert b"<script>alert" not in text.content
    assert b"<img src=x" not in text.content


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"", "acts"), (b"x", "altro"), (b"x" * (10 * 1024 * 1024 + 1), "acts")],
    ids=["empty", "kind", "large"],
)
def test_what_is_no_file_of_ours_is_refused_at_the_door(body: Entity, content: bytes, kind: str):
    assert upload(browser(body), body, content, kind=kind).status_code == 422
    with scopes_disabled():
        assert not FineFile.objects.exists()


def test_a_file_for_another_body_is_not_taken(body: Entity, firenze: Entity):
    assert upload(browser(body), firenze, table({})).status_code == 422


@pytest.mark.parametrize(
    ("role", "office", "reads", "works"),
    [
        (Role.OFFICER, "fines", True, True),
        (Role.HEAD, None, True, True),
        (Role.OFFICER, "transport", False, False),
        (Role.HEAD, "transport", False, False),
        (Role.ACCOUNTANT, None, True, True),
        (Role.ADMINISTRATOR, None, True, False),
    ],
)
def test_each_role_sees_and_does_what_it_may(body: Entity, role: Role, office: str | None, reads: bool, works: bool):
    take(body, table({}))
    fine, client = fine_of(body), browser(body, role, office)
    assert (client.get(change(fine)).status_code == 200) is reads
    assert (client.get(UPLOAD).status_code == 200) is works
    assert (client.get(f"{FINES_PAGE}{fine.pk}/azione/ricorso/").status_code == 200) is works
    if reads:
        assert ("Registra un ricorso" in client.get(change(fine)).content.decode()) is works
    move(client, fine, "annulla", reason="x")
    assert (fine_of(body).stage == Stage.CANCELLED) is works


def test_another_body_finds_nothing(body: Entity, firenze: Entity):
    take(body, table({}))
    fine, client = fine_of(body), browser(firenze)
    with scopes_disabled():
        reading = FineImport.objects.get()
    assert client.get(change(fine)).status_code == 302
    for path in (f"{IMPORTS}{reading.pk}/importa/", f"{IMPORTS}{reading.pk}/ricontrolla/"):
        assert client.post(path).status_code == 404
    assert client.get(f"{IMPORTS}{reading.pk}/file/").status_code == 404
    assert move(client, fine, "annulla", reason="x").status_code == 404
    assert fine_of(body).stage == Stage.OPEN


def test_the_page_of_a_fine_shows_both_numbers_and_what_they_cost_today(body: Entity):
    take(body, table({"data_notifica": "16/03/2026"}))
    text = browser(body).get(change(fine_of(body))).content.decode().replace("\xa0", " ")
    assert "Importo scontato del 30%: " in text
    assert "45,90 €, 21/03/2026, da pagare" in text
    assert "58,50 €, 15/05/2026, da pagare" in text


def test_a_fine_is_served_appealed_and_put_back_from_the_page(body: Entity):
    take(body, table({}))
    client = browser(body)
    move(client, fine_of(body), "notifica", served_on="2026-03-16", how="mail")
    assert str(fine_of(body).served_on) == "2026-03-16"
    move(client, fine_of(body), "ricorso", to="judge")
    assert fine_of(body).stage == Stage.APPEALED
    text = client.get(change(fine_of(body))).content.decode()
    assert "Ricorso respinto" in text
    assert "Registra un ricorso" not in text
    move(client, fine_of(body), "ricorso-respinto")
    assert fine_of(body).stage == Stage.OPEN


def test_a_plan_is_granted_or_refused_with_its_reason(body: Entity):
    take(body, table({"importo_minimo": "400", "importo_massimo": "1600", "data_notifica": "16/03/2026"}))
    client = browser(body)
    text = move(client, fine_of(body), "rate", count="9", income="1000", relatives="0").content.decode()
    assert "da 2 a 4" in text
    move(client, fine_of(body), "rate", count="4", income="1000", relatives="0")
    assert fine_of(body).stage == Stage.IN_INSTALMENTS
    move(client, fine_of(body), "fine-rate")
    assert fine_of(body).stage == Stage.OPEN


@pytest.mark.parametrize(
    ("name", "said", "status"),
    [
        ("notifica", {"served_on": "2026-03-21", "how": "mail"}, 200),
        ("notifica", {"served_on": "ieri", "how": "mail"}, 422),
        ("notifica", {"served_on": "2026-03-16", "how": "piccione"}, 422),
        ("ricorso", {"to": "papa"}, 422),
        ("rate", {"count": "-1", "income": "NaN", "relatives": "0"}, 422),
        ("annulla", {"reason": "   "}, 422),
        ("annulla", {"reason": "x" * 141}, 422),
        ("ricorso-respinto", {}, 200),
        ("altro", {}, 404),
    ],
)
def test_wrong_moves_change_nothing(body: Entity, name: str, said: dict[str, str], status: int):
    take(body, table({}))
    assert move(browser(body), fine_of(body), name, **said).status_code == status
    fine = fine_of(body)
    assert (fine.stage, fine.served_on) == (Stage.OPEN, None)


@pytest.mark.parametrize("query", ["?q=%00", "?q=" + "x" * 500, "?stage__exact=boh", "?o=99", "?p=-1", "?e=1"])
def test_lists_take_any_question(body: Entity, query: str):
    client = browser(body)
    for page in (FINES_PAGE, IMPORTS, "/admin/payments_fines/driverdata/", "/admin/payments_fines/readynotice/"):
        assert client.get(page + query).status_code in {200, 302, 400}


def test_fines_are_found_by_plate_number_and_debtor(body: Entity):
    take(body, table({}, {"numero_verbale": "1002", "targa": "ZZ999ZZ"}))
    client = browser(body)
    assert b"AB123CD" not in client.get(FINES_PAGE + "?q=ZZ999ZZ").content
    assert b"ZZ999ZZ" in client.get(FINES_PAGE + "?q=1002").content
    assert b"ZZ999ZZ" in client.get(FINES_PAGE + "?q=RSSMRA60D20F205C").content
    for row in numbers_of(fine_of(body, "1002")).values():
        assert b"ZZ999ZZ" in client.get(FINES_PAGE + f"?q={row.nav}").content


def test_days_of_service_are_uploaded_too(body: Entity):
    take(body, table({}))
    client = browser(body)
    upload(client, body, served(("1001", "16/03/2026")), kind="served")
    with scopes_disabled():
        reading = FineImport.objects.get(file__kind="served")
    client.post(f"{IMPORTS}{reading.pk}/importa/")
    carry_due()
    assert str(fine_of(body).served_on) == "2026-03-16"


def test_the_demonstration_has_a_fine_in_every_state_and_is_seeded_once(pisa: Entity):
    with time_machine.travel("2026-11-22T12:00:00+01:00", tick=False):
        seed()
        seed()
    with scope(entity=pisa):
        assert FineImport.objects.get().totals["errors"] == []
        assert Fine.objects.count() == len(FINES)
        assert Fine.objects.filter(stage=Stage.APPEALED).count() == 1
        assert Fine.objects.filter(driver=DriverState.MISSING).count() == 2
        assert Fine.objects.exclude(reference="").count() == 3
    assert User.objects.filter(username="verbali.pisa").count() == 1
