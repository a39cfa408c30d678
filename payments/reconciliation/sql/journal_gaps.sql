-- Accounts whose opening balance is not the closing one of the document before, in the same budget year.
-- Pages of one document are one: it opens with the first and closes with the last, once all of them are in. Documents
-- whose days overlap (layout 1.4 may run from the first of January) say nothing of what lies between them.
WITH page AS (
    SELECT j.*, regexp_replace(j.journal_id, '#[0-9]{3}#[0-9]{3}$', '') AS document
    FROM payments_reconciliation_treasuryjournal j
    WHERE j.entity_id = ANY(%(entities)s)
), document AS (
    SELECT entity_id, treasurer_code, year, day_from, day_to, document,
        count(DISTINCT page) FILTER (WHERE whole) >= greatest(max(pages), 1) AS complete
    FROM page
    GROUP BY entity_id, treasurer_code, year, day_from, day_to, document
), paper AS (
    SELECT j.entity_id, j.treasurer_code, b.account, j.year, j.day_from, j.day_to,
        (array_agg(b.opening_cents ORDER BY j.page, j.id) FILTER (WHERE b.opening_cents IS NOT NULL))[1] AS opening,
        (array_agg(b.closing_cents ORDER BY j.page DESC, j.id DESC)
            FILTER (WHERE b.closing_cents IS NOT NULL))[1] AS closing
    FROM document d
    JOIN page j USING (entity_id, treasurer_code, year, day_from, day_to, document)
    JOIN payments_reconciliation_accountbalance b ON b.journal_id = j.id
    WHERE d.complete AND j.whole
    GROUP BY j.entity_id, j.treasurer_code, b.account, j.year, j.day_from, j.day_to
), chain AS (
    SELECT p.*, lag(p.day_to) OVER w AS after, lag(p.closing) OVER w AS closed
    FROM paper p
    WINDOW w AS (PARTITION BY p.entity_id, p.treasurer_code, p.account, p.year ORDER BY p.day_from, p.day_to)
)
SELECT c.entity_id, e.name, c.account, c.after, c.day_from, c.opening - c.closed
FROM chain c
JOIN portal_entities_entity e ON e.id = c.entity_id
WHERE c.after < c.day_from AND c.closed <> c.opening
    -- A journal in between that did not come whole is what is missing.
    AND NOT EXISTS (
        SELECT FROM document d
        WHERE NOT d.complete AND (d.entity_id, d.treasurer_code) = (c.entity_id, c.treasurer_code)
            AND d.day_from > c.after AND d.day_to < c.day_from)
ORDER BY c.day_from DESC, e.name, c.account
