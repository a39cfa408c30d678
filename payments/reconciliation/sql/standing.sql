-- The current verdicts that this run has judged again: all of flows, movements and journals; of payments, those in scope.
DROP TABLE IF EXISTS pg_temp.recon_standing;
ANALYZE recon_wanted;
CREATE TEMP TABLE recon_standing ON COMMIT DROP AS
SELECT v.id, v.subject, coalesce(v.line_id, v.receipt_id, v.flow_id, v.movement_id, v.journal_id) AS sid, v.code,
    v.cents, v.key, v.facts
FROM payments_reconciliation_verdict v
LEFT JOIN payments_reconciliation_flowline l ON l.id = v.line_id
LEFT JOIN payments_receipt r ON r.id = v.receipt_id
WHERE v.entity_id = %(entity)s AND v.closed_run_id IS NULL
    AND (v.subject IN ('flow', 'movement', 'journal') OR coalesce(l.iuv, r.iuv) IN (SELECT iuv FROM recon_scope));
ANALYZE recon_standing
