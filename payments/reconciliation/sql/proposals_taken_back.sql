-- Exported proposals that the treasurer has given free again: orders that covered the provisional were taken back, and it
-- is covered by less than what was exported and not annulled here.
WITH given_free AS (
    SELECT m.entity_id, m.treasurer_code, m.year, ltrim(m.document_number, '0') AS number
    FROM payments_reconciliation_treasurymovement m
    WHERE m.entity_id = ANY(%(entities)s) AND m.counts AND m.direction = 'ENTRATA'
        AND m.document_type = 'SOSPESO ENTRATA' AND m.operation = 'RIPRISTINATO'
    UNION
    SELECT m.entity_id, m.treasurer_code, m.year, ltrim(item ->> 'number', '0')
    FROM payments_reconciliation_treasurymovement m
    CROSS JOIN LATERAL jsonb_array_elements(m.suspended) item
    WHERE m.entity_id = ANY(%(entities)s) AND m.counts AND m.direction = 'ENTRATA'
        AND m.document_type = 'REVERSALE' AND m.operation NOT IN ('ESEGUITO', 'REGOLARIZZATO')
), sent AS (
    SELECT p.id, g.entity_id, g.treasurer_code, g.year, g.number, sum(l.cents) AS cents
    FROM given_free g
    JOIN payments_reconciliation_treasurymovement m
        ON (m.entity_id, m.year, ltrim(m.document_number, '0')) = (g.entity_id, g.year, g.number)
        AND m.treasurer_code = g.treasurer_code
    JOIN payments_reconciliation_collectionorderproposal p ON p.movement_id = m.id AND p.state = 'exported'
    JOIN payments_reconciliation_collectionorderline l ON l.proposal_id = p.id
    WHERE NOT EXISTS (SELECT FROM payments_reconciliation_collectionordervoid v WHERE v.line_id = l.id)
    GROUP BY p.id, g.entity_id, g.treasurer_code, g.year, g.number
), covering AS (
    SELECT g.entity_id, g.treasurer_code, g.year, g.number, true AS itself,
        CASE m.operation WHEN 'REGOLARIZZATO' THEN abs(m.cents) ELSE -abs(m.cents) END AS cents
    FROM given_free g
    JOIN payments_reconciliation_treasurymovement m
        ON (m.entity_id, m.year, ltrim(m.document_number, '0')) = (g.entity_id, g.year, g.number)
        AND m.treasurer_code = g.treasurer_code
    WHERE m.counts AND m.direction = 'ENTRATA' AND m.document_type = 'SOSPESO ENTRATA'
        AND m.operation IN ('REGOLARIZZATO', 'RIPRISTINATO')
    UNION ALL
    SELECT g.entity_id, g.treasurer_code, g.year, g.number, false,
        CASE WHEN m.operation IN ('ESEGUITO', 'REGOLARIZZATO') THEN 1 ELSE -1 END * abs((item ->> 'cents')::bigint)
    FROM payments_reconciliation_treasurymovement m
    CROSS JOIN LATERAL jsonb_array_elements(m.suspended) item
    JOIN given_free g ON (g.entity_id, g.treasurer_code, g.year, g.number)
        = (m.entity_id, m.treasurer_code, m.year, ltrim(item ->> 'number', '0'))
    WHERE (m.entity_id, m.year) IN (SELECT entity_id, year FROM given_free) AND m.counts
        AND m.direction = 'ENTRATA' AND m.document_type = 'REVERSALE' AND m.suspended <> '[]'::jsonb
), covered AS (
    SELECT entity_id, treasurer_code, year, number,
        coalesce(sum(cents) FILTER (WHERE itself), sum(cents)) AS cents
    FROM covering
    GROUP BY entity_id, treasurer_code, year, number
)
SELECT s.id, s.number || '/' || s.year, (least(s.cents, w.whole - greatest(c.cents, 0)))::bigint
FROM sent s
JOIN covered c USING (entity_id, treasurer_code, year, number)
JOIN (
    -- Further orders on the same provisional count together.
    SELECT entity_id, treasurer_code, year, number, sum(cents) AS whole
    FROM sent GROUP BY entity_id, treasurer_code, year, number
) w USING (entity_id, treasurer_code, year, number)
WHERE c.cents < w.whole
ORDER BY s.year, s.number, s.id
