"""Collection orders as JSON: whole cents, ISO days. Pure."""

import json
from collections.abc import Sequence

from payments.reconciliation.exports.rows import Layout, OrderRow


def write(rows: Sequence[OrderRow]) -> bytes:
    """One object with the total and the orders; it ends with a new line."""
    body = {"reversali": [_object(row) for row in rows], "totale_centesimi": sum(row.cents for row in rows)}
    return (json.dumps(body, ensure_ascii=False, indent=1) + "\n").encode()


def _object(row: OrderRow) -> dict[str, object]:
    return {
        "esercizio": row.year,
        "provvisorio": {"numero": row.provisional, "data": row.provisional_on.isoformat()},
        "accertamento": {"anno": row.assessment_year, "numero": row.assessment},
        "capitolo": row.chapter,
        "siope": row.siope,
        "conto_residui": row.residual,
        "importo_centesimi": row.cents,
        "versante": row.payer,
        "causale": row.text,
    }


LAYOUT = Layout("json", "JSON", "json", write)
