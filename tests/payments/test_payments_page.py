"""The tables of docs/payments.md say what the code does."""

import re
from pathlib import Path

from payments.domain.states import PAYABILITY_LABELS, Payability
from payments.node.lookup import FAULT_OF

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "payments.md").read_text(encoding="utf-8")


def test_every_verdict_is_in_the_table_with_its_words_and_its_fault():
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| ([^|]+ \| [^|]+?) \|$", PAGE, re.MULTILINE))
    assert set(rows) == set(Payability)
    for verdict in Payability:
        words, told = rows[verdict].split(" | ")
        assert words == PAYABILITY_LABELS[verdict]
        assert told.strip("`") == FAULT_OF[verdict] if verdict in FAULT_OF else told.startswith("OK")


def test_the_names_of_the_guards_exist_in_the_database(db):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger UNION SELECT conname FROM pg_constraint UNION "
                       "SELECT indexname FROM pg_indexes")  # fmt: skip
        known = {row[0] for row in cursor.fetchall()}
    named = set(re.findall(r"`(payments_[a-z_]+|transfer_has[a-z_]+|instalment_settled[a-z_]+)`", PAGE))
    assert named
    assert named <= known
