-- Credits whose bank reference (TRN, or end-to-end id) is the one the flow declares: one credit, one flow.
WITH credit AS (
    SELECT m.id, m.cents, m.reference_key, upper(t.reference) AS regulation
    FROM payments_reconciliation_treasurymovement m
    CROSS JOIN LATERAL (VALUES (m.operation_reference), (m.end_to_end)) AS t(reference)
    WHERE m.entity_id = %(entity)s AND m.direction = 'ENTRATA' AND m.operation = 'ESEGUITO'
        AND NOT EXISTS (SELECT 1 FROM payments_reconciliation_match r WHERE r.reverses_id = m.id)
        -- Short references and the banks' way of saying "none" identify nothing.
        AND length(t.reference) >= 8 AND upper(t.reference) <> 'NOTPROVIDED'
), flow AS (
    SELECT f.id, f.psp_id, f.iuf_key, upper(f.regulation_id) AS regulation
    FROM payments_reconciliation_reportingflow f
    WHERE f.entity_id = %(entity)s
), pair AS (
    -- A text that names another flow contradicts the reference: that is for a person to settle.
    SELECT DISTINCT c.id AS movement_id, c.cents, f.id AS flow_id, f.regulation
    FROM credit c
    JOIN flow f ON f.regulation = c.regulation
    WHERE c.reference_key IN ('', f.iuf_key)
        AND NOT EXISTS (
            SELECT 1 FROM flow g
            WHERE g.regulation = f.regulation AND (g.psp_id, g.iuf_key) <> (f.psp_id, f.iuf_key))
), single AS (
    SELECT regulation FROM pair GROUP BY regulation HAVING count(DISTINCT movement_id) = 1
)
INSERT INTO payments_reconciliation_match
    (entity_id, run_id, kind, rule, confidence, cents, flow_id, movement_id)
SELECT %(entity)s, %(run)s, 'flow_movement', %(rule)s, %(confidence)s, p.cents, p.flow_id, p.movement_id
FROM pair p
JOIN single s ON s.regulation = p.regulation
ON CONFLICT DO NOTHING
