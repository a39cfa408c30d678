-- What it says now.
WITH opened AS (
    INSERT INTO payments_reconciliation_verdict (entity_id, subject, line_id, receipt_id, flow_id, movement_id,
        journal_id, key, code, cents, since, facts, opened_run_id)
    SELECT %(entity)s, w.subject, CASE w.subject WHEN 'line' THEN w.sid END,
        CASE w.subject WHEN 'receipt' THEN w.sid END, CASE w.subject WHEN 'flow' THEN w.sid END,
        CASE w.subject WHEN 'movement' THEN w.sid END, CASE w.subject WHEN 'journal' THEN w.sid END,
        w.key, w.code, w.cents, w.since, w.facts, %(run)s
    FROM recon_said w
    RETURNING subject, key, code, cents
)
SELECT o.code, count(*), bit_xor(('x' || encode(sha256(convert_to(
    concat_ws('|', o.subject, o.key, o.code, o.cents), 'UTF8')), 'hex'))::bit(256))::text
FROM opened o
GROUP BY o.code
ORDER BY o.code
