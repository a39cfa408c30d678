-- Payments made twice that stand as such: those of the period, and the earlier ones not yet wholly refunded.
WITH given_back AS (
    SELECT c.receipt_id, coalesce(sum(r.amount_cents) FILTER (WHERE r.state = 'done'), 0)::bigint AS done,
        coalesce(sum(r.amount_cents) FILTER (WHERE r.state IN ('requested', 'approved', 'ordered')), 0)::bigint
            AS asked
    FROM payments_refund r
    JOIN payments_receiptcase c ON c.id = r.case_id
    WHERE r.entity_id = ANY(%(entities)s)
    GROUP BY c.receipt_id
), twice AS (
    SELECT v.id, v.code, v.cents, v.since, l.iuv, coalesce(v.receipt_id, x.receipt_id) AS receipt_id
    FROM payments_reconciliation_verdict v
    LEFT JOIN payments_reconciliation_flowline l ON l.id = v.line_id
    LEFT JOIN payments_reconciliation_match x ON x.line_id = v.line_id AND x.kind = 'line_receipt' AND x.live
    WHERE v.entity_id = ANY(%(entities)s) AND v.closed_run_id IS NULL
        AND v.code IN ('duplicate_payment', 'duplicate_on_act') AND v.since <= %(last)s
)
SELECT coalesce(t.iuv, r.iuv), t.since, t.code, t.cents, least(coalesce(b.done, 0), t.cents),
    least(coalesce(b.asked, 0), t.cents - least(coalesce(b.done, 0), t.cents)), t.receipt_id
FROM twice t
LEFT JOIN payments_receipt r ON r.id = t.receipt_id
LEFT JOIN given_back b ON b.receipt_id = t.receipt_id
WHERE t.since >= %(first)s OR coalesce(b.done, 0) < t.cents
ORDER BY t.since, 1, t.id
