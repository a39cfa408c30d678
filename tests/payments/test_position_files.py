"""Positions from a file: kept first, looked at row by row, brought in all or none, never twice."""

from datetime import date
from threading import Barrier, Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.urls import reverse
from django_scopes import scopes_disabled
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.position_rows import COLUMNS, heading, placed, row_of
from payments.formats import position_csv
from payments.formats.position_csv import read_positions
from payments.models import DebtKind, ImportedPosition, Instalment, IuvSequence, Position, PositionFile
from payments.services.imports import position_file_import, position_file_receive
from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.billing.models import Charge
from portal.entities.models import Role
from portal.kernel.errors import DomainError
from portal.outbox.services import carry_due
from tests.factories.platform import make_staff
from tests.payments.node_messages import PlainClient, Receipt, post, send

pytestmark = pytest.mark.usefixtures("every_entity")
HEAD = "id_esterno;codice_fiscale;nome;tipo;importo;descrizione;scadenza;indirizzo;civico;cap;comune;provincia"
MARIO = "A1;RSSMRA60D20F205C;Mario Rossi;TE_BOLLO;48,00;Bollo della pratica 1;31/12/2026;Via Roma;1;56125;Pisa;PI"
FIRM = "A2;01199250158;Àncora & D'Àgata S.r.l.;TE_USURA;1.234,56;Usura della strada;;;;;;"
KINDS = {"TE_BOLLO": "", "TE_USURA": "", "VECCHIO": "Non è più in vigore."}
DESK = Actor("Paola Conti")


def table(*rows, head=HEAD):
    return ("\n".join([head, *rows]) + "\n").encode()


def bring(entity, *rows, name="posizioni.csv"):
    file = position_file_receive(entity=entity, name=name, content=table(*rows), actor=DESK)
    return file, position_file_import(file_id=file.pk, actor=DESK)


def wrong_of(content):
    return [(row["line"], row["column"], row["message"]) for row in read_positions(content, kinds=KINDS).errors]


def desk(entity, role=Role.ACCOUNTANT, name="Paola"):
    client = PlainClient()
    client.force_login(make_staff(entity, role, name=name))
    return client


def url(name, *args):
    return reverse(f"admin:payments_positionfile_{name}", args=args)


# --- reading ---------------------------------------------------------------------------------------------------


def test_a_file_is_read_whatever_its_separator_marks_and_letters():
    rows = [HEAD, MARIO, FIRM]
    plain = "\r\n".join(rows)
    tabs = plain.replace(";", "\t")
    quoted = "\n".join(",".join(f'"{cell}"' for cell in row.split(";")) for row in rows)
    forms = [
        plain.encode(), b"\xef\xbb\xbf" + plain.encode(), plain.encode("cp1252"), plain.encode("utf-16"),
        tabs.encode(), quoted.encode(), ("\n\n" + plain + "\n\n").encode(),
    ]  # fmt: skip
    for content in forms:
        reading = read_positions(content, kinds=KINDS)
        assert reading.errors == []
        assert [row.name for _line, row in reading.rows] == ["Mario Rossi", "Àncora & D'Àgata S.r.l."]
        first, second = (row for _line, row in reading.rows)
        assert (first.cents, first.due_on, first.payer_kind) == (4800, date(2026, 12, 31), "F")
        assert (second.cents, second.due_on, second.payer_kind) == (123456, None, "G")


def test_columns_may_come_in_any_order_with_names_as_people_write_them():
    assert heading(" Codice  Fiscale ") == "codice_fiscale"
    assert heading("Città") == "citta"
    head = "Importo;Causale;Tipo;Debitore;CF;ID;note dell'ufficio"
    reading = read_positions(table("10;Prova;TE_BOLLO;Mario Rossi;rssmra60d20f205c;X1;bla", head=head), kinds=KINDS)
    assert [(row.external_id, row.cents, row.fiscal_code) for _line, row in reading.rows] == [
        ("X1", 1000, "RSSMRA60D20F205C")
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "vuoto"), (b"\n \n", "vuoto"), (b"PK\x03\x04\0\0", "salva il foglio"), (b"\xff\xfe\x00", "leggono"),
        (HEAD.encode(), "non contiene righe"), (b"a;b;c\n1;2;3\n", "mancano le colonne"),
        (table(MARIO, head=HEAD.replace("importo", "totale")), "mancano le colonne: importo"),
        (table(MARIO, head=HEAD + ";importo"), "due volte"),
        (table('A1;"RSS'), "non è un CSV"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_says_why(content, words):
    found = wrong_of(content)
    assert len(found) == 1
    assert words in found[0][2]


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("codice_fiscale", "RSSMRA60D20F205X", "codice fiscale"), ("codice_fiscale", "", "Manca"),
        ("codice_fiscale", "01199250159", "codice fiscale"), ("codice_fiscale", "ANONIMO", "codice fiscale"),
        ("nome", "", "Manca"), ("nome", "x" * 71, "70"), ("nome", "Иван", "alfabeto latino"),
        ("tipo", "NESSUNO", "non c'è"), ("tipo", "VECCHIO", "in vigore"), ("tipo", "te_bollo", "non c'è"),
        ("importo", "0", "centesimo"), ("importo", "0,00", "centesimo"), ("importo", "-5", "importo"),
        ("importo", "48,001", "importo"), ("importo", "1e3", "importo"), ("importo", "=1+1", "importo"),
        ("importo", "99999999", "milioni"), ("importo", "", "Manca"), ("importo", "NaN", "importo"),
        ("descrizione", "x" * 141, "140"), ("descrizione", "", "Manca"),
        ("scadenza", "31/02/2026", "data"), ("scadenza", "2026", "data"), ("scadenza", "01/01/1900", "data"),
        ("scadenza", "12/31/2026", "data"), ("id_esterno", "", "Manca"), ("id_esterno", "x" * 65, "64"),
    ],
)  # fmt: skip
def test_every_wrong_cell_is_told_with_its_row_and_column(column, value, words):
    cells = MARIO.split(";")
    cells[HEAD.split(";").index(column)] = value
    found = wrong_of(table(FIRM, ";".join(cells)))
    assert found[0][:2] == (3, column)
    assert words in found[0][2]


def test_the_limits_themselves_are_good():
    cells = MARIO.split(";")
    cells[2], cells[5], cells[4] = "N" * 70, "D" * 140, "0,01"
    assert wrong_of(table(";".join(cells))) == []


def test_the_same_identifier_twice_in_a_file_is_told():
    assert wrong_of(table(MARIO, FIRM, MARIO)) == [(4, "id_esterno", "Lo stesso identificativo è già alla riga 2.")]


def test_more_cells_than_headings_is_told():
    assert wrong_of(table(MARIO + ";altro"))[0][2] == "La riga ha più celle dell'intestazione."
    assert wrong_of(table(MARIO + ";;;")) == []


def test_a_hundred_thousand_rows_are_refused_without_being_looked_at(monkeypatch):
    content = table(*(MARIO.replace("A1", f"A{number}") for number in range(100_000)))
    found = read_positions(content, kinds=KINDS)
    assert found.errors_count == 1
    assert "10.000 righe" in found.errors[0]["message"]


def test_of_a_thousand_errors_the_first_are_kept_and_all_counted():
    found = read_positions(table(*(f"A{number};x;y;z;w;v" for number in range(1000))), kinds=KINDS)
    assert found.errors_count >= 3000
    assert len(found.errors) == position_csv.MOST_SHOWN


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reading(content):
    reading = read_positions(content, kinds=KINDS)
    assert reading.errors_count or reading.rows


@given(st.dictionaries(st.sampled_from(sorted(COLUMNS)), st.text(max_size=30)))
def test_no_text_breaks_a_row(cells):
    row, wrong = row_of(cells, kinds=KINDS)
    assert (row is None) == bool(wrong)
    assert all(message.endswith(".") for _column, message in wrong)


def test_our_own_headings_are_found_where_they_are():
    names = [column.headings[0] for column in COLUMNS.values()]
    assert placed(names) == {name: place for place, name in enumerate(COLUMNS)}


# --- bringing in -----------------------------------------------------------------------------------------------


def test_every_row_becomes_a_position_that_can_be_paid(pisa):
    _file, reading = bring(pisa, MARIO, FIRM)
    assert (reading.new_rows, reading.known_rows, reading.new_cents) == (2, 0, 128256)
    mario = Position.objects.select_related("charge", "debt_kind").get(debtor_name="Mario Rossi")
    assert (mario.state, mario.debt_kind.code, mario.debtor_address) == (
        "published", "TE_BOLLO", "Via Roma 1, 56125 Pisa PI",
    )  # fmt: skip
    assert (mario.charge.amount_cents, mario.charge.due_on) == (4800, date(2026, 12, 31))
    nav = mario.charge.notice_number
    shares = ((1, "48.00", pisa.fiscal_code, "IT60X0542811101000000123456"),)
    assert post(send(Receipt(nav, transfers=shares))).outcome == "OK"
    mario.refresh_from_db()
    assert mario.state == "paid"
    carry_due()
    assert Event.objects.filter(action="payments.positions_imported").count() == 1


def test_the_same_file_twice_is_kept_once_and_makes_nothing_more(pisa):
    first, _reading = bring(pisa, MARIO, FIRM)
    again, reading = bring(pisa, MARIO, FIRM, name="altro nome.csv")
    assert (first, PositionFile.objects.count(), Position.objects.count()) == (again, 1, 2)
    assert reading.new_rows == 2, "the first reading stays"


def test_rows_already_there_are_skipped_in_another_file(pisa):
    bring(pisa, MARIO)
    _file, reading = bring(pisa, MARIO, FIRM)
    assert (reading.new_rows, reading.known_rows) == (1, 1)
    assert Position.objects.count() == 2


def test_the_same_identifier_with_other_values_stops_the_whole_file(pisa):
    bring(pisa, MARIO)
    with pytest.raises(DomainError, match="errori"):
        bring(pisa, FIRM, MARIO.replace("48,00", "49,00"))
    assert Position.objects.count() == 1
    reading = PositionFile.objects.order_by("-pk")[0].reading
    assert "con dati diversi" in reading.errors[0]["message"]


def test_one_wrong_row_and_nothing_comes_in(pisa):
    with pytest.raises(DomainError):
        bring(pisa, MARIO, FIRM.replace("1.234,56", "zero"))
    assert not Position.objects.exists()
    assert not IuvSequence.objects.exists(), "no number was taken"
    assert PositionFile.objects.count() == 1, "the file is kept all the same"


def test_a_kind_nobody_has_confirmed_is_told_beside_its_row(pisa):
    DebtKind.objects.filter(code="TE_BOLLO").update(confirmed_by="")
    file = position_file_receive(entity=pisa, name="x.csv", content=table(MARIO), actor=DESK)
    assert "conferma" in file.reading.errors[0]["message"]


def test_two_bodies_may_use_the_same_identifier(pisa, firenze):
    bring(pisa, MARIO)
    bring(firenze, MARIO)
    assert Position.objects.count() == 2


def test_the_database_too_takes_an_identifier_once_and_never_changes_a_file(pisa):
    file, _reading = bring(pisa, MARIO)
    row = ImportedPosition.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        ImportedPosition.objects.create(
            entity=pisa, file=file, line=9, external_id="A1", digest="x", position_id=row.position_id
        )
    with pytest.raises(DatabaseError, match="evidence"), transaction.atomic():
        PositionFile.objects.update(name="y")


@pytest.mark.django_db(transaction=True)
def test_two_confirmations_at_once_bring_the_rows_in_once(pisa):
    file = position_file_receive(entity=pisa, name="x.csv", content=table(MARIO, FIRM), actor=DESK)
    barrier = Barrier(4)

    def confirm():
        with scopes_disabled():
            barrier.wait()
            try:
                position_file_import(file_id=file.pk, actor=DESK)
            finally:
                connections.close_all()

    threads = [Thread(target=confirm) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Position.objects.count(), ImportedPosition.objects.count(), Charge.objects.count()) == (2, 2, 2)


def test_the_statements_do_not_grow_with_the_rows(pisa, django_assert_max_num_queries):
    rows = [MARIO.replace("A1", f"B{number}") for number in range(300)]
    file = position_file_receive(entity=pisa, name="x.csv", content=table(*rows), actor=DESK)
    with django_assert_max_num_queries(70):
        position_file_import(file_id=file.pk, actor=DESK)
    assert Instalment.objects.count() == 300


# --- the pages -------------------------------------------------------------------------------------------------


def upload(client, entity, content, name="posizioni.csv"):
    return client.post(url("upload"), {"entity": entity.pk, "file": SimpleUploadedFile(name, content)})


def test_an_accountant_uploads_looks_and_brings_in(pisa):
    client = desk(pisa)
    assert client.get(url("upload")).status_code == 200
    response = upload(client, pisa, table(MARIO, FIRM))
    assert response.status_code == 302
    page = client.get(response["Location"]).content.decode()
    for words in ("Mario Rossi", "1.282,56", "Crea tutte le posizioni"):
        assert words in page
    assert not Position.objects.exists(), "looking creates nothing"
    assert client.post(response["Location"]).status_code == 302
    assert Position.objects.count() == 2
    done = client.get(response["Location"]).content.decode()
    assert "2 posizioni create" in done
    assert "Crea tutte le posizioni" not in done
    made = client.get(
        reverse("admin:payments_position_changelist"), {"imported_from__file": PositionFile.objects.get().pk}
    )
    assert len(made.context["cl"].queryset) == 2
    assert "importato" in client.get(url("changelist")).content.decode()


def test_a_file_with_errors_shows_them_and_offers_no_button(pisa):
    client = desk(pisa)
    where = upload(client, pisa, table(MARIO, FIRM.replace("1.234,56", "zero")))["Location"]
    page = client.get(where).content.decode()
    assert "finché c&#x27;è non si crea nessuna posizione" in page or "finché c'è" in page
    assert "Crea tutte le posizioni" not in page
    client.post(where)
    assert not Position.objects.exists()


def test_the_original_comes_back_byte_for_byte(pisa):
    client = desk(pisa)
    upload(client, pisa, b"\xef\xbb\xbf" + table(MARIO))
    response = client.get(url("download", PositionFile.objects.get().pk))
    assert response.content == b"\xef\xbb\xbf" + table(MARIO)
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("content", [b"", b"x" * (5 * 1024 * 1024 + 1)], ids=["empty", "too large"])
def test_an_empty_or_too_large_file_is_refused_on_the_page(pisa, content):
    assert upload(desk(pisa), pisa, content).status_code == 422
    assert not PositionFile.objects.exists()


def test_only_accountants_of_the_body_bring_in(pisa, firenze):
    where = upload(desk(pisa), pisa, table(MARIO))["Location"]
    file = PositionFile.objects.get()
    administrator = desk(pisa, Role.ADMINISTRATOR)
    assert administrator.get(where).status_code == 200
    assert administrator.post(where).status_code == 403
    assert upload(administrator, pisa, table(FIRM)).status_code == 403
    stranger = desk(firenze)
    assert stranger.get(where).status_code == 404
    assert stranger.post(where).status_code == 404
    assert stranger.get(url("download", file.pk)).status_code == 404
    assert upload(stranger, pisa, table(FIRM)).status_code == 422, "the other body is not among the choices"
    assert desk(pisa, Role.OFFICER).get(url("upload")).status_code == 403
    assert not Position.objects.exists()
