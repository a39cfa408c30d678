-- Every receipt with what the other documents say of its money, and the outcome that follows.
-- With a receipt, only that one; with NULL, all of them.
-- The order of the CASE is the order of the questions an accountant asks.
WITH credited AS (
    SELECT x.flow_id, sum(m.cents) AS cents, string_agg(m.document_number || '/' || m.year, ', ' ORDER BY m.id) AS names
    FROM payments_reconciliation_match x
    JOIN payments_reconciliation_treasurymovement m ON m.id = x.movement_id
    WHERE x.entity_id = ANY(%(entities)s) AND x.kind = 'flow_movement'
        AND NOT EXISTS (SELECT 1 FROM payments_reconciliation_match r WHERE r.reverses_id = m.id)
    GROUP BY x.flow_id
), current_flow AS (
    -- A higher revision replaces the lower ones.
    SELECT DISTINCT ON (f.entity_id, f.psp_id, f.iuf_key) f.*
    FROM payments_reconciliation_reportingflow f
    WHERE f.entity_id = ANY(%(entities)s)
    ORDER BY f.entity_id, f.psp_id, f.iuf_key, f.revision DESC
), flow AS (
    SELECT f.id, f.iuf, f.regulation_date, f.declared_count, f.declared_cents, f.computed_count, f.computed_cents,
        c.cents AS credited_cents, c.names AS credits,
        CASE
            WHEN (f.declared_count, f.declared_cents) <> (f.computed_count, f.computed_cents)
                THEN 'flow_totals_mismatch'
            WHEN c.flow_id IS NULL AND f.regulation_date <= %(late)s THEN 'flow_without_treasury'
            WHEN c.flow_id IS NULL THEN 'reported'
            WHEN c.cents <> f.declared_cents THEN 'treasury_amount_differs'
            ELSE 'reconciled'
        END AS outcome
    FROM current_flow f
    LEFT JOIN credited c ON c.flow_id = f.id
), reported AS (
    -- A payment to several accounts of the body stands in several flows: the one in trouble speaks for all.
    SELECT x.receipt_id, sum(l.cents) AS cents, bool_or(l.outcome = 3) AS revoked, count(DISTINCT f.id) AS flows,
        (array_agg(f.id ORDER BY f.outcome = 'reconciled', f.outcome = 'reported', f.id))[1] AS flow_id
    FROM payments_reconciliation_match x
    JOIN payments_reconciliation_flowline l ON l.id = x.line_id
    JOIN flow f ON f.id = l.flow_id
    WHERE x.entity_id = ANY(%(entities)s) AND x.kind = 'line_receipt'
        AND (%(receipt)s::bigint IS NULL OR x.receipt_id = %(receipt)s)
    GROUP BY x.receipt_id
), expected AS (
    -- Digital stamps never pass through a flow; shares of other bodies go to them.
    SELECT t.receipt_id, coalesce(sum(t.amount_cents) FILTER (
        WHERE t.beneficiary_fiscal_code = e.fiscal_code AND NOT t.is_stamp), 0) AS cents
    FROM payments_receipttransfer t
    JOIN portal_entities_entity e ON e.id = t.entity_id
    WHERE t.entity_id = ANY(%(entities)s) AND (%(receipt)s::bigint IS NULL OR t.receipt_id = %(receipt)s)
    GROUP BY t.receipt_id
), receipt AS (
    SELECT r.id, r.entity_id, r.nav, r.iuv, r.receipt_id, coalesce(nullif(r.psp_name, ''), r.psp_id) AS psp,
        (coalesce(r.paid_at, r.received_at) AT TIME ZONE 'Europe/Rome')::date AS paid_on,
        coalesce(x.cents, r.amount_cents) AS expected_cents
    FROM payments_receipt r
    LEFT JOIN expected x ON x.receipt_id = r.id
    WHERE r.entity_id = ANY(%(entities)s) AND r.outcome = 'OK'
        AND (%(receipt)s::bigint IS NULL OR r.id = %(receipt)s)
), judged AS (
    SELECT r.*, p.cents AS reported_cents, coalesce(p.flows, 0) AS flows, f.id AS flow_id, coalesce(f.iuf, '') AS iuf,
        f.regulation_date, coalesce(f.declared_count, 0) AS declared_count,
        coalesce(f.declared_cents, 0) AS declared_cents, coalesce(f.computed_count, 0) AS computed_count,
        coalesce(f.computed_cents, 0) AS computed_cents, f.credited_cents, coalesce(f.credits, '') AS credits,
        CASE
            WHEN p.receipt_id IS NULL AND r.paid_on <= %(late)s THEN 'receipt_without_flow'
            WHEN p.receipt_id IS NULL THEN 'collected'
            WHEN p.revoked THEN 'revoked'
            WHEN p.cents <> r.expected_cents THEN 'receipt_amount_differs'
            ELSE f.outcome
        END AS outcome
    FROM receipt r
    LEFT JOIN reported p ON p.receipt_id = r.id
    LEFT JOIN flow f ON f.id = p.flow_id
    WHERE r.expected_cents > 0 OR p.receipt_id IS NOT NULL
)
