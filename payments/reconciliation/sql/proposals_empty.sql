-- Drafts that nothing asks for any more.
DELETE FROM payments_reconciliation_collectionorderproposal p
WHERE p.entity_id = %(entity)s AND p.state = 'draft' AND p.movement_id IN (SELECT id FROM book_movement)
    AND NOT EXISTS (SELECT 1 FROM proposal_target t WHERE t.provisional_id = p.movement_id)
    AND NOT EXISTS (SELECT 1 FROM payments_reconciliation_collectionorderline l WHERE l.proposal_id = p.id)
