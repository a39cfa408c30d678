-- What has changed since the books were last looked at: verdicts, matches, movements of the treasury, refunds.
DROP TABLE IF EXISTS pg_temp.book_seed;
CREATE TEMP TABLE book_seed ON COMMIT DROP AS
WITH verdict AS (
    SELECT line_id, receipt_id, flow_id, movement_id
    FROM payments_reconciliation_verdict
    WHERE entity_id = %(entity)s AND id > %(verdict)s
    UNION ALL
    SELECT line_id, receipt_id, flow_id, movement_id
    FROM payments_reconciliation_verdict
    WHERE entity_id = %(entity)s AND closed_run_id > %(run)s
), paired AS (
    SELECT line_id, receipt_id, flow_id, movement_id, reverses_id
    FROM payments_reconciliation_match
    WHERE entity_id = %(entity)s AND id > %(match)s
    UNION ALL
    SELECT line_id, receipt_id, flow_id, movement_id, reverses_id
    FROM payments_reconciliation_match
    WHERE entity_id = %(entity)s AND NOT live AND revoked_at >= %(since)s
)
SELECT line_id, receipt_id, flow_id, movement_id FROM verdict
UNION
SELECT line_id, receipt_id, flow_id, movement_id FROM paired
UNION
SELECT NULL, NULL, NULL, reverses_id FROM paired WHERE reverses_id IS NOT NULL
UNION
-- A new row may take the place of another document's row of the same number.
SELECT NULL, NULL, NULL, o.id
FROM payments_reconciliation_treasurymovement m
JOIN payments_reconciliation_treasurymovement o
    ON (o.entity_id, o.year, o.document_number) = (m.entity_id, m.year, m.document_number)
WHERE m.entity_id = %(entity)s AND m.id > %(movement)s
UNION
SELECT NULL, c.receipt_id, NULL, NULL
FROM payments_refund r
JOIN payments_receiptcase c ON c.id = r.case_id
WHERE r.entity_id = %(entity)s AND r.state = 'done' AND r.closed_at >= %(since)s
