-- What it says now, and did not say before. What that does to the fingerprint, a full run works out otherwise.
WITH opened AS (
    INSERT INTO payments_reconciliation_verdict (entity_id, subject, line_id, receipt_id, flow_id, movement_id,
        journal_id, key, code, cents, since, facts, opened_run_id)
    SELECT %(entity)s, w.subject, CASE w.subject WHEN 'line' THEN w.sid END,
        CASE w.subject WHEN 'receipt' THEN w.sid END, CASE w.subject WHEN 'flow' THEN w.sid END,
        CASE w.subject WHEN 'movement' THEN w.sid END, CASE w.subject WHEN 'journal' THEN w.sid END,
        w.key, w.code, w.cents, w.since, w.facts, %(run)s
    FROM recon_wanted w
    LEFT JOIN recon_standing s ON (s.subject, s.sid, s.code) = (w.subject, w.sid, w.code)
        AND (s.cents, s.key) = (w.cents, w.key) AND s.facts = w.facts
    WHERE s.sid IS NULL
    RETURNING subject, key, code, cents
)
SELECT o.code, count(*), bit_xor(('x' || encode(sha256(convert_to(
    concat_ws('|', o.subject, o.key, o.code, o.cents), 'UTF8')), 'hex'))::bit(256)) FILTER (WHERE NOT %(full)s)::text
FROM opened o
GROUP BY o.code
ORDER BY o.code
