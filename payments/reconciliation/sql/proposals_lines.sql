-- The lines of the drafts that have none.
INSERT INTO payments_reconciliation_collectionorderline (entity_id, proposal_id, assessment_id, cents)
SELECT %(entity)s, p.id, t.assessment_id, t.cents
FROM proposal_target t
JOIN payments_reconciliation_collectionorderproposal p
    ON p.movement_id = t.provisional_id AND p.state = 'draft' AND p.entity_id = %(entity)s
WHERE NOT EXISTS (SELECT 1 FROM payments_reconciliation_collectionorderline l WHERE l.proposal_id = p.id)
ORDER BY p.id, t.assessment_id
