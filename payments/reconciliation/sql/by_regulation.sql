-- Credits whose bank reference (TRN, or end-to-end id) is the one the flow declares: one credit, one flow.
WITH credit AS (
    SELECT DISTINCT c.id, c.left_cents, c.reference_key, upper(t.reference) AS regulation
    FROM recon_credit c
    CROSS JOIN LATERAL (VALUES (c.operation_reference), (c.end_to_end)) AS t(reference)
    WHERE c.left_cents > 0 AND NOT EXISTS (SELECT FROM recon_pair p WHERE p.movement_id = c.id)
        -- Short references and the banks' way of saying "none" identify nothing.
        AND length(t.reference) >= 8 AND upper(t.reference) <> 'NOTPROVIDED'
), pair AS (
    -- A text that names another flow contradicts the reference: that is for a person to settle.
    SELECT DISTINCT c.id AS movement_id, c.left_cents, f.id AS flow_id, f.regulation
    FROM credit c
    JOIN recon_flow f ON f.regulation = c.regulation
    WHERE c.reference_key IN ('', f.iuf_key)
        AND NOT EXISTS (SELECT FROM recon_pair p WHERE p.flow_id = f.id)
        AND NOT EXISTS (SELECT FROM recon_flow g WHERE g.regulation = f.regulation AND g.id <> f.id)
        AND NOT EXISTS (
            SELECT FROM recon_refused r WHERE (r.movement_id, r.psp_id, r.iuf_key) = (c.id, f.psp_id, f.iuf_key))
), single AS (
    SELECT flow_id FROM pair GROUP BY flow_id HAVING count(*) = 1
)
INSERT INTO recon_pair (kind, rule, confidence, cents, flow_id, movement_id)
SELECT 'flow_movement', %(rule)s, %(confidence)s, p.left_cents, p.flow_id, p.movement_id
FROM pair p
JOIN single s ON s.flow_id = p.flow_id
