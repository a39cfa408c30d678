"""What was recorded about money outside pagoPA does not change; only by its contrary entry a paid number opens again."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION payments_outside_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'outside payment % cannot change any more', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'outside_frozen';
END $$;

CREATE TRIGGER payments_outside_kept_as_said BEFORE UPDATE ON payments_outsidepayment FOR EACH ROW
    WHEN (OLD.position_id <> NEW.position_id OR OLD.entity_id <> NEW.entity_id
          OR OLD.reverses_id IS DISTINCT FROM NEW.reverses_id OR OLD.credited_on <> NEW.credited_on
          OR OLD.amount_cents <> NEW.amount_cents OR OLD.how <> NEW.how OR OLD.reference <> NEW.reference
          OR OLD.document_id IS DISTINCT FROM NEW.document_id OR OLD.note <> NEW.note
          OR OLD.requested_by_id <> NEW.requested_by_id OR OLD.requested_at <> NEW.requested_at
          OR OLD.state IN ('refused', 'reversed')
          OR (OLD.state = 'confirmed' AND NEW.state <> 'reversed')
          OR (OLD.decided_by_id IS NOT NULL AND (OLD.decided_by_id IS DISTINCT FROM NEW.decided_by_id
              OR OLD.decided_at IS DISTINCT FROM NEW.decided_at OR OLD.decision <> NEW.decision
              OR OLD.instalment_id IS DISTINCT FROM NEW.instalment_id
              OR OLD.due_cents IS DISTINCT FROM NEW.due_cents OR OLD.as_balance <> NEW.as_balance)))
    EXECUTE FUNCTION payments_outside_frozen();
CREATE TRIGGER payments_outside_kept BEFORE DELETE ON payments_outsidepayment FOR EACH ROW
    EXECUTE FUNCTION payments_outside_frozen();

CREATE FUNCTION payments_paid_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.paid_at IS NULL AND OLD.amount_cents = NEW.amount_cents AND OLD.due_on IS NOT DISTINCT FROM NEW.due_on
       AND EXISTS (SELECT 1 FROM payments_outsidepayment WHERE instalment_id = OLD.id AND state = 'reversed')
       AND NOT EXISTS (SELECT 1 FROM payments_outsidepayment WHERE instalment_id = OLD.id AND state = 'confirmed')
       AND NOT EXISTS (SELECT 1 FROM payments_receiptcase WHERE instalment_id = OLD.id AND settles) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'instalment % cannot change any more', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'instalment_frozen';
END $$;

DROP TRIGGER payments_instalment_paid ON payments_instalment;
CREATE TRIGGER payments_instalment_paid BEFORE UPDATE ON payments_instalment FOR EACH ROW
    WHEN (OLD.paid_at IS NOT NULL AND (OLD.paid_at IS DISTINCT FROM NEW.paid_at
          OR OLD.amount_cents <> NEW.amount_cents OR OLD.due_on IS DISTINCT FROM NEW.due_on))
    EXECUTE FUNCTION payments_paid_frozen();
"""

UNDO = """
DROP TRIGGER payments_instalment_paid ON payments_instalment;
CREATE TRIGGER payments_instalment_paid BEFORE UPDATE ON payments_instalment FOR EACH ROW
    WHEN (OLD.paid_at IS NOT NULL AND (OLD.paid_at IS DISTINCT FROM NEW.paid_at
          OR OLD.amount_cents <> NEW.amount_cents OR OLD.due_on IS DISTINCT FROM NEW.due_on))
    EXECUTE FUNCTION payments_instalment_frozen();
DROP FUNCTION payments_paid_frozen();
DROP TRIGGER payments_outside_kept ON payments_outsidepayment;
DROP TRIGGER payments_outside_kept_as_said ON payments_outsidepayment;
DROP FUNCTION payments_outside_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0017_outside_payments")]

    operations = [migrations.RunSQL(GUARDS, UNDO)]
