-- What the books look at: everything.
DROP TABLE IF EXISTS pg_temp.book_receipt, pg_temp.book_line, pg_temp.book_flow, pg_temp.book_movement,
    pg_temp.book_match, pg_temp.book_refund, pg_temp.book_outside, pg_temp.book_posted;
CREATE TEMP TABLE book_receipt ON COMMIT DROP AS
SELECT id FROM payments_receipt WHERE entity_id = %(entity)s;
CREATE TEMP TABLE book_line ON COMMIT DROP AS
SELECT id FROM payments_reconciliation_flowline WHERE entity_id = %(entity)s;
CREATE TEMP TABLE book_flow ON COMMIT DROP AS
SELECT DISTINCT psp_id, iuf_key FROM payments_reconciliation_reportingflow WHERE entity_id = %(entity)s;
CREATE TEMP TABLE book_movement ON COMMIT DROP AS
SELECT id FROM payments_reconciliation_treasurymovement WHERE entity_id = %(entity)s;
CREATE TEMP TABLE book_match ON COMMIT DROP AS
SELECT id FROM payments_reconciliation_match
WHERE entity_id = %(entity)s AND live AND kind IN ('flow_movement', 'single_movement');
CREATE TEMP TABLE book_refund ON COMMIT DROP AS
SELECT id FROM payments_refund WHERE entity_id = %(entity)s;
CREATE TEMP TABLE book_outside ON COMMIT DROP AS
SELECT x.outside_id AS id, x.movement_id
FROM payments_reconciliation_outsidecredit x
WHERE x.entity_id = %(entity)s;

-- And what they say already.
CREATE TEMP TABLE book_posted ON COMMIT DROP AS
SELECT e.source, e.source_id, e.day, p.account, p.assessment_id, sum(p.cents)::bigint AS cents, max(e.text) AS text
FROM payments_reconciliation_ledgerposting p
JOIN payments_reconciliation_ledgerentry e ON e.id = p.entry_id
WHERE p.entity_id = %(entity)s AND e.entity_id = %(entity)s
GROUP BY e.source, e.source_id, e.day, p.account, p.assessment_id
HAVING sum(p.cents) <> 0;
ANALYZE book_receipt, book_line, book_flow, book_movement, book_match, book_refund, book_outside, book_posted
