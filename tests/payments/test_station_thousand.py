"""Our answers for a thousand random positions, over all the operations, are what the official schema asks for."""

from datetime import date
from decimal import Decimal
from functools import cache

import pytest
from lxml import etree

from payments.models import Receipt as StoredReceipt
from payments.node import calls, demand, soap
from tests.payments import node_messages as node
from tests.payments.random_positions import make_positions
from tests.payments.test_station_demand import DATA
from tests.payments.test_station_options import official  # noqa: F401 - a fixture
from tests.standards import STANDARDS, need

# Four times these are the thousand; each part makes its own with another seed.
POSITIONS = 250
CLIENT = node.PlainClient()
OPTION = "paymentList/paymentOptionDescription"


class Nobody:
    """A journal that keeps nothing: what is asked here is another question."""

    def add(self, row):
        pass


@cache
def schemas():
    return etree.XMLSchema(file=str(need(STANDARDS / "pagopa" / "wsdl" / "xsd" / "paForNode.xsd")))


def asked(message):
    """The answer, after the official schema has seen it alone and ours too."""
    answer = node.post(message, client=CLIENT)
    alone = etree.fromstring(etree.tostring(answer.body))
    assert answer.status == 200
    assert schemas().validate(alone), (schemas().error_log, answer.content)
    assert soap.schema().validate(alone)
    assert answer.outcome == "OK" or answer.fault.startswith("PAA_")
    assert answer.fault != "PAA_SYSTEM_ERROR", answer.content
    return answer


def cents(text):
    return int(Decimal(text) * 100)


def paid(answer):
    """The transfers of a receipt that pays what an activation asked for."""
    return tuple(
        (
            int(row.findtext("idTransfer")),
            row.findtext("transferAmount"),
            row.findtext("fiscalCodePA"),
            row.findtext("IBAN") or b"<marca/>",
        )
        for row in answer.body.iterfind("data/transferList/transfer")
    )


def judge(made, told, first, second, chosen):
    """What the answers about one number must say of each other."""
    if told.outcome != "OK":
        assert (first.fault, second.fault) == (told.fault, told.fault)
        return
    assert cents(told.text(f"{OPTION}/amount")) == made.total
    assert (told.text(f"{OPTION}/allCCP") == "true") == made.all_postal
    assert second.outcome == "OK"
    assert first.fault == ("PAA_SEMANTICA" if made.stamped else "")
    rows = second.body.findall("data/transferList/transfer")
    assert sum(cents(row.findtext("transferAmount")) for row in rows) == made.total
    assert cents(second.text("data/paymentAmount")) == made.total
    assert date.fromisoformat(second.text("data/dueDate"))
    keys = {entry.text for row in rows for entry in row.iterfind("metadata/mapEntry/key")}
    assert keys <= ({"IBANAPPOGGIO"} if chosen == "PAGOPA" else set())
    if chosen == "POSTAL" and made.all_postal:
        assert all("0760" in row.findtext("IBAN") for row in rows)


@pytest.mark.parametrize("seed", range(4))
def test_every_answer_about_a_random_position_is_valid_and_agrees_with_the_others(
    pisa,
    every_entity,
    monkeypatch,
    official,  # noqa: F811 - the fixture
    seed,
):
    monkeypatch.setattr(calls, "journal", Nobody())
    navs = iter(())
    monkeypatch.setattr(demand, "_handlers", [lambda entity_id, service, data: next(navs)])
    made = make_positions(pisa, count=POSITIONS, seed=seed)
    assert len(made) == POSITIONS
    faults, stored = set(), 0
    for number, row in enumerate(made):
        chosen = ("", "POSTAL", "PAGOPA")[number % 3]
        told = asked(node.verify(row.nav))
        first = asked(node.get(row.nav, v2=False, transfer_type=chosen))
        second = asked(node.get(row.nav, transfer_type=chosen))
        judge(row, told, first, second, chosen)
        navs = iter([row.nav])
        demanded = asked(node.demand(DATA))
        assert demanded.fault == told.fault
        assert (demanded.text("qrCode/noticeNumber") or row.nav) == row.nav
        if number % 5 == 0:
            options = CLIENT.post(f"/pagopa/payment-options/organizations/80000410508/notices/{row.nav}")
            official("PaymentOptionsResponse" if options.status_code == 200 else "ErrorResponse", options.json())
        if second.outcome == "OK" and number % 3 == 0:
            receipt = node.Receipt(row.nav, amount=second.text("data/paymentAmount"), transfers=paid(second))
            assert asked(node.send(receipt, v2=row.stamped or number % 2 == 0)).outcome == "OK"
            stored += 1
        faults.add(told.fault)
    assert StoredReceipt.objects.count() == stored > POSITIONS // 6
    assert faults >= {"", "PAA_PAGAMENTO_SCONOSCIUTO", "PAA_PAGAMENTO_ANNULLATO", "PAA_PAGAMENTO_SCADUTO"}
