"""What an office of a folder did by hand: recorded as the desk would, once, when its credit is there."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from payments.domain.outside import State
from payments.fines.models import Fine
from payments.models import Instalment
from payments.reconciliation.domain.outcomes import Code
from payments.reconciliation.models import OutsideCredit, TreasuryMovement
from payments.reconciliation.synthesis import layout
from payments.reconciliation.synthesis.loading_bodies import Place
from payments.reconciliation.synthesis.loading_outside import MOVEMENT, load_outside
from payments.sandbox.treasurer import Credit
from portal.accounts.models import User
from tests.payments.reconciliation.acts import act
from tests.payments.reconciliation.builders import DAY


@pytest.fixture
def notice(owed) -> Instalment:
    return owed()


@pytest.fixture
def load(pisa, notice, tmp_path):
    """Loads the folder of a body whose office recorded one credit; `changes` are of what it wrote."""
    own = tmp_path / pisa.fiscal_code
    own.mkdir()

    def run(**changes):
        kept = TreasuryMovement.objects.filter(customer="Weber", operation="ESEGUITO").first()
        movement = {name: getattr(kept, column) for name, column in MOVEMENT.items()} if kept else WAITED
        about = {"number": "7001", "year": 2026, "violated_on": "2026-10-01", "plate": "M1", "country": "DE"}
        row = {"nav": notice.nav, "act": about, "cents": 4800, "movement": movement} | changes
        (own / layout.OUTSIDE).write_text(json.dumps(row) + "\n")
        return load_outside(Place(pisa, notice.creditor, {}, {}), tmp_path)

    return run


WAITED = {
    "treasurer": "1", "account": "1", "year": 2026, "type": "SOSPESO ENTRATA", "number": "1", "progressive": "0",
    "operation": "ESEGUITO", "movement": "1",
}  # fmt: skip


def arrive(kept):
    kept.journal([Credit(4800, "MULTA", "TRN1", "Weber")])


def go_back(kept):
    def taken_back(root):
        root.find("informazioni_conto_evidenza/movimento_conto_evidenza/tipo_operazione").text = "STORNATO"

    kept.ledger["number"] = 0
    kept.journal([Credit(4800, "MULTA", "TRN1", "Weber")], day=DAY + timedelta(1), change=taken_back)


def test_a_credit_is_recorded_when_it_comes_and_only_once(kept, load, notice):
    assert load().new == 0
    arrive(kept)
    assert (load().new, load().new) == (1, 0)
    credit = OutsideCredit.objects.get()
    assert (credit.outside.state, credit.outside.as_balance, credit.outside.instalment) == (
        State.CONFIRMED, False, notice,
    )  # fmt: skip
    assert credit.reference == Fine.objects.get().reference
    assert credit.outside.requested_by != credit.outside.decided_by
    assert not User.objects.filter(username__startswith="anno-di-prova", is_active=True).exists()
    go_back(kept)
    kept.run()
    assert [row.cents for row in kept.standing(Code.OUTSIDE_TAKEN_BACK)] == [4800]


def test_the_act_that_is_there_is_used(kept, load, notice):
    fine = act(notice)
    arrive(kept)
    load()
    assert OutsideCredit.objects.get().reference == fine.reference


def test_what_was_taken_back_before_is_refused_as_the_desk_refuses_it(kept, load):
    arrive(kept)
    go_back(kept)
    kept.run()
    recorded = load()
    assert recorded.new == 0
    assert "non c'è più" in recorded.refused[0]
    assert not Fine.objects.exists()


def test_a_body_without_anything_by_hand_gets_no_accountants(pisa, notice, tmp_path):
    recorded = load_outside(Place(pisa, notice.creditor, {}, {}), tmp_path)
    assert (recorded.new, User.objects.count()) == (0, 0)


@pytest.mark.parametrize("text", ["{", '{"nav": "0"}', '{"nav": "0", "movement": {}}'])
def test_what_has_not_its_shape_is_refused(pisa, tmp_path, text):
    body = {
        "fiscal_code": pisa.fiscal_code, "code": pisa.code, "ipa_code": pisa.ipa_code, "name": pisa.name,
        "segregation_codes": [7], "accounts": [{"code": "1", "description": "", "iban": "IT60X0542811101000000123456"}],
    }  # fmt: skip
    (tmp_path / "bodies.json").write_text(json.dumps({"bodies": [body], "kinds": {}}))
    (tmp_path / pisa.fiscal_code).mkdir()
    (tmp_path / pisa.fiscal_code / layout.OUTSIDE).write_text(text)
    with pytest.raises(CommandError, match="forma prescritta"):
        call_command("ingest_evidence", tmp_path, stdout=StringIO())
