"""Every planted fault is found, nothing else is, and money is conserved to the cent: on many small years."""

import json
import random
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django_scopes import scope, scopes_disabled

from payments.domain.codes import issue
from payments.reconciliation.models import Channel, Verdict
from payments.reconciliation.services.books import Updated, books_update, reconcile_and_book
from payments.reconciliation.services.ingest import ingest_many
from payments.reconciliation.services.matching import reconcile
from payments.reconciliation.synthesis import layout
from payments.reconciliation.synthesis.loading import ACTOR, load_evidence, load_offices
from payments.reconciliation.synthesis.loading_outside import load_outside
from payments.reconciliation.synthesis.recipe import Recipe
from payments.reconciliation.synthesis.verifying import Verification, verify
from payments.reconciliation.synthesis.year import make_year


def small(seed: int) -> Recipe:
    return Recipe(seed, 0.001, first=date(2025, 8, 1), minimum=1)


def written(recipe: Recipe, folder):
    layout.write_year(recipe, make_year(recipe), folder)
    return folder


def reconciled(folder, *, shuffle: int | None = None) -> list[str]:
    """Everything loaded and judged; the fingerprints of the runs."""
    hashes = []
    for body in load_offices(folder):
        load_evidence(body.place, folder, shuffle=shuffle)
        load_outside(body.place, folder)
        with scope(entity=body.place.entity):
            hashes.append(reconcile(entity=body.place.entity, actor=ACTOR).hash)
    return hashes


@pytest.mark.parametrize("seed", range(1, 21))
def test_every_fault_is_found_and_nothing_else(db, tmp_path, seed):
    folder = written(small(seed), tmp_path / "year")
    reconciled(folder)
    found = verify(layout.read(folder / layout.TRUTH), folder)
    assert found.missed == found.invented == []
    assert found.money == []
    assert found.perfect


def rolled_back(work) -> list[str]:
    """What some work gives, without leaving anything behind."""
    with transaction.atomic():
        found = work()
        transaction.set_rollback(True)
    return found


def in_many_goes(folder) -> list[str]:
    """A few documents at a time, some of them twice, each time with a run and the books. A full run then finds nothing
    to say, and full books nothing to write.
    """
    hashes = []
    for body in load_offices(folder):
        entity, paths = body.place.entity, layout.evidence(folder, body.place.entity.fiscal_code)
        random.Random(3).shuffle(paths)
        step = len(paths) // 4 + 1
        with scope(entity=entity):
            for start in range(0, len(paths), step):
                some = paths[max(0, start - 5) : start + step]
                files = [(f"again-{path.name}", path.read_bytes()) for path in some]
                ingest_many(entity=entity, files=files, channel=Channel.UPLOAD, actor=ACTOR)
                load_outside(body.place, folder)
                run = reconcile_and_book(entity=entity, actor=ACTOR)
            again = reconcile(entity=entity, actor=ACTOR, full=True)
            assert (again.opened, again.closed, again.counts, again.revoked) == ({}, {}, {}, 0)
            assert books_update(entity=entity, actor=ACTOR, full=True) == Updated(postings=0, proposals=0)
            assert again.hash == run.hash
            hashes.append(run.hash)
    return hashes


def test_neither_order_nor_repetition_nor_haste_changes_the_fingerprint(db, tmp_path):
    folder = written(small(4), tmp_path / "year")
    plain = rolled_back(lambda: reconciled(folder))
    assert rolled_back(lambda: reconciled(folder, shuffle=5)) == plain
    assert rolled_back(lambda: in_many_goes(folder)) == plain


@pytest.fixture
def judged(db, tmp_path):
    folder = written(small(4), tmp_path / "year")
    reconciled(folder)
    return folder


def changed(folder, change) -> Verification:
    truth = layout.read(folder / layout.TRUTH)
    change(truth)
    return verify(truth, folder)


def test_what_is_missed_is_said(judged):
    def ask_for_more(truth):
        row = next(row for row in truth["problems"] if row["code"] == "revoked")
        truth["problems"].append(row | {"key": row["key"] | {"iur": "nobody"}})

    found = changed(judged, ask_for_more)
    assert [each.code for each in found.missed] == ["revoked"]
    (score,) = [score for score in found.scores if score.code == "revoked"]
    assert (score.recall, score.precision) == (50.0, 100.0)
    assert not found.perfect


def test_what_is_invented_is_said(judged):
    def forget(truth):
        truth["problems"] = [row for row in truth["problems"] if row["code"] != "journal_gap"]

    found = changed(judged, forget)
    assert {each.code for each in found.invented} == {"journal_gap"}
    assert not found.perfect


def test_a_cent_more_is_said(judged):
    def one_more(truth):
        truth["problems"][0]["cents"] += 1
        truth["money"]["80000410508"]["lines"] += 1

    found = changed(judged, one_more)
    assert sum(score.other_cents for score in found.scores) == 1
    assert len(found.money) == 1
    assert not found.perfect


def test_cents_may_be_left_out(judged):
    def without(truth):
        for row in truth["problems"]:
            del row["cents"]
        del truth["money"]

    assert changed(judged, without).perfect


def test_the_commands_work_one_after_the_other(db, tmp_path):
    out, folder = StringIO(), tmp_path / "year"
    call_command("synth_year", seed=4, scale=0.001, first=date(2025, 8, 1), out=folder, stdout=out)
    call_command("ingest_evidence", folder, shuffle=1, stdout=out)
    call_command("reconcile", stdout=out)
    call_command("reconcile_verify", folder / "truth.json", stdout=out)
    assert "il denaro torna al centesimo" in out.getvalue()
    with scopes_disabled():
        assert Verdict.objects.exists()


def test_nothing_judged_is_not_the_truth(db, tmp_path):
    out, folder = StringIO(), tmp_path / "year"
    call_command("synth_year", seed=4, scale=0.001, first=date(2025, 8, 1), out=folder, stdout=out)
    with pytest.raises(CommandError, match="non sono quelli"):
        call_command("reconcile_verify", folder / "truth.json", stdout=out)
    assert "non trovato: " in out.getvalue()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"problems": [{"code": "revoked"}]}'])
def test_a_truth_that_is_none_is_refused(db, tmp_path, text):
    (tmp_path / "truth.json").write_text(text)
    with pytest.raises(CommandError, match="non si legge"):
        call_command("reconcile_verify", tmp_path / "truth.json")


def test_a_folder_of_nothing_is_refused(db, tmp_path):
    with pytest.raises(CommandError, match=r"bodies\.json"):
        call_command("ingest_evidence", tmp_path)


@pytest.mark.parametrize("text", ["{", '{"bodies": [{}], "kinds": {}}', '{"bodies": [{"fiscal_code": "80000410508"}]}'])
def test_bodies_without_their_shape_are_refused(db, tmp_path, text):
    (tmp_path / "bodies.json").write_text(text)
    with pytest.raises(CommandError, match="forma prescritta"):
        call_command("ingest_evidence", tmp_path)


def test_a_folder_of_another_program_is_loaded(db, tmp_path):
    """Written by hand, as docs/reconciliation-data.md says: a new body with one receipt and no flow."""
    own = tmp_path / "90000000028"
    own.mkdir()
    account = {"code": "1", "description": "Conto", "iban": "IT60X0542811101000000123456"}
    body = {
        "fiscal_code": "90000000028", "code": "XY", "ipa_code": "c_xy", "name": "Comune di prova",
        "segregation_codes": [7], "accounts": [account],
    }  # fmt: skip
    (tmp_path / "bodies.json").write_text(json.dumps({"bodies": [body], "kinds": {"CANONE": "Canone"}}))
    part = {"cents": 5000, "beneficiary": "90000000028", "iban": account["iban"]}
    nav = issue(segregation_code=7, sequence=1).nav
    notice = {"nav": nav, "due_on": None, "dated": [], "transfers": [part | {"kind": "CANONE"}]}
    position = {
        "description": "Canone", "debtor": {"kind": "G", "fiscal_code": "90000000010", "name": "Ditta"},
        "created_on": "2025-03-01", "cancelled_on": None,
        "options": [{"refused_after_due": False, "notices": [notice]}],
    }  # fmt: skip
    receipt = {
        "nav": nav, "iuv": nav[1:], "receipt_id": "abc", "issuer": "90000000028", "notification_fee": 0,
        "paid_at": "2025-03-05T10:00:00+01:00", "psp": {"id": "PSP", "name": "PSP"}, "transfers": [part | {"seq": 1}],
    }  # fmt: skip
    (own / "positions.jsonl").write_text(json.dumps(position) + "\n")
    (own / "receipts.jsonl").write_text(json.dumps(receipt) + "\n\n")
    problem = {
        "code": "receipt_without_flow", "subject": "receipt", "entity": "90000000028",
        "key": {"nav": nav, "receipt_id": "abc"},
    }  # fmt: skip
    (tmp_path / "truth.json").write_text(json.dumps({"problems": [problem]}))
    call_command("ingest_evidence", tmp_path, stdout=StringIO())
    call_command("reconcile", stdout=StringIO())
    call_command("reconcile_verify", tmp_path / "truth.json", stdout=StringIO())
