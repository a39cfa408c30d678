"""What the rules do not dare decide: flows and movements that may belong together, for a person to say."""

from collections.abc import Mapping
from typing import Any

from django.db.backends.utils import CursorWrapper

from payments.reconciliation.sql import statement

_WANTED, _LAPSE, _PROPOSE = statement("suggestions"), statement("suggestions_lapse"), statement("suggestions_open")


def suggest(sql: CursorWrapper, known: Mapping[str, Any]) -> int:
    """Propose what may belong together, and withdraw what no longer may; how many new proposals."""
    sql.execute(_WANTED, known)
    sql.execute(_LAPSE, known)
    sql.execute(_PROPOSE, known)
    return int(sql.rowcount)
