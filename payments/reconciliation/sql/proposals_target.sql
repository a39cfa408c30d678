-- What was approved or exported on the provisionals that the books look at, and what else they should be covered with.
DROP TABLE IF EXISTS pg_temp.proposal_target, pg_temp.proposal_settled;
CREATE TEMP TABLE proposal_settled ON COMMIT DROP AS
-- What was approved on a provisional of a list holds for the same one of the journal. An order that was annulled, or
-- never came to be, counts no more.
SELECT coalesce(n.id, p.movement_id) AS provisional_id, p.id AS proposal_id, p.state, l.assessment_id, l.cents
FROM payments_reconciliation_collectionorderproposal p
JOIN payments_reconciliation_collectionorderline l ON l.proposal_id = p.id
JOIN payments_reconciliation_treasurymovement m ON m.id = p.movement_id
LEFT JOIN (SELECT year, number, min(id) AS id FROM book_provisional GROUP BY year, number) n
    ON m.source = 'provisionals' AND NOT m.counts AND (n.year, n.number) = (m.year, m.document_number)
WHERE p.entity_id = %(entity)s AND p.state <> 'draft' AND p.movement_id IN (SELECT id FROM book_movement)
    AND NOT EXISTS (SELECT FROM payments_reconciliation_collectionordervoid v WHERE v.line_id = l.id);
ANALYZE proposal_settled;

CREATE TEMP TABLE proposal_target ON COMMIT DROP AS
WITH reported AS (
    -- What each flow, payment transferred alone, or payment outside pagoPA brings to each assessment.
    SELECT f.psp_id || '|' || f.iuf_key AS bundle, p.order_id AS assessment_id, p.cents
    FROM book_row l
    JOIN book_current f ON f.id = l.flow_id
    JOIN book_part p ON p.own_id = l.own_id
    WHERE l.nth = 1 AND l.cents > 0
    UNION ALL
    SELECT f.psp_id || '|' || f.iuf_key, p.order_id, p.cents
    FROM book_row l
    JOIN book_current f ON f.id = l.flow_id
    JOIN book_part p ON p.line_id = l.id
    UNION ALL
    SELECT 'receipt|' || o.receipt_id, p.order_id, p.cents
    FROM (SELECT DISTINCT receipt_id FROM book_credit) c
    JOIN book_own o ON o.receipt_id = c.receipt_id
    JOIN book_part p ON p.own_id = o.id
    UNION ALL
    SELECT 'outside|' || p.source_id, p.order_id, p.cents FROM book_part p WHERE p.source = 'outside'
), share AS (
    -- As stretches of the same money, the assessments one after the other.
    SELECT s.bundle, s.assessment_id, s.cents,
        sum(s.cents) OVER (PARTITION BY s.bundle ORDER BY s.assessment_id)::bigint AS high
    FROM (
        SELECT bundle, assessment_id, sum(cents)::bigint AS cents
        FROM reported
        WHERE assessment_id IS NOT NULL
        GROUP BY bundle, assessment_id
        HAVING sum(cents) > 0
    ) s
), stretch AS (
    -- As stretches of the same money, all its credits on provisionals in the order in which they came.
    SELECT c.bundle, c.movement_id, c.cents,
        sum(c.cents) OVER (PARTITION BY c.bundle ORDER BY c.booked_on, c.movement_id, c.id)::bigint AS high
    FROM (
        SELECT c.id, c.movement_id, c.cents, c.booked_on, c.account,
            coalesce(f.psp_id || '|' || f.iuf_key, 'receipt|' || c.receipt_id) AS bundle
        FROM book_credit c
        LEFT JOIN payments_reconciliation_reportingflow f ON f.id = c.flow_id
        UNION ALL
        SELECT d.id, d.movement_id, d.cents, d.booked_on, d.account, 'outside|' || d.id FROM book_direct d
    ) c
    WHERE c.cents > 0 AND c.account = 'credits_to_attribute'
), credit_share AS (
    SELECT s.bundle, p.id AS provisional_id, s.cents, s.high
    FROM stretch s
    JOIN payments_reconciliation_treasurymovement m ON m.id = s.movement_id
    JOIN book_provisional p
        ON (p.treasurer_code, p.year, p.number) = (m.treasurer_code, m.year, ltrim(m.document_number, '0'))
), filled AS (
    -- Where a stretch of the one meets a stretch of the other, the provisional pays the assessment.
    SELECT c.provisional_id, s.assessment_id,
        sum(least(c.high, s.high) - greatest(c.high - c.cents, s.high - s.cents))::bigint AS cents
    FROM credit_share c
    JOIN share s ON s.bundle = c.bundle AND c.high > s.high - s.cents AND s.high > c.high - c.cents
    GROUP BY c.provisional_id, s.assessment_id
), wanted AS (
    SELECT provisional_id, assessment_id, cents FROM filled
    UNION ALL
    -- Money of the flow that no assessment takes.
    SELECT c.provisional_id, NULL, c.cents - coalesce(f.cents, 0)
    FROM (SELECT provisional_id, sum(cents)::bigint AS cents FROM credit_share GROUP BY provisional_id) c
    LEFT JOIN (SELECT provisional_id, sum(cents)::bigint AS cents FROM filled GROUP BY provisional_id) f
        USING (provisional_id)
), covered AS (
    SELECT id AS provisional_id, sum(cents)::bigint AS cents FROM book_regularised GROUP BY id
), difference AS (
    SELECT provisional_id, assessment_id, sum(cents)::bigint AS cents
    FROM (SELECT * FROM wanted UNION ALL SELECT provisional_id, assessment_id, -cents FROM proposal_settled)
        compared
    GROUP BY provisional_id, assessment_id
    HAVING sum(cents) <> 0
)
SELECT d.provisional_id, d.assessment_id, d.cents,
    p.cents - greatest(coalesce(c.cents, 0), coalesce(s.cents, 0))::bigint AS open_cents
FROM difference d
JOIN book_provisional p ON p.id = d.provisional_id
LEFT JOIN covered c ON c.provisional_id = d.provisional_id
LEFT JOIN (SELECT provisional_id, sum(cents)::bigint AS cents FROM proposal_settled GROUP BY provisional_id) s
    ON s.provisional_id = d.provisional_id;
ANALYZE proposal_target
