"""Evidence tables: rows come in and stay. The database itself refuses to change or delete them.

No setting of a session opens a table, but for the few whose rows the law lets go after a term: those are let go by name
(`let_go`), and only by a transaction that says it is the audited purge (`portal.purge`).
"""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION portal_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_NARGS > 0 AND current_setting('portal.purge', true) = 'on' THEN
        RETURN OLD;  -- the audited purge, of a table that was created with the word for it
    END IF;
    RAISE EXCEPTION 'rows of % are evidence: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
"""

ROWS = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION portal_refuse_change({purge});
"""
TABLE = """
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse_change();
"""


def append_only(table: str) -> migrations.RunSQL:
    """Migration operation that makes a table append-only (house rule 2: evidence is never updated nor deleted)."""
    undo = f"DROP TRIGGER {table}_append_only ON {table}; DROP TRIGGER {table}_no_truncate ON {table};"
    return migrations.RunSQL(FUNCTION + ROWS.format(table=table, purge="") + TABLE.format(table=table), undo)


def let_go(table: str) -> migrations.RunSQL:
    """Migration operation for an append-only table whose rows a term of law lets go: the audited purge may delete."""
    drop = f"DROP TRIGGER {table}_append_only ON {table};"
    return migrations.RunSQL(
        FUNCTION + drop + ROWS.format(table=table, purge="'purge'"), drop + ROWS.format(table=table, purge="")
    )
