-- Of these journals, those that do not start where the last one before them ended, with the day of that one.
SELECT j.id, before.day_to
FROM payments_reconciliation_treasuryjournal j
CROSS JOIN LATERAL (
    SELECT b.day_to, b.closing_cents
    FROM payments_reconciliation_treasuryjournal b
    WHERE b.entity_id = j.entity_id AND b.treasurer_code = j.treasurer_code AND b.year = j.year
        AND b.day_to < j.day_from
    ORDER BY b.day_to DESC, b.id DESC
    LIMIT 1
) before
WHERE j.id = ANY(%(journals)s) AND before.closing_cents <> j.opening_cents
ORDER BY j.id
