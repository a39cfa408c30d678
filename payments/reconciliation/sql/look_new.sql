-- The documents that are judged: those that new evidence, or a pair made or gone, may concern. Days that pass, and what
-- other rooms change on old debts, are seen by the full run that begins each day.
DROP TABLE IF EXISTS pg_temp.recon_look_flow, pg_temp.recon_look_movement, pg_temp.recon_scope, pg_temp.recon_moved;
-- Pairs that this run made or took back, and those that persons did since the last one.
CREATE TEMP TABLE recon_moved ON COMMIT DROP AS
SELECT flow_id, movement_id, reverses_id, line_id, receipt_id FROM recon_made
UNION
SELECT flow_id, movement_id, reverses_id, line_id, receipt_id FROM recon_gone
UNION
SELECT x.flow_id, x.movement_id, x.reverses_id, x.line_id, x.receipt_id
FROM payments_reconciliation_match x
WHERE x.entity_id = %(entity)s AND NOT x.live AND x.revoked_at >= %(since)s
UNION
SELECT x.flow_id, x.movement_id, x.reverses_id, x.line_id, x.receipt_id
FROM payments_reconciliation_match x
WHERE x.entity_id = %(entity)s AND x.id > %(match)s AND x.made_by_id IS NOT NULL;
-- What a person gave a credit to is concerned by all that happens to the credit.
INSERT INTO recon_moved
SELECT x.flow_id, x.movement_id, NULL, x.line_id, x.receipt_id
FROM payments_reconciliation_match x
WHERE x.live AND x.made_by_id IS NOT NULL
    AND x.movement_id IN (SELECT movement_id FROM recon_moved UNION SELECT reverses_id FROM recon_moved);

CREATE TEMP TABLE recon_look_flow ON COMMIT DROP AS
WITH fresh AS (
    -- A new flow may replace those of the same name.
    SELECT DISTINCT f.psp_id, f.iuf_key
    FROM payments_reconciliation_reportingflow f
    WHERE f.entity_id = %(entity)s AND f.id > %(flow)s
)
SELECT f.id
FROM fresh n
JOIN payments_reconciliation_reportingflow f
    ON f.entity_id = %(entity)s AND (f.psp_id, f.iuf_key) = (n.psp_id, n.iuf_key)
UNION
SELECT flow_id FROM recon_moved WHERE flow_id IS NOT NULL
UNION
SELECT l.flow_id FROM recon_moved p JOIN payments_reconciliation_flowline l ON l.id = p.line_id;
CREATE UNIQUE INDEX ON recon_look_flow (id);
ANALYZE recon_look_flow;

CREATE TEMP TABLE recon_look_movement ON COMMIT DROP AS
WITH covering AS (
    -- New rows that say that a provisional is covered, or free again.
    SELECT m.treasurer_code, m.year, ltrim(s.item ->> 'number', '0') AS number
    FROM payments_reconciliation_treasurymovement m
    CROSS JOIN LATERAL jsonb_array_elements(m.suspended) AS s(item)
    WHERE m.entity_id = %(entity)s AND m.id > %(movement)s
    UNION
    SELECT m.treasurer_code, m.year, ltrim(m.document_number, '0')
    FROM payments_reconciliation_treasurymovement m
    WHERE m.entity_id = %(entity)s AND m.id > %(movement)s AND m.operation IN ('REGOLARIZZATO', 'RIPRISTINATO')
)
SELECT c.id
FROM recon_credit c
WHERE c.id > %(movement)s
UNION
-- New reversals, which may find nothing to take back.
SELECT m.id
FROM payments_reconciliation_treasurymovement m
WHERE m.entity_id = %(entity)s AND m.id > %(movement)s AND m.operation = 'STORNATO'
UNION
SELECT c.id
FROM covering o
JOIN recon_credit c ON (c.treasurer_code, c.year, ltrim(c.document_number, '0')) = (o.treasurer_code, o.year, o.number)
UNION
-- A new row may take the place of another document's row of the same number.
SELECT o.id
FROM payments_reconciliation_treasurymovement m
JOIN payments_reconciliation_treasurymovement o
    ON (o.entity_id, o.year, o.document_number) = (m.entity_id, m.year, m.document_number)
WHERE m.entity_id = %(entity)s AND m.id > %(movement)s AND m.document_type = 'SOSPESO ENTRATA'
UNION
-- Credits of payments outside pagoPA that persons have decided upon.
SELECT x.movement_id
FROM payments_reconciliation_outsidecredit x
WHERE x.entity_id = %(entity)s AND x.outside_id IN (
    SELECT unnest(ARRAY[o.id, o.reverses_id]) FROM payments_outsidepayment o
    WHERE o.entity_id = %(entity)s AND o.decided_at >= %(since)s)
UNION
SELECT p.id
FROM recon_moved x
CROSS JOIN LATERAL (VALUES (x.movement_id), (x.reverses_id)) AS p(id)
WHERE p.id IS NOT NULL;
CREATE UNIQUE INDEX ON recon_look_movement (id);
ANALYZE recon_look_movement;

-- Of the payments, by notice.
CREATE TEMP TABLE recon_scope ON COMMIT DROP AS
WITH line AS (
    SELECT id FROM payments_reconciliation_flowline WHERE flow_id IN (SELECT id FROM recon_look_flow)
    UNION ALL
    SELECT v.line_id
    FROM payments_reconciliation_verdict v
    WHERE v.entity_id = %(entity)s AND v.closed_run_id IS NULL AND v.subject = 'line'
        AND v.code IN ('no_position', 'paid_less_than_due')
    UNION ALL
    SELECT line_id FROM recon_moved WHERE line_id IS NOT NULL
), receipt AS (
    SELECT r.id
    FROM payments_receipt r
    WHERE r.entity_id = %(entity)s AND r.id > %(receipt)s
        AND NOT EXISTS (
            SELECT FROM payments_reconciliation_verdict v WHERE v.receipt_id = r.id AND v.closed_run_id IS NULL)
        AND NOT EXISTS (SELECT FROM payments_reconciliation_match x WHERE x.receipt_id = r.id AND x.live)
    UNION ALL
    SELECT v.receipt_id
    FROM payments_reconciliation_verdict v
    WHERE v.entity_id = %(entity)s AND v.closed_run_id IS NULL AND v.subject = 'receipt'
        AND v.code IN ('no_position', 'paid_less_than_due')
    UNION ALL
    SELECT receipt_id FROM recon_moved WHERE receipt_id IS NOT NULL
), owed AS (
    SELECT i.iuv
    FROM payments_position p
    JOIN payments_paymentoption o ON o.position_id = p.id
    JOIN payments_instalment i ON i.option_id = o.id
    WHERE p.entity_id = %(entity)s AND (p.created_at >= %(since)s OR p.cancelled_at >= %(since)s)
        AND (EXISTS (SELECT FROM payments_receipt r WHERE r.entity_id = p.entity_id AND r.iuv = i.iuv)
            OR EXISTS (
                SELECT FROM payments_reconciliation_flowline l WHERE l.entity_id = p.entity_id AND l.iuv = i.iuv))
)
SELECT l.iuv FROM payments_reconciliation_flowline l WHERE l.id IN (SELECT id FROM line)
UNION
SELECT r.iuv FROM payments_receipt r WHERE r.id IN (SELECT id FROM receipt)
UNION
SELECT iuv FROM owed
UNION
-- What a person has called a double payment, or no longer.
SELECT d.iuv
FROM payments_reconciliation_duplicatemark d
WHERE d.entity_id = %(entity)s AND (d.made_at >= %(since)s OR d.revoked_at >= %(since)s);
CREATE UNIQUE INDEX ON recon_scope (iuv);
ANALYZE recon_scope;

-- A payment is a second one beside those of the same debt: all its notices come along.
INSERT INTO recon_scope
SELECT DISTINCT other.iuv
FROM recon_scope s
JOIN payments_instalment i ON i.entity_id = %(entity)s AND i.iuv = s.iuv
JOIN payments_paymentoption o ON o.id = i.option_id
JOIN payments_paymentoption sibling ON sibling.position_id = o.position_id
JOIN payments_instalment other ON other.option_id = sibling.id
WHERE other.id <> i.id
ON CONFLICT DO NOTHING;
ANALYZE recon_scope
