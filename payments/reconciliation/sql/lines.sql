-- Lines of flows and receipts: same notice reference (IUV) and same collection id (IUR, the receipt's own id).
-- This rule never changes its mind, so only lines that have no receipt yet are looked at (`recon_alone`).
INSERT INTO recon_pair (kind, rule, confidence, cents, line_id, receipt_id)
SELECT DISTINCT ON (l.id) 'line_receipt', %(rule)s, %(confidence)s, l.cents, l.id, r.id
FROM recon_alone a
JOIN payments_reconciliation_flowline l ON l.id = a.id
JOIN payments_receipt r ON r.entity_id = %(entity)s AND r.iuv = l.iuv AND r.receipt_id = l.iur AND r.outcome = 'OK'
ORDER BY l.id, r.nav COLLATE "C"
