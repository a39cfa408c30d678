-- What a run works on, seen once: the documents that count now, and what persons have decided.
DROP TABLE IF EXISTS pg_temp.recon_flow, pg_temp.recon_credit, pg_temp.recon_pair, pg_temp.recon_refused,
    pg_temp.recon_had, pg_temp.recon_made, pg_temp.recon_gone, pg_temp.recon_told;

-- Pairs of documents as the rules want them. What a person made is there first, and the rules work around it.
CREATE TEMP TABLE recon_pair (
    kind text NOT NULL, rule text NOT NULL, confidence text NOT NULL, cents bigint NOT NULL,
    flow_id bigint, movement_id bigint, reverses_id bigint, line_id bigint, receipt_id bigint,
    by_person boolean NOT NULL DEFAULT false
) ON COMMIT DROP;
CREATE INDEX ON recon_pair (movement_id);
CREATE INDEX ON recon_pair (flow_id);

-- Whole flows before cut ones; a higher revision replaces the lower ones; flows without revisions replace each other by
-- the time of creation.
CREATE TEMP TABLE recon_flow ON COMMIT DROP AS
SELECT DISTINCT ON (f.psp_id, f.iuf_key)
    f.id, f.psp_id, coalesce(nullif(f.psp_name, ''), f.psp_id) AS psp, f.iuf, f.iuf_key, f.revision,
    upper(f.regulation_id) AS regulation, f.regulation_date,
    f.declared_count, f.declared_cents, f.computed_count, f.computed_cents
FROM payments_reconciliation_reportingflow f
WHERE f.entity_id = %(entity)s
ORDER BY f.psp_id, f.iuf_key, f.whole DESC, f.revision DESC, f.created_at DESC, f.computed_count DESC, f.id DESC;
CREATE INDEX ON recon_flow (id);
ANALYZE recon_flow;

-- What persons have said. Of a line or of a receipt it holds for the line that tells of the same payment now: its flow
-- may have been replaced, a flow may report the receipt later. Those are few, and found one by one by their index.
CREATE TEMP TABLE recon_told ON COMMIT DROP AS
WITH told AS MATERIALIZED (
    SELECT x.kind, x.rule, x.confidence, x.cents, x.flow_id, x.movement_id, x.line_id, x.receipt_id, x.live
    FROM payments_reconciliation_match x
    WHERE x.entity_id = %(entity)s
        AND (x.live AND x.made_by_id IS NOT NULL OR NOT x.live AND x.revoked_by_id IS NOT NULL)
)
SELECT t.kind, t.rule, t.confidence, t.cents, t.flow_id, t.movement_id, coalesce(n.id, t.line_id) AS line_id,
    CASE WHEN n.id IS NULL OR NOT t.live THEN t.receipt_id END AS receipt_id, t.live
FROM told t
LEFT JOIN LATERAL (
    SELECT l.id, l.iuv, l.iur, l.transfer, l.flow_id FROM payments_reconciliation_flowline l WHERE l.id = t.line_id
    UNION ALL
    SELECT NULL, r.iuv, r.receipt_id, NULL, NULL FROM payments_receipt r WHERE r.id = t.receipt_id
    LIMIT 1
) p ON t.kind = 'single_movement'
LEFT JOIN LATERAL (
    SELECT k.id
    FROM payments_reconciliation_flowline k
    CROSS JOIN LATERAL (SELECT c.psp_id, c.iuf_key FROM recon_flow c WHERE c.id = k.flow_id LIMIT 1) c
    WHERE k.entity_id = %(entity)s AND (k.iuv, k.iur) = (p.iuv, p.iur) AND k.transfer = coalesce(p.transfer, k.transfer)
    -- The flow of the same name before others that report the payment too.
    ORDER BY k.flow_id = p.flow_id DESC, (c.psp_id, c.iuf_key) = (
            SELECT o.psp_id, o.iuf_key FROM payments_reconciliation_reportingflow o WHERE o.id = p.flow_id) DESC,
        k.id = p.id DESC, k.outcome = 3, k.cents = t.cents DESC, k.transfer, k.id
    LIMIT 1
) n ON true;

INSERT INTO recon_pair (kind, rule, confidence, cents, flow_id, movement_id, line_id, receipt_id, by_person)
SELECT x.kind, x.rule, x.confidence, x.cents, f.id, x.movement_id, x.line_id, x.receipt_id, true
FROM recon_told x
LEFT JOIN payments_reconciliation_reportingflow o ON o.id = x.flow_id
LEFT JOIN recon_flow f ON (f.psp_id, f.iuf_key) = (o.psp_id, o.iuf_key)
WHERE x.live AND x.kind IN ('flow_movement', 'single_movement');

-- Credits of payments outside pagoPA, once two persons have confirmed them.
INSERT INTO recon_pair (kind, rule, confidence, cents, movement_id, by_person)
SELECT 'outside_movement', 'by_hand', 'none', o.amount_cents, x.movement_id, true
FROM payments_reconciliation_outsidecredit x
JOIN payments_outsidepayment o ON o.id = x.outside_id AND o.state = 'confirmed'
WHERE x.entity_id = %(entity)s;

-- What a person has undone, the rules do not make again.
CREATE TEMP TABLE recon_refused ON COMMIT DROP AS
SELECT DISTINCT coalesce(n.id, x.movement_id) AS movement_id, f.psp_id, f.iuf_key, x.line_id, x.receipt_id
FROM recon_told x
LEFT JOIN payments_reconciliation_reportingflow f ON f.id = x.flow_id
-- What was said of a provisional of a list holds for the same one of the journal.
LEFT JOIN payments_reconciliation_treasurymovement o
    ON o.id = x.movement_id AND o.source = 'provisionals' AND NOT o.counts
LEFT JOIN payments_reconciliation_treasurymovement n
    ON n.entity_id = o.entity_id AND n.source = 'journal'
    AND (n.year, n.document_number, n.document_type, n.operation)
      = (o.year, o.document_number, o.document_type, o.operation)
WHERE NOT x.live;

-- What earlier runs put together and still stands.
CREATE TEMP TABLE recon_had ON COMMIT DROP AS
SELECT x.id, x.kind, x.rule, x.confidence, x.cents, x.flow_id, x.movement_id, x.reverses_id, x.line_id, x.receipt_id
FROM payments_reconciliation_match x
WHERE x.entity_id = %(entity)s AND x.live AND x.made_by_id IS NULL AND x.kind <> 'line_receipt'
