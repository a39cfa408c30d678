-- What the books look at: the documents that the seeds name and, whole, the sets they belong to. A flow comes with its
-- credits and its lines, a line with its receipt, a receipt with all its lines, a provisional with its credits and flows.
DROP TABLE IF EXISTS pg_temp.book_receipt, pg_temp.book_line, pg_temp.book_flow, pg_temp.book_number,
    pg_temp.book_movement, pg_temp.book_match, pg_temp.book_refund, pg_temp.book_outside, pg_temp.book_posted;

CREATE TEMP TABLE book_flow ON COMMIT DROP AS
SELECT f.psp_id, f.iuf_key
FROM payments_reconciliation_reportingflow f
WHERE f.id IN (
    SELECT flow_id FROM book_seed
    UNION
    SELECT l.flow_id
    FROM payments_reconciliation_flowline l
    WHERE l.id IN (
        SELECT line_id FROM book_seed
        UNION
        -- What is said of one line of a payment is said of all of them.
        SELECT k.id
        FROM book_seed s
        JOIN payments_reconciliation_flowline l ON l.id = s.line_id
        JOIN payments_reconciliation_flowline k ON (k.entity_id, k.iuv, k.iur) = (l.entity_id, l.iuv, l.iur)
        UNION
        SELECT x.line_id
        FROM payments_reconciliation_match x
        WHERE x.receipt_id IN (SELECT receipt_id FROM book_seed) AND x.live AND x.kind = 'line_receipt'))
GROUP BY f.psp_id, f.iuf_key;
ANALYZE book_flow;

CREATE TEMP TABLE book_number ON COMMIT DROP AS
WITH movement AS (
    SELECT movement_id AS id FROM book_seed WHERE movement_id IS NOT NULL
    UNION
    SELECT x.movement_id
    FROM book_flow b
    JOIN payments_reconciliation_reportingflow f
        ON f.entity_id = %(entity)s AND (f.psp_id, f.iuf_key) = (b.psp_id, b.iuf_key)
    JOIN payments_reconciliation_match x ON x.flow_id = f.id AND x.live
    UNION
    SELECT x.movement_id
    FROM book_flow b
    JOIN payments_reconciliation_reportingflow f
        ON f.entity_id = %(entity)s AND (f.psp_id, f.iuf_key) = (b.psp_id, b.iuf_key)
    JOIN payments_reconciliation_flowline l ON l.flow_id = f.id
    JOIN payments_reconciliation_match x ON x.line_id = l.id AND x.live AND x.kind = 'single_movement'
    UNION
    -- Those of payments linked to their credit before the flow reported them.
    SELECT x.movement_id
    FROM book_flow b
    JOIN payments_reconciliation_reportingflow f
        ON f.entity_id = %(entity)s AND (f.psp_id, f.iuf_key) = (b.psp_id, b.iuf_key)
    JOIN payments_reconciliation_flowline l ON l.flow_id = f.id
    JOIN payments_reconciliation_match y ON y.line_id = l.id AND y.live AND y.kind = 'line_receipt'
    JOIN payments_reconciliation_match x ON x.receipt_id = y.receipt_id AND x.live AND x.kind = 'single_movement'
    UNION
    SELECT x.movement_id
    FROM payments_reconciliation_match x
    WHERE x.receipt_id IN (SELECT receipt_id FROM book_seed) AND x.live AND x.kind = 'single_movement'
)
SELECT m.year, ltrim(m.document_number, '0') AS number
FROM movement s
JOIN payments_reconciliation_treasurymovement m USING (id)
UNION
-- A collection order says which provisionals it covers.
SELECT m.year, ltrim(item ->> 'number', '0')
FROM movement s
JOIN payments_reconciliation_treasurymovement m USING (id)
CROSS JOIN LATERAL jsonb_array_elements(m.suspended) item;
ANALYZE book_number;

-- What was taken back in another year bears two years: both numbers come along.
INSERT INTO book_number
SELECT y.year, n.number
FROM (
    SELECT ltrim(o.document_number, '0') AS number, o.year AS of_year, s.year
    FROM payments_reconciliation_match x
    JOIN payments_reconciliation_treasurymovement s ON s.id = x.movement_id
    JOIN payments_reconciliation_treasurymovement o ON o.id = x.reverses_id AND o.year <> s.year
    WHERE x.entity_id = %(entity)s AND x.kind = 'reversal' AND x.live
) back
JOIN book_number n ON n.number = back.number AND n.year IN (back.of_year, back.year)
CROSS JOIN LATERAL (VALUES (back.of_year), (back.year)) AS y(year)
EXCEPT
SELECT year, number FROM book_number;
ANALYZE book_number;

CREATE TEMP TABLE book_movement ON COMMIT DROP AS
SELECT m.id
FROM payments_reconciliation_treasurymovement m
JOIN book_number n ON (n.year, n.number) = (m.year, ltrim(m.document_number, '0'))
WHERE m.entity_id = %(entity)s;
ANALYZE book_movement;

INSERT INTO book_flow
SELECT f.psp_id, f.iuf_key
FROM book_movement m
JOIN payments_reconciliation_match x ON x.movement_id = m.id AND x.live
LEFT JOIN payments_reconciliation_match y
    ON y.receipt_id = x.receipt_id AND x.kind = 'single_movement' AND y.kind = 'line_receipt' AND y.live
LEFT JOIN payments_reconciliation_flowline l ON l.id = coalesce(x.line_id, y.line_id)
JOIN payments_reconciliation_reportingflow f ON f.id = coalesce(x.flow_id, l.flow_id)
WHERE NOT EXISTS (SELECT FROM book_flow b WHERE (b.psp_id, b.iuf_key) = (f.psp_id, f.iuf_key))
GROUP BY f.psp_id, f.iuf_key;
ANALYZE book_flow;

CREATE TEMP TABLE book_line ON COMMIT DROP AS
SELECT l.id
FROM book_flow b
JOIN payments_reconciliation_reportingflow f
    ON f.entity_id = %(entity)s AND (f.psp_id, f.iuf_key) = (b.psp_id, b.iuf_key)
JOIN payments_reconciliation_flowline l ON l.flow_id = f.id
UNION
SELECT line_id FROM book_seed WHERE line_id IS NOT NULL;
ANALYZE book_line;

CREATE TEMP TABLE book_receipt ON COMMIT DROP AS
SELECT receipt_id AS id FROM book_seed WHERE receipt_id IS NOT NULL
UNION
SELECT x.receipt_id
FROM book_line b
JOIN payments_reconciliation_match x ON x.line_id = b.id AND x.kind = 'line_receipt' AND x.live
UNION
SELECT x.receipt_id
FROM book_movement m
JOIN payments_reconciliation_match x ON x.movement_id = m.id AND x.live
WHERE x.receipt_id IS NOT NULL;
ANALYZE book_receipt;

INSERT INTO book_line
SELECT x.line_id
FROM book_receipt b
JOIN payments_reconciliation_match x ON x.receipt_id = b.id AND x.kind = 'line_receipt' AND x.live
EXCEPT
SELECT id FROM book_line;

-- Matches taken back too: what was written for them gets its contrary.
CREATE TEMP TABLE book_match ON COMMIT DROP AS
SELECT x.id
FROM book_flow b
JOIN payments_reconciliation_reportingflow f
    ON f.entity_id = %(entity)s AND (f.psp_id, f.iuf_key) = (b.psp_id, b.iuf_key)
JOIN payments_reconciliation_match x ON x.flow_id = f.id
UNION
SELECT x.id FROM book_line b JOIN payments_reconciliation_match x ON x.line_id = b.id AND x.kind = 'single_movement'
UNION
SELECT x.id
FROM book_receipt b
JOIN payments_reconciliation_match x ON x.receipt_id = b.id AND x.kind = 'single_movement'
UNION
SELECT x.id FROM book_movement b JOIN payments_reconciliation_match x ON x.movement_id = b.id;
CREATE TEMP TABLE book_refund ON COMMIT DROP AS
SELECT r.id
FROM book_receipt b
JOIN payments_receiptcase c ON c.receipt_id = b.id
JOIN payments_refund r ON r.case_id = c.id;
CREATE TEMP TABLE book_outside ON COMMIT DROP AS
SELECT x.outside_id AS id, x.movement_id
FROM payments_reconciliation_outsidecredit x
WHERE x.entity_id = %(entity)s AND x.movement_id IN (SELECT id FROM book_movement);
ANALYZE book_line, book_match, book_refund, book_outside;

-- And what they say already of these.
CREATE TEMP TABLE book_posted ON COMMIT DROP AS
WITH looked_at AS (
    SELECT 'receipt' AS source, id FROM book_receipt
    UNION ALL
    SELECT 'line', id FROM book_line
    UNION ALL
    SELECT 'credit', id FROM book_match
    UNION ALL
    SELECT 'flow', f.id
    FROM book_flow b
    JOIN payments_reconciliation_reportingflow f
        ON f.entity_id = %(entity)s AND (f.psp_id, f.iuf_key) = (b.psp_id, b.iuf_key)
    UNION ALL
    SELECT kind, id FROM book_movement CROSS JOIN (VALUES ('movement'), ('regularisation')) AS k(kind)
    UNION ALL
    SELECT 'refund', id FROM book_refund
    UNION ALL
    SELECT 'outside', id FROM book_outside
)
SELECT e.source, e.source_id, e.day, p.account, p.assessment_id, sum(p.cents)::bigint AS cents, max(e.text) AS text
FROM looked_at k
JOIN payments_reconciliation_ledgerentry e
    ON e.entity_id = %(entity)s AND (e.source, e.source_id) = (k.source, k.id)
JOIN payments_reconciliation_ledgerposting p ON p.entry_id = e.id
GROUP BY e.source, e.source_id, e.day, p.account, p.assessment_id
HAVING sum(p.cents) <> 0;
ANALYZE book_posted
