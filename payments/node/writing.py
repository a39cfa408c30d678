"""From dataclasses to the elements of an OK answer. Empty optional elements are left out: the schema wants it so."""

import re

from lxml import etree

from payments.node.messages import Debtor, DueTransfer, Operation, PaymentAnswer, VerifyAnswer
from payments.node.soap import answer_element
from portal.kernel.money import decimal_from_cents

DIGITAL_STAMP = "01"  # the only kind of stamp there is
# Narrower than what mail accepts: an address the node would refuse is left out.
_MAIL = re.compile(r"[a-zA-Z0-9_.+\-]+@[a-zA-Z0-9\-]+(\.[a-zA-Z0-9\-]+)*")
_COUNTRY = re.compile(r"[A-Z]{2}")
# Characters that XML cannot carry.
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def verify_element(answer: VerifyAnswer) -> etree._Element:
    """The answer to paVerifyPaymentNotice, with every element the node demands."""
    root = answer_element(Operation.VERIFY, "OK")
    return _described(root, answer)


def demand_element(answer: VerifyAnswer) -> etree._Element:
    """The answer to paDemandPaymentNotice: the new number, and the rest as in a verify."""
    root = answer_element(Operation.DEMAND, "OK")
    code = etree.SubElement(root, "qrCode")
    _put(code, "fiscalCode", answer.entity)
    _put(code, "noticeNumber", answer.nav)
    return _described(root, answer)


def _described(root: etree._Element, answer: VerifyAnswer) -> etree._Element:
    option = etree.SubElement(etree.SubElement(root, "paymentList"), "paymentOptionDescription")
    _put(option, "amount", str(decimal_from_cents(answer.cents)))
    _put(option, "options", "EQ")
    _put(option, "dueDate", answer.due_on.isoformat() if answer.due_on else "")
    _put(option, "detailDescription", answer.description)
    _put(option, "allCCP", "true" if answer.all_postal else "false")
    _put(root, "paymentDescription", answer.description)
    _put(root, "fiscalCodePA", answer.entity)
    _put(root, "companyName", answer.company)
    _put(root, "officeName", answer.office)
    return root


def payment_element(operation: Operation, answer: PaymentAnswer) -> etree._Element:
    """The answer to paGetPayment and paGetPaymentV2."""
    root = answer_element(operation, "OK")
    data = etree.SubElement(root, "data")
    _put(data, "creditorReferenceId", answer.iuv)
    _put(data, "paymentAmount", str(decimal_from_cents(answer.cents)))
    _put(data, "dueDate", answer.due_on.isoformat())
    _put(data, "description", answer.description)
    _put(data, "companyName", answer.company)
    _put(data, "officeName", answer.office)
    _debtor(data, answer.debtor)
    rows = etree.SubElement(data, "transferList")
    for transfer in answer.transfers:
        _transfer(rows, transfer, with_company=operation is Operation.GET_V2)
    return root


def _debtor(data: etree._Element, debtor: Debtor) -> None:
    node = etree.SubElement(data, "debtor")
    identifier = etree.SubElement(node, "uniqueIdentifier")
    _put(identifier, "entityUniqueIdentifierType", debtor.kind)
    _put(identifier, "entityUniqueIdentifierValue", debtor.fiscal_code)
    _put(node, "fullName", debtor.name)
    _put(node, "streetName", debtor.street)
    _put(node, "civicNumber", debtor.civic)
    _put(node, "postalCode", debtor.postal_code)
    _put(node, "city", debtor.city)
    _put(node, "stateProvinceRegion", debtor.province)
    _put(node, "country", debtor.country if _COUNTRY.fullmatch(debtor.country) else "")
    _put(node, "e-mail", debtor.email if _MAIL.fullmatch(debtor.email) else "")


def _transfer(rows: etree._Element, transfer: DueTransfer, *, with_company: bool) -> None:
    node = etree.SubElement(rows, "transfer")
    _put(node, "idTransfer", str(transfer.seq))
    _put(node, "transferAmount", str(decimal_from_cents(transfer.cents)))
    _put(node, "fiscalCodePA", transfer.entity)
    if with_company:
        _put(node, "companyName", transfer.company)
    if transfer.stamp_hash:
        stamp = etree.SubElement(node, "richiestaMarcaDaBollo")
        _put(stamp, "hashDocumento", transfer.stamp_hash)
        _put(stamp, "tipoBollo", DIGITAL_STAMP)
        _put(stamp, "provinciaResidenza", transfer.stamp_province)
    else:
        _put(node, "IBAN", transfer.iban)
    _put(node, "remittanceInformation", transfer.remittance)
    _put(node, "transferCategory", transfer.category)
    if transfer.backing_iban:
        entry = etree.SubElement(etree.SubElement(node, "metadata"), "mapEntry")
        _put(entry, "key", "IBANAPPOGGIO")
        _put(entry, "value", transfer.backing_iban)


def _put(parent: etree._Element, name: str, text: str) -> None:
    if plain := _UNSPEAKABLE.sub("", text):
        etree.SubElement(parent, name).text = plain
