-- The current verdicts that this run judges again: those of the documents it looks at.
DROP TABLE IF EXISTS pg_temp.recon_standing, pg_temp.recon_unsaid;
ANALYZE recon_wanted;
CREATE TEMP TABLE recon_standing ON COMMIT DROP AS
WITH line AS (
    SELECT l.id
    FROM recon_scope s
    JOIN payments_reconciliation_flowline l ON l.entity_id = %(entity)s AND l.iuv = s.iuv
), receipt AS (
    SELECT r.id
    FROM recon_scope s
    JOIN payments_receipt r ON r.entity_id = %(entity)s AND r.iuv = s.iuv
)
SELECT v.id, v.subject, v.line_id AS sid, v.code, v.cents, v.key, v.facts
FROM payments_reconciliation_verdict v JOIN line d ON d.id = v.line_id WHERE v.closed_run_id IS NULL
UNION ALL
SELECT v.id, v.subject, v.receipt_id, v.code, v.cents, v.key, v.facts
FROM payments_reconciliation_verdict v JOIN receipt d ON d.id = v.receipt_id WHERE v.closed_run_id IS NULL
UNION ALL
SELECT v.id, v.subject, v.flow_id, v.code, v.cents, v.key, v.facts
FROM payments_reconciliation_verdict v JOIN recon_look_flow d ON d.id = v.flow_id WHERE v.closed_run_id IS NULL
UNION ALL
SELECT v.id, v.subject, v.movement_id, v.code, v.cents, v.key, v.facts
FROM payments_reconciliation_verdict v JOIN recon_look_movement d ON d.id = v.movement_id WHERE v.closed_run_id IS NULL
UNION ALL
SELECT v.id, v.subject, v.journal_id, v.code, v.cents, v.key, v.facts
FROM payments_reconciliation_verdict v
WHERE v.entity_id = %(entity)s AND v.closed_run_id IS NULL AND v.code IN ('journal_gap', 'journal_incomplete');
ANALYZE recon_standing;

-- What they say no more.
CREATE TEMP TABLE recon_unsaid ON COMMIT DROP AS
SELECT s.id
FROM recon_standing s
LEFT JOIN recon_wanted w ON (w.subject, w.sid, w.code) = (s.subject, s.sid, s.code)
    AND (w.cents, w.key) = (s.cents, s.key) AND w.facts = s.facts
WHERE w.sid IS NULL
