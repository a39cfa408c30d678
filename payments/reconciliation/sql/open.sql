-- What it says now.
WITH opened AS (
    INSERT INTO payments_reconciliation_verdict (entity_id, subject, line_id, receipt_id, flow_id, movement_id,
        journal_id, key, code, cents, since, facts, opened_run_id)
    SELECT %(entity)s, w.subject, CASE w.subject WHEN 'line' THEN w.sid END,
        CASE w.subject WHEN 'receipt' THEN w.sid END, CASE w.subject WHEN 'flow' THEN w.sid END,
        CASE w.subject WHEN 'movement' THEN w.sid END, CASE w.subject WHEN 'journal' THEN w.sid END,
        w.key, w.code, w.cents, w.since, w.facts, %(run)s
    FROM recon_wanted w
    WHERE NOT EXISTS (
        SELECT FROM recon_standing s
        WHERE (s.subject, s.sid, s.code, s.cents, s.key) = (w.subject, w.sid, w.code, w.cents, w.key)
            AND s.facts = w.facts)
    RETURNING code
)
SELECT code, count(*) FROM opened GROUP BY code ORDER BY code
