-- Drafts whose lines are not those that the documents ask for now.
WITH draft AS (
    SELECT p.id, p.movement_id,
        string_agg(coalesce(l.assessment_id, 0) || ':' || l.cents, ',' ORDER BY l.assessment_id) AS says
    FROM payments_reconciliation_collectionorderproposal p
    LEFT JOIN payments_reconciliation_collectionorderline l ON l.proposal_id = p.id
    WHERE p.entity_id = %(entity)s AND p.state = 'draft' AND p.movement_id IN (SELECT id FROM book_movement)
    GROUP BY p.id, p.movement_id
), target AS (
    SELECT provisional_id, string_agg(coalesce(assessment_id, 0) || ':' || cents, ',' ORDER BY assessment_id) AS says
    FROM proposal_target
    GROUP BY provisional_id
), stale AS (
    SELECT d.id FROM draft d
    LEFT JOIN target t ON t.provisional_id = d.movement_id
    WHERE t.says IS DISTINCT FROM d.says
)
DELETE FROM payments_reconciliation_collectionorderline l USING stale s WHERE l.proposal_id = s.id
