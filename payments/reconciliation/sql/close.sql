-- What the evidence no longer says is closed, by the run that saw it; the row stays.
WITH closed AS (
    UPDATE payments_reconciliation_verdict v SET closed_run_id = %(run)s
    FROM recon_standing s
    WHERE v.id = s.id AND NOT EXISTS (
        SELECT FROM recon_wanted w
        WHERE (w.subject, w.sid, w.code, w.cents, w.key) = (s.subject, s.sid, s.code, s.cents, s.key)
            AND w.facts = s.facts)
    RETURNING v.code
)
SELECT code, count(*) FROM closed GROUP BY code ORDER BY code
