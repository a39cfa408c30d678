"""What was asked for does not change after somebody approved it; together the refunds never exceed the receipt."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION payments_refund_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'refund % cannot change any more', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_frozen';
END $$;

CREATE FUNCTION payments_refund_within_receipt() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    own bigint;
    back bigint;
BEGIN
    -- Whoever writes another refund of this receipt waits here.
    PERFORM 1 FROM payments_receiptcase WHERE id = NEW.case_id FOR UPDATE;
    SELECT coalesce(sum(t.amount_cents), 0) INTO own
      FROM payments_receiptcase c
      JOIN portal_entities_entity e ON e.id = c.entity_id
      JOIN payments_receipttransfer t ON t.receipt_id = c.receipt_id
     WHERE c.id = NEW.case_id AND NOT t.is_stamp AND t.beneficiary_fiscal_code = e.fiscal_code;
    SELECT coalesce(sum(amount_cents), 0) INTO back
      FROM payments_refund
     WHERE case_id = NEW.case_id AND id <> NEW.id AND state NOT IN ('refused', 'failed');
    IF back + NEW.amount_cents > own THEN
        RAISE EXCEPTION 'refunds of receipt case % exceed what the body received', NEW.case_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_within_receipt';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER payments_refund_request_frozen BEFORE UPDATE ON payments_refund FOR EACH ROW
    WHEN (OLD.case_id <> NEW.case_id OR OLD.entity_id <> NEW.entity_id OR OLD.amount_cents <> NEW.amount_cents
          OR OLD.iban <> NEW.iban OR OLD.beneficiary_name <> NEW.beneficiary_name OR OLD.reason <> NEW.reason
          OR OLD.requested_by_id <> NEW.requested_by_id OR OLD.requested_at <> NEW.requested_at
          OR (OLD.decided_by_id IS NOT NULL AND OLD.decided_by_id IS DISTINCT FROM NEW.decided_by_id)
          OR OLD.state IN ('done', 'refused', 'failed'))
    EXECUTE FUNCTION payments_refund_frozen();
CREATE TRIGGER payments_refund_kept BEFORE DELETE ON payments_refund FOR EACH ROW
    EXECUTE FUNCTION payments_refund_frozen();
CREATE TRIGGER payments_refund_sum BEFORE INSERT ON payments_refund FOR EACH ROW
    EXECUTE FUNCTION payments_refund_within_receipt();
"""

UNDO = """
DROP TRIGGER payments_refund_sum ON payments_refund;
DROP TRIGGER payments_refund_kept ON payments_refund;
DROP TRIGGER payments_refund_request_frozen ON payments_refund;
DROP FUNCTION payments_refund_within_receipt();
DROP FUNCTION payments_refund_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0007_refunds")]

    operations = [migrations.RunSQL(GUARDS, UNDO)]
