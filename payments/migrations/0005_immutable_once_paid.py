"""What the tables refuse once somebody has paid; and which station and kind of debt older positions belong to."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION payments_instalment_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'instalment % cannot change any more', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'instalment_frozen';
END $$;

CREATE FUNCTION payments_share_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    share record;
BEGIN
    IF TG_OP = 'INSERT' THEN
        share := NEW;
    ELSE
        share := OLD;
    END IF;
    PERFORM 1 FROM payments_instalment WHERE id = share.instalment_id AND paid_at IS NOT NULL;
    IF FOUND THEN
        RAISE EXCEPTION 'instalment % is paid: its amounts cannot change any more', share.instalment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'instalment_frozen';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;

CREATE TRIGGER payments_numbers_are_for_ever BEFORE UPDATE ON payments_instalment FOR EACH ROW
    WHEN (OLD.nav <> NEW.nav OR OLD.iuv <> NEW.iuv OR OLD.option_id <> NEW.option_id)
    EXECUTE FUNCTION payments_instalment_frozen();
CREATE TRIGGER payments_instalment_paid BEFORE UPDATE ON payments_instalment FOR EACH ROW
    WHEN (OLD.paid_at IS NOT NULL AND (OLD.paid_at IS DISTINCT FROM NEW.paid_at
          OR OLD.amount_cents <> NEW.amount_cents OR OLD.due_on IS DISTINCT FROM NEW.due_on))
    EXECUTE FUNCTION payments_instalment_frozen();
CREATE TRIGGER payments_transfer_frozen BEFORE INSERT OR UPDATE OR DELETE ON payments_transfer FOR EACH ROW
    EXECUTE FUNCTION payments_share_frozen();
CREATE TRIGGER payments_dated_amount_frozen BEFORE INSERT OR UPDATE OR DELETE ON payments_datedamount FOR EACH ROW
    EXECUTE FUNCTION payments_share_frozen();
"""

UNDO = """
DROP TRIGGER payments_dated_amount_frozen ON payments_datedamount;
DROP TRIGGER payments_transfer_frozen ON payments_transfer;
DROP TRIGGER payments_instalment_paid ON payments_instalment;
DROP TRIGGER payments_numbers_are_for_ever ON payments_instalment;
DROP FUNCTION payments_share_frozen();
DROP FUNCTION payments_instalment_frozen();
"""

BELONGS = """
UPDATE payments_position p SET link_id = l.id
  FROM payments_stationlink l WHERE p.link_id IS NULL AND l.creditor_id = p.creditor_id AND l.issues;
UPDATE payments_position p SET debt_kind_id = t.debt_kind_id
  FROM payments_transfer t
  JOIN payments_instalment i ON i.id = t.instalment_id AND i.number = 1
  JOIN payments_paymentoption o ON o.id = i.option_id
 WHERE p.debt_kind_id IS NULL AND o.position_id = p.id AND t.seq = 1;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_plans_stamps_dated_amounts")]

    operations = [
        migrations.RunSQL(BELONGS, migrations.RunSQL.noop),
        migrations.RunSQL(GUARDS, UNDO),
    ]
