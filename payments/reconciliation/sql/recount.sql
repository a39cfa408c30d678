-- Movements of an account count when they come from the kind of document that counts for it. A provisional of a list
-- that the journal names too never does.
UPDATE payments_reconciliation_treasurymovement
SET counts = NOT counts
WHERE entity_id = %(entity)s AND account = %(account)s
    AND counts <> ((source = 'statement') = (%(source)s = 'statement'))
    AND NOT (source = 'provisionals' AND EXISTS (
        SELECT FROM payments_reconciliation_treasurymovement j
        WHERE j.entity_id = %(entity)s AND j.source = 'journal' AND j.document_type = 'SOSPESO ENTRATA'
            AND (j.year, j.document_number, j.operation) = (payments_reconciliation_treasurymovement.year,
                payments_reconciliation_treasurymovement.document_number,
                payments_reconciliation_treasurymovement.operation)))
