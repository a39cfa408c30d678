-- Lines without a receipt: those of new flows, those that new receipts are about, and those whose verdict says so.
DROP TABLE IF EXISTS pg_temp.recon_alone;
CREATE TEMP TABLE recon_alone ON COMMIT DROP AS
WITH line AS (
    SELECT l.id
    FROM payments_reconciliation_reportingflow f
    JOIN payments_reconciliation_flowline l ON l.flow_id = f.id
    WHERE f.entity_id = %(entity)s AND f.id > %(flow)s
    UNION
    SELECT l.id
    FROM payments_receipt r
    JOIN payments_reconciliation_flowline l ON (l.entity_id, l.iuv, l.iur) = (r.entity_id, r.iuv, r.receipt_id)
    WHERE r.entity_id = %(entity)s AND r.id > %(receipt)s
    UNION
    SELECT v.line_id
    FROM payments_reconciliation_verdict v
    WHERE v.entity_id = %(entity)s AND v.closed_run_id IS NULL AND v.subject = 'line'
        AND v.code IN ('flow_without_receipt', 'paid_without_receipt', 'other_intermediary', 'revoked')
)
SELECT l.id
FROM line l
WHERE NOT EXISTS (
    SELECT FROM payments_reconciliation_match x WHERE x.line_id = l.id AND x.kind = 'line_receipt' AND x.live);
ANALYZE recon_alone
