-- Receipts, lines and credits of some bodies, side by side. The beginning of the reports on days and on PSPs.
WITH current_flow AS MATERIALIZED (
    -- Whole before cut; a higher revision replaces the lower ones.
    SELECT DISTINCT ON (f.entity_id, f.psp_id, f.iuf_key) f.id, f.entity_id, f.psp_id, f.iuf_key, f.psp_name,
        coalesce(nullif(f.node_psp, ''), f.psp_id) AS node_psp, f.declared_cents
    FROM payments_reconciliation_reportingflow f
    WHERE f.entity_id = ANY(%(entities)s)
    ORDER BY f.entity_id, f.psp_id, f.iuf_key, f.whole DESC, f.revision DESC, f.created_at DESC,
        f.computed_count DESC, f.id DESC
), elsewhere AS (
    -- Lines of another intermediary: their receipts are not here.
    SELECT v.line_id
    FROM payments_reconciliation_verdict v
    WHERE v.entity_id = ANY(%(entities)s) AND v.closed_run_id IS NULL AND v.code = 'other_intermediary'
), line AS MATERIALIZED (
    -- A line is of the day of its receipt, when it has one.
    SELECT l.id, l.flow_id, l.seq, l.cents, l.paid_on, x.receipt_id, s.line_id IS NOT NULL AS elsewhere,
        coalesce((coalesce(r.paid_at, r.received_at) AT TIME ZONE 'Europe/Rome')::date, l.paid_on) AS day
    FROM payments_reconciliation_flowline l
    JOIN current_flow f ON f.id = l.flow_id
    LEFT JOIN payments_reconciliation_match x ON x.line_id = l.id AND x.kind = 'line_receipt' AND x.live
    LEFT JOIN payments_receipt r ON r.id = x.receipt_id
    LEFT JOIN elsewhere s ON s.line_id = l.id
), credit AS MATERIALIZED (
    -- Money of the treasury that belongs to a flow, or to a payment that no flow reports; not what was taken back.
    SELECT coalesce(x.flow_id, l.flow_id) AS flow_id, x.receipt_id, x.cents, m.booked_on
    FROM payments_reconciliation_match x
    JOIN payments_reconciliation_treasurymovement m ON m.id = x.movement_id
    LEFT JOIN payments_reconciliation_flowline l ON l.id = x.line_id
    LEFT JOIN payments_reconciliation_match b ON b.reverses_id = m.id AND b.live
    WHERE x.entity_id = ANY(%(entities)s) AND x.kind IN ('flow_movement', 'single_movement') AND x.live AND m.counts
        AND b.id IS NULL
), flow_credit AS MATERIALIZED (
    SELECT f.id AS flow_id, c.cents, c.booked_on
    FROM credit c
    JOIN payments_reconciliation_reportingflow g ON g.id = c.flow_id
    JOIN current_flow f ON (f.entity_id, f.psp_id, f.iuf_key) = (g.entity_id, g.psp_id, g.iuf_key)
), share AS (
    -- What each receipt of the period brings to the body: neither others' shares, nor digital stamps.
    SELECT r.id, r.psp_id, r.psp_name, (coalesce(r.paid_at, r.received_at) AT TIME ZONE 'Europe/Rome')::date AS day,
        CASE WHEN count(t.id) = 0 THEN r.amount_cents
            ELSE coalesce(sum(t.amount_cents) FILTER (
                WHERE NOT t.is_stamp AND t.beneficiary_fiscal_code = e.fiscal_code), 0) END::bigint AS cents
    FROM payments_receipt r
    JOIN portal_entities_entity e ON e.id = r.entity_id
    LEFT JOIN payments_receipttransfer t ON t.receipt_id = r.id
    WHERE r.entity_id = ANY(%(entities)s) AND r.outcome = 'OK'
        AND (coalesce(r.paid_at, r.received_at) AT TIME ZONE 'Europe/Rome')::date BETWEEN %(first)s AND %(last)s
    GROUP BY r.id, e.fiscal_code
), met AS (
    SELECT receipt_id, coalesce(sum(cents) FILTER (WHERE cents > 0), 0)::bigint AS plus,
        coalesce(sum(cents) FILTER (WHERE cents < 0), 0)::bigint AS minus
    FROM line
    WHERE receipt_id IS NOT NULL
    GROUP BY receipt_id
), alone AS (
    SELECT receipt_id, sum(cents)::bigint AS cents
    FROM credit
    WHERE flow_id IS NULL AND receipt_id IS NOT NULL
    GROUP BY receipt_id
), paid AS MATERIALIZED (
    -- A payment that its flow revokes was reported all the same.
    SELECT s.id, s.psp_id, s.psp_name, s.day, s.cents, coalesce(a.cents, 0) AS alone,
        greatest(s.cents - greatest(coalesce(m.plus, 0), -coalesce(m.minus, 0)) - coalesce(a.cents, 0), 0)
            AS unreported,
        greatest(coalesce(m.plus, 0) - s.cents, 0) AS extra
    FROM share s
    LEFT JOIN met m ON m.receipt_id = s.id
    LEFT JOIN alone a ON a.receipt_id = s.id
    WHERE s.cents > 0
)
