-- Payments credited one by one (RFS, RFB): the text carries the IUV. First those that a flow of one line reports.
WITH credit AS (
    SELECT c.id, c.reference_key, c.left_cents, row_number() OVER (
        PARTITION BY c.reference_key, c.left_cents ORDER BY c.booked_on, c.key COLLATE "C") AS nth
    FROM recon_credit c
    WHERE c.remittance_kind = 'single' AND c.left_cents > 0
        AND NOT EXISTS (SELECT FROM recon_pair p WHERE p.movement_id = c.id)
), line AS (
    SELECT l.id, upper(l.iuv) AS iuv, l.cents, row_number() OVER (
        PARTITION BY upper(l.iuv), l.cents ORDER BY f.regulation_date, l.iur COLLATE "C", f.iuf_key COLLATE "C") AS nth
    FROM recon_flow f
    JOIN payments_reconciliation_flowline l ON l.flow_id = f.id
    WHERE f.declared_count = 1 AND f.computed_count = 1 AND f.declared_cents = l.cents
        AND upper(l.iuv) IN (SELECT reference_key FROM credit)
        AND NOT EXISTS (SELECT FROM recon_pair p WHERE p.flow_id = f.id)
        AND NOT EXISTS (SELECT FROM recon_pair p WHERE p.line_id = l.id AND p.kind = 'single_movement')
), side AS (
    SELECT c.reference_key AS iuv, c.left_cents AS cents, c.nth, c.id AS movement_id, NULL::bigint AS line_id
    FROM credit c
    UNION ALL
    SELECT l.iuv, l.cents, l.nth, NULL, l.id
    FROM line l
), pair AS (
    SELECT cents, max(movement_id) AS movement_id, max(line_id) AS line_id
    FROM side
    GROUP BY iuv, cents, nth
    HAVING count(*) = 2
)
INSERT INTO recon_pair (kind, rule, confidence, cents, line_id, movement_id)
SELECT 'single_movement', %(rule)s, %(confidence)s, p.cents, p.line_id, p.movement_id
FROM pair p
WHERE NOT EXISTS (SELECT FROM recon_refused r WHERE (r.movement_id, r.line_id) = (p.movement_id, p.line_id))
