-- Lines of flows and receipts: same notice reference (IUV) and same collection id (IUR, the receipt's own id).
-- This rule never changes its mind, so only lines that have no receipt yet are looked at.
INSERT INTO recon_pair (kind, rule, confidence, cents, line_id, receipt_id)
SELECT DISTINCT ON (l.id) 'line_receipt', %(rule)s, %(confidence)s, l.cents, l.id, r.id
FROM payments_reconciliation_flowline l
JOIN payments_receipt r ON r.entity_id = l.entity_id AND r.iuv = l.iuv AND r.receipt_id = l.iur AND r.outcome = 'OK'
WHERE l.entity_id = %(entity)s
    AND NOT EXISTS (
        SELECT FROM payments_reconciliation_match x WHERE x.line_id = l.id AND x.kind = 'line_receipt' AND x.live)
ORDER BY l.id, r.nav COLLATE "C"
