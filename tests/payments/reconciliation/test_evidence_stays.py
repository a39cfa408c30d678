"""What the database refuses also to us: no table of evidence or of the books can be forgotten."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

# The rows of the reconciliation that people and runs may change; every other table of it keeps what it was told.
CHANGING = {
    f"payments_reconciliation_{name}"
    for name in (
        "revenueassessment", "allocationrule", "assessmentfile", "pullcursor", "collectionorderproposal",
        "collectionorderline", "treasuryaccount", "correspondent", "suggestion", "suggestionthreshold", "workitem",
        "receiptrequest",
    )
}  # fmt: skip
# What the law lets go after a term, in a transaction that says it is the audited purge.
LET_GO = ["payments_quarantinedmessage", "spid_auth_samlmessage"]
REFUSED = "23001"
GUARDED = """
SELECT c.relname, bool_or(t.tgtype & 16 > 0 AND t.tgtype & 1 > 0), bool_or(t.tgtype & 8 > 0), bool_or(t.tgtype & 32 > 0)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND t.tgenabled = 'O' AND t.tgtype & 2 > 0
    AND p.proname IN ('portal_refuse_change', 'payments_reconciliation_closes_once',
        'payments_reconciliation_only_counts')
GROUP BY c.relname
"""
COLUMNS = """
SELECT column_name, udt_name, is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'
FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s
"""
CHECKS = "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass"
WHEN_INSERTED = """
SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgtype & 4 > 0
"""
SOMETHING = {
    "bool": "true", "date": "'2026-11-11'", "timestamptz": "now()", "jsonb": "'{}'", "uuid": "gen_random_uuid()",
    "bytea": "''", "inet": "'127.0.0.1'", "varchar": "''", "text": "''", "bpchar": "''",
}  # fmt: skip


def guarded() -> dict[str, tuple[bool, bool, bool]]:
    """Tables with guards: whether each row refuses UPDATE, whether it refuses DELETE, whether the table TRUNCATE."""
    with connection.cursor() as sql:
        sql.execute(GUARDED)
        return {name: tuple(kinds) for name, *kinds in sql.fetchall()}


def with_a_row(table: str) -> list[str]:
    """Put one row of anything into a table, without its checks; the names of the columns."""
    with connection.cursor() as sql:
        sql.execute(COLUMNS, [table])
        columns = sql.fetchall()
        for question, kind in ((CHECKS, "CONSTRAINT"), (WHEN_INSERTED, "TRIGGER")):
            sql.execute(question, [table])
            for (name,) in sql.fetchall():
                change = "ALTER TABLE {0} DROP {1} {2}" if kind == "CONSTRAINT" else "DROP {1} {2} ON {0}"
                sql.execute(change.format(table, kind, name))
        asked = {
            f'"{name}"': SOMETHING.get(kind, "'{}'" if kind.startswith("_") else "1")
            for name, kind, must in columns
            if must
        }
        sql.execute(f"INSERT INTO {table} ({', '.join(asked)}) VALUES ({', '.join(asked.values())})")  # noqa: S608
    return [name for name, *_rest in columns]


def accepted(*statements: str) -> Iterator[str]:
    """Those that the database let pass, or stopped for another reason."""
    for statement in statements:
        try:
            with transaction.atomic(), connection.cursor() as sql:
                sql.execute(statement)
        except DatabaseError as error:
            if getattr(error.__cause__, "sqlstate", "") != REFUSED:
                yield f"{statement}: {error}"
        else:
            yield statement


@pytest.mark.django_db
def test_every_table_of_the_reconciliation_keeps_its_rows_unless_it_is_said_that_they_change():
    tables = {
        model._meta.db_table
        for model in apps.get_app_config("payments_reconciliation").get_models()
        if model._meta.managed and not model._meta.proxy
    }
    assert tables >= CHANGING
    found = guarded()
    assert {table: found.get(table) for table in tables - CHANGING} == dict.fromkeys(tables - CHANGING, (True,) * 3)
    assert {"payments_receipt", "payments_receipttransfer", "payments_quarantinedmessage"} <= set(found)


@pytest.mark.django_db
def test_evidence_and_books_refuse_to_be_changed_deleted_or_emptied():
    passed: list[str] = []
    for table in sorted(guarded()):
        with transaction.atomic(), connection.cursor() as sql:
            # Before there is a row: a table with keys still to be checked is not emptied anyway.
            for setting in ("portal.purge", "portal.allow_truncate"):
                sql.execute("SELECT set_config(%s, 'on', true)", [setting])
            passed += accepted(f"TRUNCATE {table} CASCADE")
            updates = [f'UPDATE {table} SET "{name}" = "{name}"' for name in with_a_row(table)]  # noqa: S608
            passed += accepted(*updates, f"DELETE FROM {table}")  # noqa: S608
            transaction.set_rollback(True)
    assert sorted(passed) == [f"DELETE FROM {table}" for table in LET_GO]  # noqa: S608
