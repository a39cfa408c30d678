"""An example of a layout for an accounting system, after the reconciliation file of the SIAC: no office has confirmed
it yet. Whoever needs another writes a module like this one and names it in COLLECTION_ORDER_LAYOUTS. Pure.
"""

from collections.abc import Sequence

from payments.domain.spreadsheet import line
from payments.reconciliation.exports.rows import Layout, OrderRow
from portal.kernel.money import decimal_from_cents

HEADINGS = (
    "anno_provvisorio", "numero_provvisorio", "anno_accertamento", "numero_accertamento", "numero_subaccertamento",
    "voce", "importo", "soggetto", "descrizione",
)  # fmt: skip


def write(rows: Sequence[OrderRow]) -> bytes:
    """Semicolons, dots in amounts, UTF-8; a sub-assessment is what follows the slash in the number."""
    return (line(HEADINGS) + "".join(line(_cells(row)) for row in rows)).encode()


def _cells(row: OrderRow) -> tuple[object, ...]:
    number, _slash, part = row.assessment.partition("/")
    return (
        row.year, row.provisional, row.assessment_year, number, part, row.chapter, decimal_from_cents(row.cents),
        row.payer, row.text,
    )  # fmt: skip


LAYOUT = Layout("siac_example", "Tipo SIAC (esempio da confermare)", "csv", write, example=True)
