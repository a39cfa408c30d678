"""The books: an entry is written whole and sums up to zero, and nothing in it ever changes."""

from django.db import migrations

from portal.audit.append_only import append_only

TABLES = ("payments_reconciliation_ledgerentry", "payments_reconciliation_ledgerposting")

GUARDS = """
CREATE FUNCTION payments_reconciliation_entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT w.entry_id INTO wrong FROM written w GROUP BY w.entry_id HAVING sum(w.cents) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger entry % does not sum up to zero', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_sums_up_to_zero';
    END IF;
    SELECT p.entry_id INTO wrong FROM payments_reconciliation_ledgerposting p
    JOIN (SELECT DISTINCT entry_id FROM written) touched ON touched.entry_id = p.entry_id
    WHERE NOT EXISTS (SELECT 1 FROM written w WHERE w.id = p.id) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger entry % is written already', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_is_written_whole';
    END IF;
    SELECT w.entry_id INTO wrong FROM written w
    LEFT JOIN payments_reconciliation_ledgerentry e ON e.id = w.entry_id
    LEFT JOIN payments_reconciliation_revenueassessment a ON a.id = w.assessment_id
    WHERE e.id IS NULL OR e.entity_id <> w.entity_id
        OR (w.assessment_id IS NOT NULL AND (a.id IS NULL OR a.entity_id <> w.entity_id)) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a posting of entry % names the row of another body, or none', wrong
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'posting_of_one_body';
    END IF;
    RETURN NULL;
END $$;

-- By statement and not by row: a year has two hundred thousand postings, and an entry is never written in pieces.
CREATE TRIGGER payments_reconciliation_ledgerposting_balance AFTER INSERT ON payments_reconciliation_ledgerposting REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION payments_reconciliation_entries_balance();

CREATE FUNCTION payments_reconciliation_assessment_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM payments_reconciliation_ledgerposting WHERE entity_id = OLD.entity_id AND account = 'assessment'
               AND assessment_id = OLD.id) THEN
        RAISE EXCEPTION 'assessment % has money booked on it', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assessment_has_money';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;

CREATE TRIGGER payments_reconciliation_revenueassessment_named BEFORE UPDATE ON payments_reconciliation_revenueassessment FOR EACH ROW
    WHEN (OLD.entity_id <> NEW.entity_id OR OLD.year <> NEW.year OR OLD.number <> NEW.number)
    EXECUTE FUNCTION payments_reconciliation_assessment_kept();
CREATE TRIGGER payments_reconciliation_revenueassessment_kept BEFORE DELETE ON payments_reconciliation_revenueassessment FOR EACH ROW
    EXECUTE FUNCTION payments_reconciliation_assessment_kept();
"""

UNDO = """
DROP TRIGGER payments_reconciliation_revenueassessment_kept ON payments_reconciliation_revenueassessment;
DROP TRIGGER payments_reconciliation_revenueassessment_named ON payments_reconciliation_revenueassessment;
DROP FUNCTION payments_reconciliation_assessment_kept();
DROP TRIGGER payments_reconciliation_ledgerposting_balance ON payments_reconciliation_ledgerposting;
DROP FUNCTION payments_reconciliation_entries_balance();
"""


class Migration(migrations.Migration):
    dependencies = [("payments_reconciliation", "0007_ledger"), ("portal_audit", "0002_append_only")]

    operations = [*(append_only(table) for table in TABLES), migrations.RunSQL(GUARDS, UNDO)]
