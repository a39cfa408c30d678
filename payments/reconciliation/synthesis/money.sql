-- The money that documents of a body speak of, counted from themselves and from the matches that stand. Cents.
WITH current_flow AS (
    SELECT DISTINCT ON (f.psp_id, f.iuf_key) f.id, f.declared_cents
    FROM payments_reconciliation_reportingflow f
    WHERE f.entity_id = %(entity)s AND f.evidence_id = ANY(%(evidence)s)
    ORDER BY f.psp_id, f.iuf_key, f.whole DESC, f.revision DESC, f.created_at DESC
), line AS (
    SELECT l.id, l.cents, l.outcome, l.transfer, x.receipt_id
    FROM payments_reconciliation_flowline l
    JOIN current_flow f ON f.id = l.flow_id
    LEFT JOIN payments_reconciliation_match x ON x.line_id = l.id AND x.kind = 'line_receipt' AND x.live
), alone AS (
    SELECT DISTINCT x.receipt_id
    FROM payments_reconciliation_match x
    WHERE x.entity_id = %(entity)s AND x.kind = 'single_movement' AND x.live AND x.receipt_id IS NOT NULL
), part AS (
    SELECT t.receipt_id, t.seq, t.amount_cents,
        EXISTS (SELECT 1 FROM line l WHERE l.receipt_id = t.receipt_id AND l.transfer = t.seq) AS reported,
        EXISTS (SELECT 1 FROM alone a WHERE a.receipt_id = t.receipt_id) AS alone
    FROM payments_receipttransfer t
    JOIN payments_receipt r ON r.id = t.receipt_id
    JOIN portal_entities_entity e ON e.id = r.entity_id
    WHERE r.entity_id = %(entity)s AND r.id = ANY(%(receipts)s) AND r.outcome = 'OK' AND t.beneficiary_fiscal_code = e.fiscal_code
        AND NOT t.is_stamp
), credit AS (
    SELECT x.flow_id, sum(x.cents) AS cents
    FROM payments_reconciliation_match x
    WHERE x.entity_id = %(entity)s AND x.kind = 'flow_movement' AND x.live
        AND NOT EXISTS (
            SELECT 1 FROM payments_reconciliation_match r
            WHERE r.reverses_id = x.movement_id AND r.kind = 'reversal' AND r.live)
    GROUP BY x.flow_id
)
SELECT
    (SELECT coalesce(sum(amount_cents), 0) FROM part)::bigint AS receipts,
    (SELECT coalesce(sum(amount_cents), 0) FROM part WHERE NOT reported AND NOT alone)::bigint AS waiting,
    (SELECT coalesce(sum(amount_cents), 0) FROM part WHERE alone)::bigint AS singly_credited,
    (SELECT coalesce(sum(cents), 0) FROM line)::bigint AS lines,
    (SELECT coalesce(sum(cents), 0) FROM line WHERE receipt_id IS NULL)::bigint AS lines_without_receipt,
    (SELECT coalesce(sum(l.cents - p.amount_cents), 0) FROM line l
        JOIN part p ON p.receipt_id = l.receipt_id AND p.seq = l.transfer WHERE l.outcome <> 3)::bigint AS differences,
    (SELECT coalesce(sum(cents), 0) FROM line WHERE outcome = 3 AND receipt_id IS NOT NULL)::bigint AS revoked,
    (SELECT coalesce(sum(declared_cents), 0) FROM current_flow)::bigint AS declared,
    (SELECT coalesce(sum(c.cents), 0) FROM credit c JOIN current_flow f ON f.id = c.flow_id)::bigint AS credited,
    (SELECT coalesce(sum(f.declared_cents - coalesce(c.cents, 0)), 0) FROM current_flow f
        LEFT JOIN credit c ON c.flow_id = f.id)::bigint AS open
