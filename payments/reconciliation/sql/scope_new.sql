-- Only those that new evidence, the passing of days or a change of their flow may concern.
WITH current AS (
    SELECT v.* FROM payments_reconciliation_verdict v WHERE v.entity_id = %(entity)s AND v.closed_run_id IS NULL
), changed_flow AS (
    SELECT coalesce(w.sid, v.flow_id) AS id
    FROM (SELECT * FROM recon_wanted WHERE subject = 'flow') w
    FULL JOIN (SELECT * FROM current WHERE subject = 'flow') v
        ON (v.flow_id, v.code, v.cents, v.facts) = (w.sid, w.code, w.cents, w.facts)
    WHERE w.sid IS NULL OR v.flow_id IS NULL
), line AS (
    SELECT l.iuv FROM payments_reconciliation_flowline l WHERE l.flow_id IN (SELECT id FROM changed_flow)
    UNION ALL
    SELECT l.iuv
    FROM recon_flow f
    JOIN payments_reconciliation_flowline l ON l.flow_id = f.id
    WHERE NOT EXISTS (
        SELECT FROM payments_reconciliation_verdict v WHERE v.line_id = l.id AND v.closed_run_id IS NULL)
    UNION ALL
    SELECT l.iuv
    FROM current v
    JOIN payments_reconciliation_flowline l ON l.id = v.line_id
    WHERE v.code = ANY(%(problems)s)
    UNION ALL
    SELECT l.iuv
    FROM payments_reconciliation_match x
    JOIN payments_reconciliation_flowline l ON l.id = x.line_id
    WHERE x.entity_id = %(entity)s AND (x.run_id = %(run)s OR x.revoked_run_id = %(run)s)
), receipt AS (
    SELECT r.iuv
    FROM payments_receipt r
    WHERE r.entity_id = %(entity)s AND r.outcome = 'OK'
        AND NOT EXISTS (
            SELECT FROM payments_reconciliation_verdict v WHERE v.receipt_id = r.id AND v.closed_run_id IS NULL)
        AND NOT EXISTS (SELECT FROM payments_reconciliation_match x WHERE x.receipt_id = r.id AND x.live)
    UNION ALL
    SELECT r.iuv
    FROM current v
    JOIN payments_receipt r ON r.id = v.receipt_id
    WHERE v.code = ANY(%(problems)s) OR (v.code = 'collected' AND v.since <= %(late)s)
    UNION ALL
    SELECT r.iuv
    FROM payments_reconciliation_match x
    JOIN payments_receipt r ON r.id = x.receipt_id
    WHERE x.entity_id = %(entity)s AND (x.run_id = %(run)s OR x.revoked_run_id = %(run)s)
), owed AS (
    SELECT i.iuv
    FROM payments_position p
    JOIN payments_paymentoption o ON o.position_id = p.id
    JOIN payments_instalment i ON i.option_id = o.id
    WHERE p.entity_id = %(entity)s AND (p.created_at >= %(since)s OR p.cancelled_at >= %(since)s)
        AND (EXISTS (SELECT FROM payments_receipt r WHERE r.entity_id = p.entity_id AND r.iuv = i.iuv)
            OR EXISTS (
                SELECT FROM payments_reconciliation_flowline l WHERE l.entity_id = p.entity_id AND l.iuv = i.iuv))
), marked AS (
    SELECT d.iuv
    FROM payments_reconciliation_duplicatemark d
    WHERE d.entity_id = %(entity)s AND (d.made_at >= %(since)s OR d.revoked_at >= %(since)s)
)
INSERT INTO recon_scope
SELECT iuv FROM marked UNION SELECT iuv FROM line UNION SELECT iuv FROM receipt UNION SELECT iuv FROM owed
