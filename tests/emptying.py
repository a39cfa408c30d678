"""After a test that commits, the database is emptied of what the test wrote, and of nothing else.

Django truncates every table and writes content types and permissions again: two hundred tables with their indexes for
a handful of rows. Here rows are deleted where there are some; content types and permissions stay as they are.
"""

from functools import cache
from typing import Any

from django.db import connection, transaction

# What Django writes back after emptying: it is the same before and after.
KEPT = frozenset({"django_content_type", "auth_permission"})
# As a replica the server calls no trigger: neither those of foreign keys nor those that guard the evidence.
DELETE_ALL = """
DO $$
DECLARE one text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOREACH one IN ARRAY ARRAY[{tables}] LOOP EXECUTE format('DELETE FROM %I', one); END LOOP;
END $$
"""


@cache
def _tables() -> str:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return ", ".join(f"'{name}'" for name in sorted(set(names) - KEPT))


def empty(_case: Any) -> None:
    """In place of TransactionTestCase._fixture_teardown."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(DELETE_ALL.format(tables=_tables()))
