-- New matches, counted by rule.
WITH kept AS (
    INSERT INTO payments_reconciliation_match
        (entity_id, run_id, kind, rule, confidence, cents, flow_id, movement_id, reverses_id, line_id, receipt_id)
    SELECT %(entity)s, %(run)s, kind, rule, confidence, cents, flow_id, movement_id, reverses_id, line_id, receipt_id
    FROM recon_made
    RETURNING rule
)
SELECT rule, count(*) FROM kept GROUP BY rule ORDER BY rule
