-- Of these journals, those that do not start where the last one before them ended, with the day of that one. A journal
-- in several pages starts with the first of them and ends with the last.
SELECT j.id, before.day_to
FROM payments_reconciliation_treasuryjournal j
CROSS JOIN LATERAL (
    SELECT b.day_to, b.closing_cents, b.page >= b.pages AS closes
    FROM payments_reconciliation_treasuryjournal b
    WHERE b.entity_id = j.entity_id AND b.treasurer_code = j.treasurer_code AND b.year = j.year
        AND b.day_to < j.day_from AND b.whole
    ORDER BY b.day_to DESC, b.page DESC, b.id DESC
    LIMIT 1
) before
WHERE j.id = ANY(%(journals)s) AND j.page <= 1 AND before.closes AND before.closing_cents <> j.opening_cents
ORDER BY j.id
