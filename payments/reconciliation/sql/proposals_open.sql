-- A draft for each provisional that has none, and what is left to cover on those that are there.
INSERT INTO payments_reconciliation_collectionorderproposal (entity_id, movement_id, state, open_cents, created_at)
SELECT %(entity)s, t.provisional_id, 'draft', max(t.open_cents), %(now)s
FROM proposal_target t
GROUP BY t.provisional_id
ORDER BY t.provisional_id
ON CONFLICT (movement_id) WHERE state = 'draft'
DO UPDATE SET open_cents = excluded.open_cents
WHERE payments_reconciliation_collectionorderproposal.open_cents <> excluded.open_cents
