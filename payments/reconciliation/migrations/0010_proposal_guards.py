"""What was approved stays as it was seen; what was exported stays for ever."""

from django.db import migrations

from portal.audit.append_only import append_only

GUARDS = """
CREATE FUNCTION payments_reconciliation_order_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    about bigint := CASE WHEN TG_OP = 'INSERT' THEN NEW.proposal_id ELSE OLD.proposal_id END;
    stands text;
BEGIN
    SELECT state INTO stands FROM payments_reconciliation_collectionorderproposal WHERE id = about;
    IF stands = 'exported' OR (stands = 'approved' AND TG_OP <> 'DELETE') THEN
        RAISE EXCEPTION 'the lines of proposal % cannot change any more', about
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_frozen';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;

CREATE FUNCTION payments_reconciliation_proposal_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'proposal % cannot change any more', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_frozen';
END $$;

CREATE TRIGGER payments_reconciliation_collectionorderline_frozen
    BEFORE INSERT OR UPDATE OR DELETE ON payments_reconciliation_collectionorderline FOR EACH ROW
    EXECUTE FUNCTION payments_reconciliation_order_frozen();
CREATE TRIGGER payments_reconciliation_collectionorderproposal_exported
    BEFORE UPDATE OR DELETE ON payments_reconciliation_collectionorderproposal FOR EACH ROW
    WHEN (OLD.state = 'exported') EXECUTE FUNCTION payments_reconciliation_proposal_frozen();
CREATE TRIGGER payments_reconciliation_collectionorderproposal_approved
    BEFORE UPDATE ON payments_reconciliation_collectionorderproposal FOR EACH ROW
    WHEN (OLD.state = 'approved' AND NEW.state <> 'exported'
          OR OLD.movement_id <> NEW.movement_id OR OLD.entity_id <> NEW.entity_id)
    EXECUTE FUNCTION payments_reconciliation_proposal_frozen();
"""

UNDO = """
DROP TRIGGER payments_reconciliation_collectionorderproposal_approved
    ON payments_reconciliation_collectionorderproposal;
DROP TRIGGER payments_reconciliation_collectionorderproposal_exported
    ON payments_reconciliation_collectionorderproposal;
DROP TRIGGER payments_reconciliation_collectionorderline_frozen ON payments_reconciliation_collectionorderline;
DROP FUNCTION payments_reconciliation_proposal_frozen();
DROP FUNCTION payments_reconciliation_order_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("payments_reconciliation", "0009_proposals"), ("portal_audit", "0002_append_only")]

    operations = [append_only("payments_reconciliation_proposalexport"), migrations.RunSQL(GUARDS, UNDO)]
