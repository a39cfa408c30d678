"""Files as a back office writes them."""

from collections.abc import Iterable
from typing import Any

HEADINGS = (
    "numero_verbale", "serie", "anno", "data_violazione", "luogo", "targa", "nazione", "articolo", "importo_minimo",
    "importo_massimo", "spese", "costo_send", "sconto", "dati_conducente", "tipo_debitore", "codice_fiscale",
    "debitore", "indirizzo", "civico", "cap", "comune", "provincia", "data_notifica", "modo_notifica",
)  # fmt: skip
USUAL: dict[str, str] = {
    "numero_verbale": "1001", "serie": "V", "anno": "2026", "data_violazione": "10/03/2026",
    "luogo": "S.P. 11 km 4+200", "targa": "AB123CD", "nazione": "IT", "articolo": "art. 142 c. 8",
    "importo_minimo": "42,00", "importo_massimo": "173,00", "spese": "16,50", "costo_send": "", "sconto": "S",
    "dati_conducente": "N", "tipo_debitore": "F", "codice_fiscale": "RSSMRA60D20F205C", "debitore": "Mario Rossi",
    "indirizzo": "Vicolo Corto", "civico": "12", "cap": "56100", "comune": "Pisa", "provincia": "PI",
    "data_notifica": "", "modo_notifica": "",
}  # fmt: skip


def table(
    *rows: dict[str, Any], separator: str = ";", encoding: str = "utf-8", headings: Iterable[str] = HEADINGS
) -> bytes:
    """A file with the usual fine, changed line by line."""
    headings = list(headings)
    lines = [separator.join(headings)]
    for row in rows:
        cells = {**USUAL, **row}
        lines.append(separator.join(quoted(str(cells.get(name, "")), separator) for name in headings))
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def quoted(text: str, separator: str) -> str:
    """With quotes where the separator, a quote or a new line is in the text."""
    if not set(text) & {separator, '"', "\n"}:
        return text
    return '"' + text.replace('"', '""') + '"'


def served(*rows: tuple[str, str], how: str = "consegna") -> bytes:
    """A file of days of service: (number, day) of acts of series V of 2026."""
    lines = ["numero_verbale;serie;anno;data_notifica;modo_notifica"]
    lines += [f"{number};V;2026;{day};{how}" for number, day in rows]
    return "\n".join(lines).encode()
