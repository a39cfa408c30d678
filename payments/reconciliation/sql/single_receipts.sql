-- Then those that no flow reports: the receipt itself, for the share of the body.
WITH credit AS (
    SELECT c.id, c.reference_key, c.left_cents, row_number() OVER (
        PARTITION BY c.reference_key, c.left_cents ORDER BY c.booked_on, c.key COLLATE "C") AS nth
    FROM recon_credit c
    WHERE c.remittance_kind = 'single' AND c.left_cents > 0
        AND NOT EXISTS (SELECT FROM recon_pair p WHERE p.movement_id = c.id)
), paid AS (
    SELECT r.id, r.iuv, r.nav, r.receipt_id, coalesce(r.paid_at, r.received_at) AS paid_at,
        coalesce(sum(t.amount_cents) FILTER (
            WHERE t.beneficiary_fiscal_code = %(fiscal_code)s AND NOT t.is_stamp), 0)::bigint AS cents
    FROM payments_receipt r
    JOIN payments_receipttransfer t ON t.receipt_id = r.id
    WHERE r.entity_id = %(entity)s AND r.outcome = 'OK' AND r.iuv IN (SELECT reference_key FROM credit)
        AND NOT EXISTS (
            SELECT FROM payments_reconciliation_flowline l JOIN recon_flow f ON f.id = l.flow_id
            WHERE l.entity_id = %(entity)s AND (l.iuv, l.iur) = (r.iuv, r.receipt_id))
        AND NOT EXISTS (SELECT FROM recon_pair p WHERE p.receipt_id = r.id)
    GROUP BY r.id
), side AS (
    SELECT c.reference_key AS iuv, c.left_cents AS cents, c.nth, c.id AS movement_id, NULL::bigint AS receipt_id
    FROM credit c
    UNION ALL
    SELECT p.iuv, p.cents, row_number() OVER (
        PARTITION BY p.iuv, p.cents ORDER BY p.paid_at, p.nav, p.receipt_id COLLATE "C"), NULL, p.id
    FROM paid p
), pair AS (
    SELECT cents, max(movement_id) AS movement_id, max(receipt_id) AS receipt_id
    FROM side
    GROUP BY iuv, cents, nth
    HAVING count(*) = 2
)
INSERT INTO recon_pair (kind, rule, confidence, cents, receipt_id, movement_id)
SELECT 'single_movement', %(rule)s, %(confidence)s, p.cents, p.receipt_id, p.movement_id
FROM pair p
WHERE NOT EXISTS (SELECT FROM recon_refused x WHERE (x.movement_id, x.receipt_id) = (p.movement_id, p.receipt_id))
