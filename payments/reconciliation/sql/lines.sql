-- Lines of flows and receipts: same notice reference (IUV) and same collection id (IUR, the receipt's own id).
INSERT INTO payments_reconciliation_match
    (entity_id, run_id, kind, rule, confidence, cents, line_id, receipt_id)
SELECT %(entity)s, %(run)s, 'line_receipt', %(rule)s, %(confidence)s, l.cents, l.id, r.id
FROM payments_reconciliation_flowline l
JOIN LATERAL (
    SELECT r.id FROM payments_receipt r
    WHERE r.entity_id = l.entity_id AND r.iuv = l.iuv AND r.receipt_id = l.iur
    ORDER BY r.id LIMIT 1
) r ON true
WHERE l.entity_id = %(entity)s
    AND NOT EXISTS (SELECT 1 FROM payments_reconciliation_match x WHERE x.line_id = l.id)
ON CONFLICT DO NOTHING
