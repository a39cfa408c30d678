"""Collection orders as a CSV that spreadsheets open in Italy. Pure."""

from collections.abc import Sequence

from payments.domain.spreadsheet import BOM, line
from payments.reconciliation.exports.rows import Layout, OrderRow
from portal.kernel.money import euro_plain

HEADINGS = (
    "esercizio", "provvisorio", "data_provvisorio", "anno_accertamento", "accertamento", "capitolo", "siope",
    "conto_residui", "importo", "versante", "causale",
)  # fmt: skip


def write(rows: Sequence[OrderRow]) -> bytes:
    """Semicolons, commas in amounts, UTF-8 with its mark."""
    return (BOM + line(HEADINGS) + "".join(line(_cells(row)) for row in rows)).encode()


def _cells(row: OrderRow) -> tuple[object, ...]:
    return (
        row.year, row.provisional, f"{row.provisional_on:%d/%m/%Y}", row.assessment_year, row.assessment, row.chapter,
        row.siope, "S" if row.residual else "N", euro_plain(row.cents).replace(".", ""), row.payer, row.text,
    )  # fmt: skip


LAYOUT = Layout("csv", "CSV", "csv", write)
