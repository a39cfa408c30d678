-- Flows with money still missing and credits with money still free, of the same PSP and days: one to one with the same
-- amount, up to three credits for a flow, up to three flows for a credit. Nothing is decided here.
DROP TABLE IF EXISTS pg_temp.recon_idea, pg_temp.recon_free, pg_temp.recon_open, pg_temp.recon_discarded;

-- What persons said is not the same money, by the copies of flows and movements that count now.
CREATE TEMP TABLE recon_discarded ON COMMIT DROP AS
SELECT array_agg(DISTINCT f.id ORDER BY f.id) AS flows,
    array_agg(DISTINCT coalesce(n.id, m.id) ORDER BY coalesce(n.id, m.id)) AS movements
FROM payments_reconciliation_suggestion s
JOIN payments_reconciliation_reportingflow o ON o.id = ANY(s.flows)
JOIN recon_flow f ON (f.psp_id, f.iuf_key) = (o.psp_id, o.iuf_key)
JOIN payments_reconciliation_treasurymovement m ON m.id = ANY(s.movements)
LEFT JOIN payments_reconciliation_treasurymovement n
    ON m.source = 'provisionals' AND NOT m.counts AND n.entity_id = m.entity_id AND n.source = 'journal'
    AND (n.year, n.document_number, n.document_type, n.operation)
      = (m.year, m.document_number, m.document_type, m.operation)
WHERE s.entity_id = %(entity)s AND s.state = 'discarded' AND s.rule <> 'by_hand'
GROUP BY s.id;

CREATE TEMP TABLE recon_open ON COMMIT DROP AS
SELECT s.id, f.psp_id, f.iuf_key, regexp_replace(upper(f.psp), '[^A-Z0-9]+', '', 'g') AS psp_plain,
    f.regulation_date, a.first, a.last,
    s.declared_cents - s.credited AS cents, s.key
FROM recon_state s
JOIN recon_flow f ON f.id = s.id
JOIN unnest(%(days)s::date[], %(days_from)s::date[], %(days_to)s::date[]) AS a(day, first, last)
    ON a.day = f.regulation_date
WHERE s.credited < s.declared_cents;
ANALYZE recon_open;

-- A credit that names a flow is free only for what is more than that flow declares: then it is of the same PSP.
CREATE TEMP TABLE recon_free ON COMMIT DROP AS
WITH day AS (
    SELECT DISTINCT d::date AS day FROM recon_open o CROSS JOIN generate_series(o.first, o.last, '1 day') d
), free AS (
    SELECT c.id, c.booked_on, c.left_cents AS cents, NULL::text AS psp_id
    FROM recon_credit c
    WHERE c.left_cents > 0 AND c.remittance_kind IN ('other', 'partial') AND c.booked_on IN (SELECT day FROM day)
        AND NOT EXISTS (SELECT FROM recon_pair p WHERE p.movement_id = c.id AND NOT p.by_person)
    UNION ALL
    SELECT c.id, c.booked_on, s.credited - s.declared_cents, f.psp_id
    FROM recon_state s
    JOIN recon_flow f ON f.id = s.id
    JOIN recon_pair p ON p.flow_id = s.id AND p.kind = 'flow_movement' AND NOT p.by_person
    JOIN recon_credit c ON c.id = p.movement_id
    WHERE s.credited > s.declared_cents AND p.cents > s.credited - s.declared_cents
)
SELECT f.*, regexp_replace(upper(m.customer || m.remittance), '[^A-Z0-9]+', '', 'g') AS text_plain
FROM free f
JOIN payments_reconciliation_treasurymovement m ON m.id = f.id;
ANALYZE recon_free;

CREATE TEMP TABLE recon_idea ON COMMIT DROP AS
WITH meet AS (
    -- Credits and flows whose PSP and days agree.
    SELECT o.id AS flow_id, o.psp_id, o.regulation_date, o.cents AS flow_cents, m.id AS movement_id, m.booked_on,
        m.cents AS movement_cents, m.psp_id IS NULL AS whole
    FROM recon_open o
    JOIN recon_free m ON m.booked_on BETWEEN o.first AND o.last AND (m.psp_id = o.psp_id
        OR (m.psp_id IS NULL AND length(o.psp_plain) >= 4 AND strpos(m.text_plain, o.psp_plain) > 0))
    WHERE NOT EXISTS (
        SELECT FROM recon_refused r WHERE (r.movement_id, r.psp_id, r.iuf_key) = (m.id, o.psp_id, o.iuf_key))
), idea AS (
    SELECT 'amount_day_psp' AS rule, ARRAY[flow_id] AS flows, ARRAY[movement_id] AS movements, flow_cents AS cents
    FROM meet
    WHERE flow_cents = movement_cents
    UNION ALL
    SELECT 'sum', ARRAY[a.flow_id], ARRAY[a.movement_id, b.movement_id], a.flow_cents
    FROM meet a
    JOIN meet b ON b.flow_id = a.flow_id AND b.booked_on = a.booked_on AND b.movement_id > a.movement_id
    WHERE a.whole AND b.whole AND a.movement_cents + b.movement_cents = a.flow_cents
    UNION ALL
    SELECT 'sum', ARRAY[a.flow_id], ARRAY[a.movement_id, b.movement_id, c.movement_id], a.flow_cents
    FROM meet a
    JOIN meet b ON b.flow_id = a.flow_id AND b.booked_on = a.booked_on AND b.movement_id > a.movement_id
    JOIN meet c ON c.flow_id = a.flow_id AND c.booked_on = a.booked_on AND c.movement_id > b.movement_id
    WHERE a.whole AND b.whole AND c.whole
        AND a.movement_cents + b.movement_cents + c.movement_cents = a.flow_cents
    UNION ALL
    SELECT 'sum', ARRAY[a.flow_id, b.flow_id], ARRAY[a.movement_id], a.movement_cents
    FROM meet a
    JOIN meet b ON b.movement_id = a.movement_id AND b.psp_id = a.psp_id AND b.regulation_date = a.regulation_date
        AND b.flow_id > a.flow_id
    WHERE a.flow_cents + b.flow_cents = a.movement_cents
    UNION ALL
    SELECT 'sum', ARRAY[a.flow_id, b.flow_id, c.flow_id], ARRAY[a.movement_id], a.movement_cents
    FROM meet a
    JOIN meet b ON b.movement_id = a.movement_id AND b.psp_id = a.psp_id AND b.regulation_date = a.regulation_date
        AND b.flow_id > a.flow_id
    JOIN meet c ON c.movement_id = a.movement_id AND c.psp_id = a.psp_id AND c.regulation_date = a.regulation_date
        AND c.flow_id > b.flow_id
    WHERE a.flow_cents + b.flow_cents + c.flow_cents = a.movement_cents
)
SELECT i.*, i.rule || ' ' || array_to_string(i.flows, ',') || ' ' || array_to_string(i.movements, ',') AS key
FROM idea i
WHERE NOT EXISTS (SELECT FROM recon_discarded d WHERE (d.flows, d.movements) = (i.flows, i.movements))
ORDER BY array_length(i.flows, 1) + array_length(i.movements, 1), i.cents DESC
LIMIT 500
