"""Lists of provisionals and statements of accounts (bank, post), from a table to rows of money.

They are not signed and carry no balances; layouts vary, and columns are known by their titles.
"""

import hashlib
import re
from collections import Counter
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from payments.reconciliation.domain.statement_columns import Column, Layout
from payments.reconciliation.formats import values
from payments.reconciliation.formats.findings import MAX_REMARKS, FormatError, Severity
from payments.reconciliation.formats.money import Movement, Paper
from payments.reconciliation.formats.tables import Table, is_spreadsheet, read_table

_IBAN: Final = re.compile(r"IT\d{2}[A-Z]\d{10}[A-Z0-9]{12}")
_ITALIAN: Final = re.compile(r"\d{1,3}(?:\.\d{3})*,\d{1,2}|\d+,\d{1,2}", re.ASCII)
_PLAIN: Final = re.compile(r"\d+(?:\.\d{1,2})?|\d{1,3}(?:,\d{3})+\.\d{2}", re.ASCII)
_LONG: Final = re.compile(r"\d+\.\d{3,}(?:[Ee][+-]?\d+)?", re.ASCII)
_DAY: Final = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})", re.ASCII)
_INCOME: Final = frozenset({"+", "A", "C", "AVERE", "CREDITO", "ENTRATA"})
_PROVISIONALS: Final = frozenset({Layout.PROVISIONALS, Layout.COMPLETE})
_EXPENSE: Final = frozenset({"-", "D", "DARE", "DEBITO", "USCITA"})


def read_statement(content: bytes) -> Paper:
    """What a list of money says. FormatError when it is none; a row that cannot be read is told and left out."""
    table = read_table(content)
    spreadsheet = is_spreadsheet(content)
    header_iban = _iban_above(table)
    movements: list[Movement] = []
    remarks: list[int] = []
    copies: Counter[str] = Counter()
    owners: set[str] = set()
    for number, cells in table.cells():
        owners.add(cells.get(Column.BODY, "").lower())
        try:
            if table.layout is Layout.COMPLETE:
                movements.append(_complete(cells))
            elif table.layout is Layout.PROVISIONALS:
                movements.append(_provisional(cells, spreadsheet))
            else:
                movements.append(_booked(cells, header_iban, copies, spreadsheet))
        except ValueError:
            remarks.append(number)
    if not movements:
        raise FormatError("NO_MOVEMENTS", "Il file non contiene nessun movimento che si possa leggere.")
    days = [row.booked_on for row in movements]
    source = "provisionals" if table.layout in _PROVISIONALS else "statement"
    paper = Paper(table.layout.value, source, max(row.year or 0 for row in movements), min(days), max(days))
    paper.movements, paper.owners = movements, frozenset(owners - {""})
    if table.layout is Layout.COMPLETE:
        message = "Colonne lette dai nomi pubblicati, non confermate da chi scrive l'elenco."
        paper.note("LAYOUT_UNCONFIRMED", message, Severity.NOTE)
    for number in remarks[:MAX_REMARKS]:
        paper.note("ROW_UNREADABLE", f"La riga {number} non si legge: saltata.", Severity.BROKEN)
    if len(remarks) > MAX_REMARKS:
        paper.note("ROWS_UNREADABLE", f"Altre {len(remarks) - MAX_REMARKS} righe non si leggono.", Severity.BROKEN)
    return paper


def _provisional(cells: dict[Column, str], spreadsheet: bool) -> Movement:
    """A provisional credit: its year and number are those of the treasurer's journal. A negative one takes it back."""
    number = re.sub(r"\.0$", "", cells[Column.NUMBER]).lstrip("0")
    if not number or len(number) > 30 or not number.isalnum():
        raise ValueError("number")
    booked = _day(cells[Column.BOOKED])
    cents = _cents(cells[Column.AMOUNT], spreadsheet)
    return Movement(
        account="",
        direction="ENTRATA",
        document_type="SOSPESO ENTRATA",
        operation="STORNATO" if cents < 0 else "ESEGUITO",
        document_number=number,
        progressive="0",
        movement_number="0",
        cents=abs(cents),
        booked_on=booked,
        value_on=_optional_day(cells.get(Column.VALUE, "")),
        suspended_on=booked,
        execution_type="",
        receipt_number="",
        operation_reference=cells.get(Column.BANK_REFERENCE, "")[:60],
        end_to_end=cells.get(Column.CUSTOMER_REFERENCE, "")[:60],
        customer=cells.get(Column.CUSTOMER, "")[:140],
        remittance=cells[Column.TEXT],
        year=_year(cells.get(Column.YEAR, ""), booked),
    )


def _complete(cells: dict[Column, str]) -> Movement:
    """A provisional of the complete list: its own number where there is one, that of its receipt otherwise."""
    if not re.fullmatch(r"-?\d{1,15}", cells[Column.CENTS], re.ASCII):
        raise ValueError("cents")
    cents, booked = int(cells[Column.CENTS]), _day(cells[Column.BOOKED])
    bill, own = _numbered(cells[Column.BILL]), _numbered(cells.get(Column.NUMBER, ""))
    year = cells.get(Column.YEAR, "") if own else cells.get(Column.BILL_YEAR, "")
    if not (own or bill):
        raise ValueError("number")
    return Movement(
        account="",
        direction="ENTRATA",
        document_type="SOSPESO ENTRATA",
        operation="STORNATO" if cents < 0 else "ESEGUITO",
        document_number=own or bill,
        progressive="0",
        movement_number="0",
        cents=abs(cents),
        booked_on=booked,
        value_on=_optional_day(cells.get(Column.VALUE, "")),
        suspended_on=_optional_day(cells.get(Column.SUSPENDED, "")) or booked,
        execution_type="",
        receipt_number=bill,
        operation_reference="",
        end_to_end=cells.get(Column.CUSTOMER_REFERENCE, "")[:60],
        customer=cells.get(Column.CUSTOMER, "")[:140],
        remittance=_said(cells),
        year=_year(year, booked),
    )


def _numbered(text: str) -> str:
    """A number without its padding; empty where there is none. ValueError when it is no number."""
    number = text.lstrip("0")
    if len(number) > 30 or (number and not number.isalnum()):
        raise ValueError("number")
    return number


def _said(cells: dict[Column, str]) -> str:
    """The text of the transfer; an identifier that has a column of its own is put at its end in the official form."""
    text, iuf, iuv = cells.get(Column.CAUSE, ""), cells.get(Column.IUF, ""), cells.get(Column.IUV, "")
    if iuf and iuf.upper() not in text.upper():
        return f"{text} /PUR/LGPE-RIVERSAMENTO/URI/{iuf}".strip()
    return f"{text} /RFB/{iuv}".strip() if iuv and iuv not in text else text


def _booked(cells: dict[Column, str], iban: str, copies: Counter[str], spreadsheet: bool) -> Movement:
    """A row of a statement: nothing numbers it, so it is known by what it says, and by which of its equals it is."""
    currency = cells.get(Column.CURRENCY, "").upper()
    if currency not in {"", "EUR", "EURO", "242"}:
        raise ValueError("currency")
    booked = _day(cells[Column.BOOKED])
    cents = _signed_cents(cells, spreadsheet)
    texts = dict.fromkeys(cells.get(column, "") for column in (Column.TEXT, Column.LONG_TEXT))
    remittance = " ".join(text for text in texts if text)
    account = _account(cells, iban)
    said = "|".join([account, booked.isoformat(), str(cents), remittance, cells.get(Column.BANK_REFERENCE, "")])
    mark = hashlib.sha256(said.encode()).hexdigest()[:24].upper()
    copies[mark] += 1
    return Movement(
        account=account,
        direction="ENTRATA" if cents >= 0 else "USCITA",
        document_type="ESTRATTO CONTO",
        operation="ESEGUITO",
        document_number=mark,
        progressive=str(copies[mark]),
        movement_number="0",
        cents=abs(cents),
        booked_on=booked,
        value_on=_optional_day(cells.get(Column.VALUE, "")),
        suspended_on=None,
        execution_type=cells.get(Column.CAUSE, "")[:60],
        receipt_number="",
        operation_reference=cells.get(Column.BANK_REFERENCE, "")[:60],
        end_to_end=cells.get(Column.CUSTOMER_REFERENCE, "")[:60],
        customer=cells.get(Column.CUSTOMER, "")[:140],
        remittance=remittance,
        year=booked.year,
    )


def _account(cells: dict[Column, str], iban: str) -> str:
    """The account as documents call it: the last characters of its IBAN, or its number."""
    found = (cells.get(Column.IBAN, "") or iban).replace(" ", "").upper()
    number = found[-12:] if found else re.sub(r"\.0$", "", cells.get(Column.ACCOUNT, "")).replace(" ", "")
    return (number.lstrip("0") or number)[:25]


def _iban_above(table: Table) -> str:
    for row in table.above:
        for cell in row:
            found = _IBAN.search(cell.replace(" ", "").upper())
            if found:
                return found[0]
    return ""


def _signed_cents(cells: dict[Column, str], spreadsheet: bool) -> int:
    if cells.get(Column.AMOUNT):
        cents = _cents(cells[Column.AMOUNT], spreadsheet)
        sign = cells.get(Column.SIGN, "").upper()
        if sign in _EXPENSE:
            return -abs(cents)
        if sign and sign not in _INCOME:
            raise ValueError("sign")
        return cents
    written = cells.get(Column.DEBIT, ""), cells.get(Column.CREDIT, "")
    debit, credit = (_cents(text, spreadsheet) if text else 0 for text in written)
    if not any(written) or (debit and credit):
        raise ValueError("amount")
    return -abs(debit) or credit


def _cents(text: str, spreadsheet: bool) -> int:
    """Euros as Italians or programs write them. ValueError when they may mean two things ("1.234")."""
    text = text.replace("€", "").replace("EUR", "").replace("\xa0", "").replace(" ", "").replace("\N{MINUS SIGN}", "-")
    minus = text.startswith("-") or text.endswith("-")
    digits = text[1:] if text[:1] in {"+", "-"} else text[:-1] if text[-1:] in {"+", "-"} else text
    if spreadsheet and _LONG.fullmatch(digits):
        digits = _rounded(digits)  # programs keep 45.90 as 45.899999999999999
    if _ITALIAN.fullmatch(digits):
        digits = digits.replace(".", "").replace(",", ".")
    elif _PLAIN.fullmatch(digits):
        digits = digits.replace(",", "")
    else:
        raise ValueError(text)
    cents = values.cents(digits)
    return -cents if minus else cents


def _rounded(digits: str) -> str:
    try:
        exact = Decimal(digits)
        amount = round(exact, 2)
    except InvalidOperation:
        raise ValueError(digits) from None
    if abs(exact - amount) > Decimal("0.000001"):
        raise ValueError(digits)
    return str(amount)


def _day(text: str) -> date:
    found = _DAY.fullmatch(text)
    if found is None:
        return values.day(text)
    year = int(found[3])
    return values.of_our_time(date(year + 2000 if year < 100 else year, int(found[2]), int(found[1])))


def _optional_day(text: str) -> date | None:
    try:
        return _day(text) if text else None
    except ValueError:
        return None


def _year(text: str, booked: date) -> int:
    text = re.sub(r"\.0$", "", text)
    if not text:
        return booked.year
    if not re.fullmatch(r"20\d\d", text, re.ASCII):
        raise ValueError("year")
    return int(text)
