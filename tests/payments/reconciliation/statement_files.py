"""Lists of money as offices receive them, for the tests."""

import io
import zipfile
from typing import Any
from xml.sax.saxutils import escape

IBAN = "IT60X0542811101000000123456"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PROVISIONALS = "ESERCIZIO;N.PROVV.;DATA ESEC.;ANAGRAFICA CLIENTE;DESCRIZIONE CAUSALE;IMPORTO PROVVISORIO;VALUTA ENTE"
BANK = [
    "ABI", "CAB", "CONTO", "DIVISA", "DATA CONTABILE", "DATA VALUTA", "IMPORTO", "SEGNO", "CAUSALE", "NUM. ASSEGNO",
    "RIF. BANCA", "RIF. CLIENTE", "DESCRIZIONE", "DESCRIZIONE ESTESA",
]  # fmt: skip


def provisionals(*rows: str) -> bytes:
    """`year;number;day;customer;text;amount;value day`, under the usual titles."""
    return ("\r\n".join([PROVISIONALS, *rows]) + "\r\n").encode()


def bank_row(amount: str, text: str, *, sign: str = "+", day: str = "12/11/2026", reference: str = "") -> list[str]:
    return [
        "05428", "11101", "000000123456", "EUR", day, day, amount, sign, "48", "", reference, "NOTPROVIDED", text, "",
    ]  # fmt: skip


def bank_csv(*rows: list[str], separator: str = ";") -> bytes:
    lines = [BANK, *rows]
    return "\n".join(separator.join(f'"{cell}"' for cell in line) for line in lines).encode()


def postal_csv(*rows: str) -> bytes:
    above = f"BancoPosta;;;;;;;;\nIBAN;{IBAN};;;;;;;\n;;;;;;;;\n"
    titles = "DATA CONTABILE;DATA VALUTA;CAUSALE;SPORTELLO;PROVINCIA;ADDEBITI;ACCREDITI;SALDO;DESCRIZIONE OPERAZIONI\n"
    return (above + titles + "\n".join(rows)).encode("cp1252")


def workbook(rows: list[list[Any]], **parts: str) -> bytes:
    """A minimal XLSX: text shared, numbers as numbers, ("day", serial) as a styled number."""
    shared: list[str] = []
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = []
        for place, value in enumerate(row):
            where = f'r="{chr(65 + place)}{number}"'
            if isinstance(value, tuple):
                cells.append(f'<c {where} s="1"><v>{value[1]}</v></c>')
            elif isinstance(value, str) and value:
                shared.append(value)
                cells.append(f'<c {where} t="s"><v>{len(shared) - 1}</v></c>')
            elif value != "":
                cells.append(f"<c {where}><v>{value}</v></c>")
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    texts = "".join(f"<si><t>{escape(text)}</t></si>" for text in shared)
    formats = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
    content = {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}"/>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{texts}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{formats}</styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>',
    } | {name.replace("__", "/"): text for name, text in parts.items()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in content.items():
            archive.writestr(name, text)
    return packed.getvalue()


def camt_entry(amount: str, text: str, *, sign: str = "CRDT", status: str = "BOOK", extra: str = "") -> str:
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts>{status}</Sts>'
        "<BookgDt><Dt>2026-11-12</Dt></BookgDt><ValDt><Dt>2026-11-12</Dt></ValDt><AcctSvcrRef>REF1</AcctSvcrRef>"
        f"{extra}<NtryDtls><TxDtls><Refs><EndToEndId>E2E-1</EndToEndId></Refs><RltdPties><Dbtr><Nm>Poste</Nm></Dbtr>"
        f"</RltdPties><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def camt(*entries: str, opening: str = "100.00", closing: str = "145.90", version: str = "02") -> bytes:
    def balance(code: str, amount: str) -> str:
        return (
            f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>'
            "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-12</Dt></Dt></Bal>"
        )

    return (
        f'<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">'
        f"<BkToCstmrStmt><Stmt><Id>1</Id><Acct><Id><IBAN>{IBAN}</IBAN></Id></Acct>{balance('OPBD', opening)}"
        f"{balance('CLBD', closing)}{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()
