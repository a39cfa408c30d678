"""Pieces that the bodies of GPD v1 and v3 have in common. Empty values are left out: the service refuses them."""

import re
from typing import Any

from payments.providers.data import DebtorData, InstalmentData, TransferData

Body = dict[str, Any]
STAMP_TYPE = "01"  # the only one: Agenzia delle Entrate, "TipoBollo"
# Narrower than what mail accepts: an address the node would refuse is left out.
_MAIL = re.compile(r"[a-zA-Z0-9_.+\-]{1,64}@[a-zA-Z0-9\-]+(\.[a-zA-Z0-9\-]+)+")
_COUNTRY = re.compile(r"[A-Z]{2}")


def filled(body: Body) -> Body:
    """The body without its empty texts and missing values; zeros, falses and lists stay."""
    return {name: value for name, value in body.items() if value is not None and value != ""}


def debtor(person: DebtorData) -> Body:
    """The debtor, with the address when it is known."""
    return filled(
        {
            "type": person.kind,
            "fiscalCode": person.fiscal_code,
            "fullName": person.name,
            "streetName": person.street,
            "civicNumber": person.civic,
            "postalCode": person.postal_code,
            "city": person.city,
            "province": person.province,
            "country": person.country if _COUNTRY.fullmatch(person.country) else "",
            "email": person.email if _MAIL.fullmatch(person.email) else "",
        }
    )


def transfers(part: InstalmentData) -> list[Body]:
    """The transfers of an instalment, in order."""
    return [_transfer(row) for row in part.transfers]


def metadata(part: InstalmentData) -> list[Body]:
    """Key and value pairs of an instalment."""
    return [{"key": key[:140], "value": value[:140]} for key, value in part.metadata]


def _transfer(row: TransferData) -> Body:
    body = {
        "idTransfer": str(row.seq),
        "amount": row.cents,
        "organizationFiscalCode": row.entity,
        "companyName": row.company,
        "remittanceInformation": row.remittance,
        "category": row.category,
        "iban": row.iban,
        "postalIban": row.postal_iban,
        "transferMetadata": [],
    }
    if row.stamp is not None:
        body["stamp"] = {
            "hashDocument": row.stamp.document_hash,
            "stampType": STAMP_TYPE,
            "provincialResidence": row.stamp.province,
        }
    return filled(body)
