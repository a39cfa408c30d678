"""Bank statement in the ISO 20022 standard (camt.053), any version of it.

Read after the public standard only: until a bank's own files confirm it, every reading says so.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import partial
from io import BytesIO

from lxml import etree

from payments.reconciliation.formats import values
from payments.reconciliation.formats.findings import FormatError, Severity
from payments.reconciliation.formats.money import Balance, Movement, Paper
from payments.reconciliation.formats.xml_reading import OPTIONS, as_utf8, local, refuse_dtd

MARK = "camt.053"
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)


def read_camt053(content: bytes) -> Paper:
    """What a statement says, as far as it goes. FormatError when it cannot be read, or is none."""
    content, _healed = as_utf8(content)
    root, fault = _root(content)
    if local(root) != "Document" or MARK not in str(root.tag):
        raise FormatError("NOT_A_STATEMENT", "Il file è un XML, ma non un estratto conto camt.053.")
    movements: list[Movement] = []
    balances: list[Balance] = []
    unread = 0
    for statement in root.iter("{*}Stmt"):
        account, iban = _account(statement)
        balances.append(_balance(statement, account, iban))
        copies: Counter[str] = Counter()
        for entry in statement.iterfind("{*}Ntry"):
            if _text(entry, "Sts/Cd") not in {"", "BOOK"} or _direct(entry, "Sts") not in {"", "BOOK"}:
                continue  # announced or informative: not money yet
            try:
                movements += _entry(entry, account, copies)
            except ValueError:
                unread += 1
    if not movements:
        raise FormatError("NO_MOVEMENTS", "L'estratto conto non contiene movimenti contabilizzati.")
    paper = _paper(movements, balances, unread)
    if fault:
        message = f"Il file non si legge fino in fondo ({fault}): è stato letto fin dove si può."
        paper.note("XML_CUT", message, Severity.BROKEN)
    return paper


def _root(content: bytes) -> tuple[etree._Element, str]:
    """The document; of one that cannot be read to its end, what comes before the fault, and the fault."""
    root: etree._Element | None = None
    whole: set[etree._Element] = set()
    try:
        for event, element in etree.iterparse(BytesIO(content), events=("start", "end"), **OPTIONS):
            if root is None:
                root = element
                refuse_dtd(root)
            elif event == "end" and local(element) == "Ntry":
                whole.add(element)
    except etree.XMLSyntaxError as error:
        if root is None:
            raise FormatError("XML_MALFORMED", f"Il file non è un XML leggibile: {error.msg}.") from error
        for entry in [entry for entry in root.iter("{*}Ntry") if entry not in whole]:
            parent = entry.getparent()
            if parent is not None:
                parent.remove(entry)
        return root, str(error.msg)
    if root is None:
        raise FormatError("XML_MALFORMED", "Il file è vuoto.")
    return root, ""


def _paper(movements: list[Movement], balances: list[Balance], unread: int) -> Paper:
    days = [row.booked_on for row in movements]
    paper = Paper("camt053", "statement", max(days).year, min(days), max(days), balances=balances)
    paper.movements = movements
    paper.note(
        "LAYOUT_UNCONFIRMED", "Tracciato letto secondo lo standard pubblico, non confermato dalla banca.", Severity.NOTE
    )
    if unread:
        paper.note("ROWS_UNREADABLE", f"{unread} movimenti non si leggono: saltati.", Severity.BROKEN)
    return paper


def _entry(entry: etree._Element, account: str, copies: Counter[str]) -> Iterator[Movement]:
    """One movement for an entry, or one for each of its transactions when their amounts make it up."""
    cents = _cents(entry)
    details = entry.findall("{*}NtryDtls/{*}TxDtls")
    shares = [_try_cents(item) for item in details]
    make = partial(_movement, entry, account, copies)
    if len(details) > 1 and None not in shares and sum(share or 0 for share in shares) == cents:
        return iter([make(item, share or 0) for item, share in zip(details, shares, strict=True)])
    return iter([make(details[0] if details else entry, cents)])


def _movement(
    entry: etree._Element, account: str, copies: Counter[str], detail: etree._Element, cents: int
) -> Movement:
    booked = _day(entry, "BookgDt")
    income = _direct(entry, "CdtDbtInd") == "CRDT"
    reversal = _direct(entry, "RvslInd").lower() in {"true", "1"}
    remittance = " ".join(filter(None, ((item.text or "").strip() for item in detail.iterfind("{*}RmtInf/{*}Ustrd"))))
    reference = _text(detail, "Refs/AcctSvcrRef") or _direct(entry, "AcctSvcrRef")
    end_to_end = _text(detail, "Refs/EndToEndId")
    said = "|".join([account, booked.isoformat(), str(cents), str(income), remittance, reference, end_to_end])
    mark = hashlib.sha256(said.encode()).hexdigest()[:24].upper()
    copies[mark] += 1
    payer = "Dbtr" if income else "Cdtr"
    return Movement(
        account=account,
        # A reversal takes back a movement of the other direction: as money, it is what its own sign says.
        direction="ENTRATA" if income else "USCITA",
        document_type="ESTRATTO CONTO",
        operation="ESEGUITO",
        document_number=mark,
        progressive=str(copies[mark]),
        movement_number="0",
        cents=cents,
        booked_on=booked,
        value_on=_optional_day(entry, "ValDt"),
        suspended_on=None,
        execution_type="STORNO" if reversal else "",
        receipt_number="",
        operation_reference=reference[:60],
        end_to_end=end_to_end[:60],
        customer=(_text(detail, f"RltdPties/{payer}/Nm") or _text(detail, f"RltdPties/{payer}/Pty/Nm"))[:140],
        remittance=remittance or _text(entry, "AddtlNtryInf"),
        year=booked.year,
    )


def _account(statement: etree._Element) -> tuple[str, str]:
    iban = _text(statement, "Acct/Id/IBAN").replace(" ", "")[:34]
    number = iban[-12:] if iban else _text(statement, "Acct/Id/Othr/Id")
    return (number.lstrip("0") or number)[:25], iban


def _balance(statement: etree._Element, account: str, iban: str) -> Balance:
    found: dict[str, int] = {}
    for item in statement.iterfind("{*}Bal"):
        cents = _try_cents(item)
        if cents is not None:
            sign = -1 if _direct(item, "CdtDbtInd") == "DBIT" else 1
            found[_text(item, "Tp/CdOrPrtry/Cd")] = sign * cents
    opening = next((found[code] for code in _OPENING if code in found), None)
    closing = next((found[code] for code in _CLOSING if code in found), None)
    return Balance(account, _text(statement, "Acct/Nm")[:140], opening, None, None, closing, iban)


def _cents(element: etree._Element) -> int:
    amount = element.find("{*}Amt")
    if amount is None or (amount.get("Ccy") or "EUR") != "EUR":
        raise ValueError("amount")
    cents = values.cents((amount.text or "").strip())
    if cents < 0:
        raise ValueError("amount")
    return cents


def _try_cents(element: etree._Element) -> int | None:
    try:
        return _cents(element)
    except ValueError:
        return None


def _day(entry: etree._Element, name: str) -> date:
    return values.day(_text(entry, f"{name}/Dt") or _text(entry, f"{name}/DtTm"))


def _optional_day(entry: etree._Element, name: str) -> date | None:
    try:
        return _day(entry, name)
    except ValueError:
        return None


def _text(element: etree._Element, path: str) -> str:
    return (element.findtext("/".join(f"{{*}}{part}" for part in path.split("/"))) or "").strip()


def _direct(element: etree._Element, name: str) -> str:
    return (element.findtext(f"{{*}}{name}") or "").strip()
