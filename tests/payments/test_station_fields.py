"""Every field of every call out of its pattern, one at a time: refused by us exactly as by the official schema."""

import pytest
from lxml import etree

from payments.node import soap
from payments.node.faults import FaultCode, StationFault
from payments.node.messages import RECEIPTS, Operation
from tests.payments import node_messages as node
from tests.standards import STANDARDS, need

NAV = "301000000000004285"
SUBJECT = (
    "<{0}><uniqueIdentifier><entityUniqueIdentifierType>G</entityUniqueIdentifierType>"
    "<entityUniqueIdentifierValue>01234567897</entityUniqueIdentifierValue></uniqueIdentifier><fullName>Trasporti</fullName>"
    "<streetName>Via Prova</streetName><civicNumber>1</civicNumber><postalCode>56125</postalCode><city>Pisa</city>"
    "<stateProvinceRegion>PI</stateProvinceRegion><country>IT</country><e-mail>a@b.example</e-mail></{0}>"
)
METADATA = "<metadata><mapEntry><key>chiave</key><value>valore</value></mapEntry></metadata>"
GET_REST = (
    "<amount>48.00</amount><paymentNote>nota</paymentNote><transferType>PAGOPA</transferType>"
    "<dueDate>2027-06-30</dueDate>"
)


def receipt(*, v2):
    """A receipt with every element the schema knows."""
    element = "paSendRTV2Request" if v2 else "paSendRTReq"
    company = "<companyName>Ente</companyName>" if v2 else ""
    note = "<paymentNote>nota</paymentNote>" if v2 else ""
    extra = (
        "<primaryCiIncurredFee>0.10</primaryCiIncurredFee><idBundle>b</idBundle><idCiBundle>c</idCiBundle>"
        if v2
        else ""
    )
    accounts = ["<IBAN>IT60X0542811101000000123456</IBAN>"]
    accounts += ["<MBDAttachment>PGEvPg==</MBDAttachment>"] if v2 else []
    rows = "".join(
        f"<transfer><idTransfer>{seq}</idTransfer><transferAmount>1.00</transferAmount>"
        f"<fiscalCodePA>80000410508</fiscalCodePA>{company}{account}<remittanceInformation>Causale</remittanceInformation>"
        f"<transferCategory>9/0301107TP/</transferCategory>{METADATA}</transfer>"
        for seq, account in enumerate(accounts, start=1)
    )
    return node.ENVELOPE.format(
        body=f"<paf:{element}>{node.To().xml()}<receipt><receiptId>{'a' * 32}</receiptId>"
        f"<noticeNumber>{NAV}</noticeNumber><fiscalCode>80000410508</fiscalCode><outcome>OK</outcome>"
        f"<creditorReferenceId>{NAV[1:]}</creditorReferenceId><paymentAmount>1.00</paymentAmount>"
        "<description>Causale</description><companyName>Ente</companyName><officeName>Ufficio</officeName>"
        f"{SUBJECT.format('debtor')}<transferList>{rows}</transferList><idPSP>ABI99999</idPSP>"
        "<pspFiscalCode>01234567897</pspFiscalCode><pspPartitaIVA>01234567897</pspPartitaIVA>"
        "<PSPCompanyName>PSP</PSPCompanyName><idChannel>canale</idChannel><channelDescription>app</channelDescription>"
        f"{SUBJECT.format('payer')}<paymentMethod>carta</paymentMethod>{note}<fee>1.50</fee>{extra}"
        "<paymentDateTime>2026-11-22T10:00:00</paymentDateTime><applicationDate>2026-11-22</applicationDate>"
        f"<transferDate>2026-11-23</transferDate>{METADATA}<standIn>true</standIn></receipt></paf:{element}>"
    )


MESSAGES = {
    Operation.VERIFY: node.verify(NAV),
    Operation.GET: node.get(NAV, v2=False).replace("</paf:paGet", f"{GET_REST}</paf:paGet"),
    Operation.GET_V2: node.get(NAV).replace("</paf:paGet", f"{GET_REST}</paf:paGet"),
    Operation.SEND: receipt(v2=False),
    Operation.SEND_V2: receipt(v2=True),
    Operation.DEMAND: node.demand("<a/>"),
}


def longer_than(most):
    return ["", "x" * (most + 1)]


CODE_11 = ["", "8000041050", "800004105088", "8000041050A", " 80000410508", "8000041050٨"]
AMOUNT = ["", "1", "1.0", "1.000", "1,00", "-1.00", "1000000000.00", "1e2", "uno"]
DUE = [*AMOUNT, "0.00"]
DAY = ["", "22/11/2026", "2026-13-01", "2026-02-30", "2026-11-22T10:00:00"]
# What each field refuses, from the facets of the specification.
WRONG = {
    "idPA": longer_than(35), "idBrokerPA": longer_than(35), "idStation": longer_than(35),
    "fiscalCode": CODE_11, "fiscalCodePA": CODE_11,
    "noticeNumber": ["", NAV[:-1], NAV + "0", "A" + NAV[1:], f" {NAV}"],
    "amount": AMOUNT, "paymentAmount": AMOUNT, "fee": AMOUNT, "primaryCiIncurredFee": AMOUNT, "transferAmount": DUE,
    "paymentNote": longer_than(210), "transferType": ["", "postal", "BANCA"],
    "dueDate": DAY, "applicationDate": DAY, "transferDate": DAY,
    "paymentDateTime": ["", "2026-11-22", "2026-11-22 10:00:00", "2026-11-22T25:00:00"],
    "outcome": ["", "ok", "SI"], "creditorReferenceId": longer_than(35),
    "description": longer_than(140), "companyName": longer_than(140), "officeName": longer_than(140),
    "entityUniqueIdentifierType": ["", "f", "X", "FG"], "entityUniqueIdentifierValue": ["", "1", "x" * 17],
    "fullName": longer_than(70), "streetName": longer_than(70), "civicNumber": longer_than(16),
    "postalCode": longer_than(16), "city": longer_than(35), "stateProvinceRegion": longer_than(35),
    "country": ["", "I", "it", "ITA"], "e-mail": ["", "nessuno", "a@", "à@b.it", f"a@{'b' * 256}"],
    "idTransfer": ["", "0", "6", "1.0", "uno"], "IBAN": longer_than(35), "MBDAttachment": ["A", "AAAAA"],
    "remittanceInformation": longer_than(140), "transferCategory": longer_than(140),
    "key": longer_than(140), "value": longer_than(140),
    "idPSP": longer_than(35), "pspFiscalCode": longer_than(70), "pspPartitaIVA": longer_than(20),
    "PSPCompanyName": longer_than(70), "idChannel": longer_than(35), "channelDescription": longer_than(35),
    "paymentMethod": longer_than(35), "idBundle": longer_than(70), "idCiBundle": longer_than(70),
    "standIn": ["", "si", "2"],
    "idServizio": ["", "0000", "000000"], "idSoggettoServizio": ["", "0000", "000000"],
    "datiSpecificiServizioRequest": ["A", "AAAAA"],
}  # fmt: skip
# The only field without a pattern: an empty one is valid for the schema, and refused for its use.
FREE = {"receiptId"}


@pytest.fixture(scope="module")
def official():
    return etree.XMLSchema(file=str(need(STANDARDS / "pagopa" / "wsdl" / "xsd" / "paForNode.xsd")))


def element(operation):
    return soap.open_envelope(MESSAGES[operation].encode())[1]


def leaves(operation):
    return [node for node in element(operation).iter() if len(node) == 0]


@pytest.mark.parametrize("operation", Operation)
def test_the_whole_messages_are_valid_and_read(official, operation):
    found = element(operation)
    assert official.validate(found), official.error_log
    assert soap.read_request(operation, found).operation is operation


@pytest.mark.parametrize("operation", Operation)
def test_the_table_knows_every_field(operation):
    assert {leaf.tag for leaf in leaves(operation)} - set(WRONG) - FREE == set()


@pytest.mark.parametrize("operation", Operation)
def test_every_field_out_of_its_pattern_is_a_syntax_fault_for_us_and_for_the_official_schema(official, operation):
    for place, leaf in enumerate(leaves(operation)):
        for wrong in WRONG.get(leaf.tag, []):
            spoiled = element(operation)
            next(
                node for number, node in enumerate(n for n in spoiled.iter() if len(n) == 0) if number == place
            ).text = wrong
            assert not official.validate(spoiled), (leaf.tag, wrong)
            with pytest.raises(StationFault) as caught:
                soap.read_request(operation, spoiled)
            assert caught.value.code is FaultCode.SYNTAX, (leaf.tag, wrong)


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("how", ["twice", "attribute", "child", "text"])
def test_a_field_twice_with_an_attribute_or_with_something_inside_is_refused_too(official, operation, how):
    for place in range(len(leaves(operation))):
        spoiled = element(operation)
        leaf = [node for node in spoiled.iter() if len(node) == 0][place]
        if how == "twice":
            leaf.addnext(etree.fromstring(etree.tostring(leaf)))
        elif how == "attribute":
            leaf.set("altro", "x")
        elif how == "child":
            etree.SubElement(leaf, "altro")
        else:
            leaf.getparent().text = "testo"
        assert not official.validate(spoiled), leaf.tag
        with pytest.raises(StationFault, match="PAA_SINTASSI_XSD"):
            soap.read_request(operation, spoiled)


@pytest.mark.parametrize("operation", sorted(RECEIPTS))
def test_an_empty_receipt_id_is_valid_but_badly_used(operation):
    found = element(operation)
    found.find("receipt/receiptId").text = ""
    with pytest.raises(StationFault, match="PAA_SINTASSI_EXTRAXSD"):
        soap.read_request(operation, found)


@pytest.mark.parametrize("operation", sorted(RECEIPTS))
@pytest.mark.parametrize("spelling", ["standIn", "standin"])
def test_stand_in_is_read_in_both_spellings(operation, spelling):
    found = element(operation)
    found.find("receipt/standIn").tag = spelling
    assert soap.read_request(operation, found).receipt.stand_in
