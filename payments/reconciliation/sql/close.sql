-- What the evidence no longer says is closed, by the run that saw it; the row stays.
WITH closed AS (
    UPDATE payments_reconciliation_verdict v SET closed_run_id = %(run)s
    FROM recon_unsaid u
    WHERE v.id = u.id
    RETURNING v.subject, v.key, v.code, v.cents
)
SELECT c.code, count(*), bit_xor(('x' || encode(sha256(convert_to(
    concat_ws('|', c.subject, c.key, c.code, c.cents), 'UTF8')), 'hex'))::bit(256)) FILTER (WHERE NOT %(full)s)::text
FROM closed c
GROUP BY c.code
ORDER BY c.code
