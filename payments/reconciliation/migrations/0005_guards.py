"""Matches and verdicts are never deleted, and change once: when they are taken back, when they are closed."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION payments_reconciliation_closes_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb := to_jsonb(NEW);
BEGIN
    -- The first argument is the column that closes the row, the others are those that may be written with it.
    IF before - TG_ARGV::text[] <> after - TG_ARGV::text[]
        OR coalesce(before ->> TG_ARGV[0], 'open') NOT IN ('true', 'open')
        OR coalesce(after ->> TG_ARGV[0], 'open') IN ('true', 'open')
    THEN
        RAISE EXCEPTION 'rows of % change once, when they are closed', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""

MATCH, VERDICT = "payments_reconciliation_match", "payments_reconciliation_verdict"


def guarded(table: str, *columns: str) -> str:
    """The triggers of a table whose rows close once, writing only these columns; the first one closes."""
    allowed = ", ".join(f"'{column}'" for column in columns)
    return f"""
CREATE TRIGGER {table}_closes_once BEFORE UPDATE ON {table}
    FOR EACH ROW EXECUTE FUNCTION payments_reconciliation_closes_once({allowed});
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
"""


NO_TRUNCATE = f"""
CREATE TRIGGER {VERDICT}_no_truncate BEFORE TRUNCATE ON {VERDICT}
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse_change();
"""
FORWARD = (
    FUNCTION
    + f"DROP TRIGGER {MATCH}_append_only ON {MATCH};"
    + guarded(MATCH, "live", "revoked_at", "revoked_by_id", "revoked_run_id", "revoked_reason")
    + guarded(VERDICT, "closed_run_id")
    + NO_TRUNCATE
)
BACKWARD = f"""
DROP TRIGGER {VERDICT}_no_truncate ON {VERDICT};
DROP TRIGGER {VERDICT}_no_delete ON {VERDICT};
DROP TRIGGER {VERDICT}_closes_once ON {VERDICT};
DROP TRIGGER {MATCH}_no_delete ON {MATCH};
DROP TRIGGER {MATCH}_closes_once ON {MATCH};
DROP FUNCTION payments_reconciliation_closes_once();
CREATE TRIGGER {MATCH}_append_only BEFORE UPDATE OR DELETE ON {MATCH}
    FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("payments_reconciliation", "0004_verdicts"), ("portal_audit", "0002_append_only")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
