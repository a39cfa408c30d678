"""The digital stamp that a receipt brings: the signed XML of the e.bollo service, read and judged.

Never raises on what strangers write: everything that is wrong is a finding.
"""

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from cryptography import x509
from lxml import etree

from payments.domain.stamps import StampFinding
from payments.formats import xml
from payments.formats.signature import DS, Signed, judge_signature
from portal.kernel.money import cents_from_decimal

SCHEMA_FILE = Path(__file__).parent / "schemas" / "stamp.xsd"
_NS = "{http://www.agenziaentrate.gov.it/2014/MarcaDaBollo}"
_ROME = ZoneInfo("Europe/Rome")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a stamp says: who sold it, when, for how much (cents), and the digest of the document it belongs to."""

    psp_fiscal_code: str
    psp_name: str
    iubd: str
    bought_at: datetime
    cents: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class StampReading:
    """A stamp as far as it could be read, and what is wrong with the document itself."""

    stamp: Stamp | None
    findings: tuple[StampFinding, ...]
    signer_known: bool = False


def read_stamp(content: bytes, *, anchors: Sequence[x509.Certificate], on: datetime) -> StampReading:
    """Read and judge an attachment. `on` is when it arrived: certificates must have been in force then.

    Without anchors a signature that holds is no finding and no proof.
    """
    try:
        root = xml.parse(content, comments=True)
    except xml.HostileXml:
        return StampReading(None, (StampFinding.UNREADABLE,))
    if not xml.schema(SCHEMA_FILE).validate(root):
        return StampReading(None, (StampFinding.SCHEMA,))
    try:
        stamp = _stamp(root)
    except (ValueError, OverflowError):
        return StampReading(None, (StampFinding.SCHEMA,))
    signed = judge_signature(root, anchors=anchors, on=on)
    if signed is Signed.BROKEN:
        return StampReading(stamp, (StampFinding.SIGNATURE,))
    if signed is Signed.INTACT and anchors:
        return StampReading(stamp, (StampFinding.UNTRUSTED,))
    return StampReading(stamp, (), signer_known=signed is Signed.TRUSTED)


def _stamp(root: etree._Element) -> Stamp:
    bought_at = datetime.fromisoformat(_text(root, f"{_NS}OraAcquisto"))
    cents = cents_from_decimal(Decimal(_text(root, f"{_NS}Importo")))
    if not (2000 <= bought_at.year < 3000 and 0 <= cents < 10**12):
        raise ValueError("a day or an amount that no stamp has")
    return Stamp(
        psp_fiscal_code=_text(root, f"{_NS}PSP/{_NS}CodiceFiscale"),
        psp_name=_text(root, f"{_NS}PSP/{_NS}Denominazione"),
        iubd=_text(root, f"{_NS}IUBD"),
        bought_at=bought_at if bought_at.tzinfo is not None else bought_at.replace(tzinfo=_ROME),
        cents=cents,
        digest=b64decode(_text(root, f"{_NS}ImprontaDocumento/{DS}DigestValue")),
    )


def _text(root: etree._Element, path: str) -> str:
    return (root.findtext(path) or "").strip()
