"""paDemandPaymentNotice: a debt made on the spot, from a document of ours inside the node's message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.models import NodeCall
from payments.node import demand as room
from payments.node.demand import DemandData, UnknownService, register_demand
from payments.node.faults import StationFault
from payments.node.messages import DemandRequest, Head, Operation
from portal.kernel.errors import DomainError
from tests.payments.node_messages import To, demand, get, post, verify

NS = "urn:portale-dei-servizi:spontaneous-payment:1"
DATA = (
    f'<spontaneousPayment xmlns="{NS}"><kind>TE_BOLLO</kind><debtor><type>F</type>'
    "<taxCode>RSSMRA60D20F205R</taxCode><fullName>Mario Rossi</fullName><email>m@posta.example</email></debtor>"
    "<reason>Copia di un atto</reason><amount>12.50</amount></spontaneousPayment>"
)


@pytest.fixture
def offered(monkeypatch):
    """Registers what a test offers; what the installation offers comes back at the end."""
    monkeypatch.setattr(room, "_handlers", [])
    return register_demand


@pytest.fixture
def copies(offered, notice):
    """A service that always makes the same notice, and remembers what it was asked."""
    asked = []

    def make(entity_id: int, service: str, data: DemandData) -> str:
        if service != "SPONT":
            raise UnknownService
        asked.append((entity_id, data))
        return notice.nav

    offered(make)
    return asked


def test_the_answer_is_the_new_notice_as_a_verify_tells_it(copies, notice):
    answer = post(demand(DATA))
    assert (answer.status, answer.outcome) == (200, "OK")
    assert answer.text("qrCode/noticeNumber") == notice.nav
    assert answer.text("qrCode/fiscalCode") == "80000410508"
    assert answer.text("paymentList/paymentOptionDescription/amount") == "48.00"
    assert answer.text("companyName") == "Provincia di Pisa"
    told = post(verify(notice.nav))
    assert answer.text("paymentDescription") == told.text("paymentDescription")
    assert post(get(notice.nav)).outcome == "OK"


def test_the_service_hears_what_the_counter_wrote(copies, notice):
    post(demand(DATA, subject="00042"))
    assert copies == [
        (
            notice.entity_id,
            DemandData(
                subject="00042",
                kind="TE_BOLLO",
                debtor_kind="F",
                debtor_fiscal_code="RSSMRA60D20F205R",
                debtor_name="Mario Rossi",
                debtor_email="m@posta.example",
                reason="Copia di un atto",
                cents=1250,
                quantity=None,
            ),
        )
    ]


def test_a_quantity_stands_in_place_of_the_amount_and_the_rest_may_be_missing(copies):
    data = DATA.replace("<amount>12.50</amount>", "<quantity>3</quantity>")
    data = data.replace("<reason>Copia di un atto</reason>", "").replace("<email>m@posta.example</email>", "")
    assert post(demand(data)).outcome == "OK"
    found = copies[0][1]
    assert (found.cents, found.quantity, found.reason, found.debtor_email) == (None, 3, "", "")


def test_an_unknown_service_is_refused_for_what_it_asks(copies):
    answer = post(demand(DATA, service="ALTRO"))
    assert (answer.status, answer.fault) == (200, "PAA_SEMANTICA")
    assert answer.text("fault/description") == "unknown service"


def test_without_any_service_everything_is_unknown(notice, offered):
    assert post(demand(DATA)).fault == "PAA_SEMANTICA"


def test_a_rule_of_the_office_is_told_by_its_code(notice, offered):
    def refuse(entity_id, service, data):
        raise DomainError("amount_too_low", "L'importo è troppo basso per Mario Rossi.")

    offered(refuse)
    answer = post(demand(DATA))
    assert (answer.fault, answer.text("fault/description")) == ("PAA_SEMANTICA", "amount_too_low")
    assert b"Rossi" not in answer.content


@pytest.mark.parametrize(
    ("to", "fault"),
    [
        (To(entity="99999999999"), "PAA_ID_DOMINIO_ERRATO"),
        (To(broker="99999999999"), "PAA_ID_INTERMEDIARIO_ERRATO"),
        (To(station="x"), "PAA_STAZIONE_INT_ERRATA"),
    ],
)
def test_body_broker_and_station_are_checked_first(copies, to, fault):
    assert post(demand("spoiled", to=to)).fault == fault
    assert copies == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (DATA, ""),
        (DATA, "<"),
        (DATA, "{}"),
        (DATA, f'<!DOCTYPE a [<!ENTITY b "c">]>{DATA}'),
        (DATA, "x" * 20000),
        (NS, "urn:altro"),
        ("<kind>TE_BOLLO</kind>", ""),
        ("TE_BOLLO", "te bollo"),
        ("TE_BOLLO", "X" * 41),
        ("<type>F</type>", "<type>X</type>"),
        ("RSSMRA60D20F205R", "RSSMRA60D20"[:9]),
        ("RSSMRA60D20F205R", "rssmra60d20f205r"),
        ("Mario Rossi", " "),
        ("Mario Rossi", "x" * 71),
        ("m@posta.example", "nessuno"),
        ("Copia di un atto", "x" * 141),
        ("12.50", "12,50"),
        ("12.50", "0.00"),
        ("12.50", "-1.00"),
        ("12.50", "1000000000.00"),
        ("<amount>12.50</amount>", ""),
        ("<amount>12.50</amount>", "<amount>12.50</amount><quantity>1</quantity>"),
        ("<amount>12.50</amount>", "<quantity>0</quantity>"),
        ("</spontaneousPayment>", "<altro/></spontaneousPayment>"),
    ],
)
def test_a_document_we_cannot_use_is_valid_but_badly_used(copies, old, new):
    answer = post(demand(DATA.replace(old, new, 1)))
    assert (answer.status, answer.fault) == (200, "PAA_SINTASSI_EXTRAXSD")
    assert "Rossi" not in (answer.text("fault/description") or "")
    assert copies == []


@pytest.mark.parametrize(
    ("old", "new"), [("SPONT", "SPON"), ("SPONT", "SPONTA"), ("00001", ""), ("datiSpecificiServizioRequest>", "altro>")]
)
def test_a_request_that_breaks_the_schema_gets_the_syntax_fault(copies, old, new):
    assert post(demand(DATA).replace(old, new)).fault == "PAA_SINTASSI_XSD"


def test_data_that_is_not_base64_breaks_the_schema(copies):
    message = demand(DATA)
    content = message[message.index("Request>", message.index("datiSpecifici")) + 8 :].split("<")[0]
    assert post(message.replace(content, "A")).fault == "PAA_SINTASSI_XSD"


def test_the_journal_tells_the_number_that_was_made(copies, notice):
    post(demand(DATA))
    call = NodeCall.objects.get()
    assert (call.operation, call.nav, call.outcome) == ("paDemandPaymentNotice", notice.nav, "OK")


def test_accents_and_another_encoding_are_welcome(copies):
    data = f'<?xml version="1.0" encoding="ISO-8859-1"?>{DATA}'.replace("Mario Rossi", "Niccolò D'Àvalos")
    assert post(demand(data.encode("latin-1"))).outcome == "OK"
    assert copies[0][1].debtor_name == "Niccolò D'Àvalos"


@given(data=st.binary(max_size=400))
def test_no_document_makes_it_fail(data):
    request = DemandRequest(Operation.DEMAND, Head("1", "2", "3"), "SPONT", "00001", data)
    with pytest.raises(StationFault, match="EXTRAXSD"):
        room.read_data(request)
