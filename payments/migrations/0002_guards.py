"""What the tables refuse by themselves: changes to receipts, and transfers that do not sum up to their instalment."""

from django.db import migrations

from portal.audit.append_only import append_only

SUM_CHECK = """
CREATE FUNCTION payments_check_instalment_sum(instalment bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    due bigint;
    parts bigint;
BEGIN
    SELECT amount_cents INTO due FROM payments_instalment WHERE id = instalment;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT COALESCE(sum(amount_cents), 0) INTO parts FROM payments_transfer WHERE instalment_id = instalment;
    IF parts <> due THEN
        RAISE EXCEPTION 'transfers of instalment % are % cents, not %', instalment, parts, due
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfers_sum_up_to_the_instalment';
    END IF;
END $$;

CREATE FUNCTION payments_instalment_sum() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM payments_check_instalment_sum(NEW.id);
    RETURN NULL;
END $$;

CREATE FUNCTION payments_transfer_sum() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM payments_check_instalment_sum(OLD.instalment_id);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM payments_check_instalment_sum(NEW.instalment_id);
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER payments_instalment_sum AFTER INSERT OR UPDATE OF amount_cents ON payments_instalment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_instalment_sum();
CREATE CONSTRAINT TRIGGER payments_transfer_sum AFTER INSERT OR UPDATE OR DELETE ON payments_transfer
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_transfer_sum();
"""

SUM_UNDO = """
DROP TRIGGER payments_transfer_sum ON payments_transfer;
DROP TRIGGER payments_instalment_sum ON payments_instalment;
DROP FUNCTION payments_transfer_sum();
DROP FUNCTION payments_instalment_sum();
DROP FUNCTION payments_check_instalment_sum(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial"), ("portal_audit", "0002_append_only")]

    operations = [
        append_only("payments_receipt"),
        append_only("payments_receipttransfer"),
        append_only("payments_quarantinedmessage"),
        migrations.RunSQL(SUM_CHECK, SUM_UNDO),
    ]
