-- Every line of the proposals not yet exported, with the first reason why it cannot go on, if there is one.
-- What the documents say of an approved one is asked when it is exported.
WITH line AS (
    SELECT l.id, l.proposal_id, l.assessment_id, l.cents, p.entity_id, p.state, p.open_cents, p.created_at,
        m.document_number, m.year, m.booked_on, m.customer,
        a.year AS assessment_year, a.number AS assessment_number, a.chapter, a.siope, a.description, a.final, a.closed,
        a.cents AS assessed,
        sum(greatest(l.cents, 0)) FILTER (WHERE l.assessment_id IS NOT NULL)
            OVER (PARTITION BY l.proposal_id ORDER BY l.assessment_id) AS of_provisional,
        sum(greatest(l.cents, 0)) OVER (PARTITION BY l.assessment_id ORDER BY p.state, m.booked_on, l.id)
            AS of_assessment
    FROM payments_reconciliation_collectionorderline l
    JOIN payments_reconciliation_collectionorderproposal p ON p.id = l.proposal_id
    JOIN payments_reconciliation_treasurymovement m ON m.id = p.movement_id
    LEFT JOIN payments_reconciliation_revenueassessment a ON a.id = l.assessment_id
    WHERE p.entity_id = ANY(%(entities)s) AND p.state <> 'exported'
), exported AS (
    SELECT l.assessment_id, sum(l.cents) AS cents
    FROM payments_reconciliation_collectionorderline l
    JOIN payments_reconciliation_collectionorderproposal p ON p.id = l.proposal_id
    WHERE p.entity_id = ANY(%(entities)s) AND p.state = 'exported'
        AND NOT EXISTS (SELECT FROM payments_reconciliation_collectionordervoid v WHERE v.line_id = l.id)
    GROUP BY l.assessment_id
), judged AS (
    SELECT l.*,
        CASE
            WHEN l.cents < 0 THEN 'variation'
            WHEN l.state = 'draft' AND l.open_cents <= 0 THEN 'already_regularised'
            WHEN l.assessment_id IS NULL THEN 'assessment_missing'
            WHEN l.closed THEN 'year_closed'
            WHEN NOT l.final THEN 'not_final'
            WHEN l.state = 'draft' AND l.of_provisional > l.open_cents THEN 'provisional_short'
            WHEN l.assessed < coalesce(x.cents, 0) + l.of_assessment THEN 'assessment_short'
            ELSE ''
        END AS reject
    FROM line l
    LEFT JOIN exported x ON x.assessment_id = l.assessment_id
)
