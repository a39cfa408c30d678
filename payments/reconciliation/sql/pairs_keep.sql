-- New matches, counted by rule.
WITH kept AS (
    INSERT INTO payments_reconciliation_match
        (entity_id, run_id, kind, rule, confidence, cents, flow_id, movement_id, reverses_id, line_id, receipt_id)
    SELECT %(entity)s, %(run)s, p.kind, p.rule, p.confidence, p.cents, p.flow_id, p.movement_id, p.reverses_id,
        p.line_id, p.receipt_id
    FROM recon_pair p
    WHERE NOT p.by_person AND NOT EXISTS (
        SELECT FROM payments_reconciliation_match x
        WHERE x.movement_id = p.movement_id AND x.live AND x.kind = p.kind AND x.made_by_id IS NULL
            AND (coalesce(p.flow_id, 0), coalesce(p.reverses_id, 0), coalesce(p.line_id, 0), coalesce(p.receipt_id, 0))
              = (coalesce(x.flow_id, 0), coalesce(x.reverses_id, 0), coalesce(x.line_id, 0), coalesce(x.receipt_id, 0)))
    RETURNING rule
)
SELECT rule, count(*) FROM kept GROUP BY rule ORDER BY rule
