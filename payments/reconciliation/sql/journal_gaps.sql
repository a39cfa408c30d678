-- Accounts whose opening balance is not the closing one of the document before, in the same budget year.
-- Pages of one document are one: it opens with the first and closes with the last. Documents whose days overlap
-- (layout 1.4 may run from the first of January) say nothing of what lies between them.
WITH paper AS (
    SELECT b.entity_id, j.treasurer_code, b.account, j.year, j.day_from, j.day_to,
        (array_agg(b.opening_cents ORDER BY j.page, j.id) FILTER (WHERE b.opening_cents IS NOT NULL))[1] AS opening,
        (array_agg(b.closing_cents ORDER BY j.page DESC, j.id DESC)
            FILTER (WHERE b.closing_cents IS NOT NULL))[1] AS closing
    FROM payments_reconciliation_accountbalance b
    JOIN payments_reconciliation_treasuryjournal j ON j.id = b.journal_id
    WHERE b.entity_id = ANY(%(entities)s)
    GROUP BY b.entity_id, j.treasurer_code, b.account, j.year, j.day_from, j.day_to
), chain AS (
    SELECT p.*, lag(p.day_to) OVER w AS after, lag(p.closing) OVER w AS closed
    FROM paper p
    WINDOW w AS (PARTITION BY p.entity_id, p.treasurer_code, p.account, p.year ORDER BY p.day_from, p.day_to)
)
SELECT c.entity_id, e.name, c.account, c.after, c.day_from, c.opening - c.closed
FROM chain c
JOIN portal_entities_entity e ON e.id = c.entity_id
WHERE c.after < c.day_from AND c.closed <> c.opening
ORDER BY c.day_from DESC, e.name, c.account
