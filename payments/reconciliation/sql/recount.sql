-- Movements of an account count when they come from the kind of document that counts for it.
UPDATE payments_reconciliation_treasurymovement
SET counts = NOT counts
WHERE entity_id = %(entity)s AND account = %(account)s
    AND counts <> ((source = 'statement') = (%(source)s = 'statement'))
