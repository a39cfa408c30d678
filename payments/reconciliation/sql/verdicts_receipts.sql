-- Receipts that no flow reports, whole or for some of their transfers; those credited alone are in order.
WITH missing AS (
    SELECT r.id, sum(s.cents)::bigint AS expected_cents, coalesce(sum(s.cents) FILTER (WHERE
        -- A line whose transfer the receipt does not know reports the receipt as a whole.
        NOT EXISTS (
            SELECT FROM recon_line l WHERE l.receipt_id = r.id AND (l.transfer = s.seq OR NOT EXISTS (
                SELECT FROM recon_share k WHERE (k.receipt_id, k.seq) = (r.id, l.transfer))))), 0)::bigint AS cents
    FROM recon_receipt r
    JOIN recon_share s ON s.receipt_id = r.id
    GROUP BY r.id
), judged AS (
    SELECT r.*, m.cents, m.expected_cents, c.name AS credits,
        CASE WHEN p.movement_id IS NOT NULL THEN 'reconciled'
            WHEN r.paid_on <= %(late)s THEN 'receipt_without_flow'
            ELSE 'collected' END AS code
    FROM missing m
    JOIN recon_receipt r ON r.id = m.id
    LEFT JOIN recon_pair p ON p.receipt_id = r.id AND p.kind = 'single_movement'
        AND p.movement_id IN (SELECT id FROM recon_credit)
    LEFT JOIN recon_credit c ON c.id = p.movement_id
    WHERE m.cents > 0
)
INSERT INTO recon_wanted (subject, sid, code, cents, since, key, facts)
SELECT 'receipt', j.id, j.code, j.cents, j.paid_on, j.nav || '|' || j.iur, jsonb_build_object(
    'iuv', j.iuv, 'iur', j.iur, 'psp', j.psp, 'paid_on', j.paid_on, 'expected', j.expected_cents, 'cents', j.cents,
    'credits', coalesce(j.credits, ''))
FROM judged j
