-- Accounts whose opening balance is not the closing one of the document before, year after year: the documents and the
-- chain of verdicts_journals.sql, account by account. Pages of one document are one: it opens with the first and closes
-- with the last, once all of them are in.
WITH page AS (
    SELECT j.*, regexp_replace(j.journal_id, '#[0-9]{3}#[0-9]{3}$', '') AS document
    FROM payments_reconciliation_treasuryjournal j
    WHERE j.entity_id = ANY(%(entities)s)
), judged AS (
    SELECT entity_id, treasurer_code, year, day_from, day_to, document,
        count(DISTINCT page) FILTER (WHERE whole) >= least(greatest(max(pages), 1), 999) AS complete
    FROM page
    GROUP BY entity_id, treasurer_code, year, day_from, day_to, document
), balance AS (
    -- Of each account; of the journal as a whole, where it tells of no account.
    SELECT j.entity_id, j.treasurer_code, j.year, j.day_from, j.day_to, j.document, j.journal_id, j.page,
        coalesce(b.account, '') AS account, CASE WHEN b.id IS NULL THEN j.opening_cents ELSE b.opening_cents END AS opening,
        CASE WHEN b.id IS NULL THEN j.closing_cents ELSE b.closing_cents END AS closing
    FROM judged d
    JOIN page j USING (entity_id, treasurer_code, year, day_from, day_to, document)
    LEFT JOIN payments_reconciliation_accountbalance b ON b.journal_id = j.id
    WHERE d.complete AND j.whole
), document AS (
    SELECT entity_id, treasurer_code, account, year, day_from, day_to, document,
        (array_agg(journal_id ORDER BY page))[1] AS journal_id,
        (array_agg(opening ORDER BY page))[1] AS opening, (array_agg(closing ORDER BY page DESC))[1] AS closing
    FROM balance
    WHERE opening IS NOT NULL AND closing IS NOT NULL
    GROUP BY entity_id, treasurer_code, account, year, day_from, day_to, document
), once AS (
    SELECT DISTINCT ON (entity_id, treasurer_code, account, year, day_from, day_to) *
    FROM document
    ORDER BY entity_id, treasurer_code, account, year, day_from, day_to, journal_id COLLATE "C" DESC
), chain AS (
    SELECT o.*, lag(o.day_to) OVER w AS after, lag(o.closing) OVER w AS closed
    FROM once o
    WINDOW w AS (PARTITION BY o.entity_id, o.treasurer_code, o.account ORDER BY o.year, o.day_from, o.day_to)
)
SELECT c.entity_id, e.name, c.account, c.after, c.day_from, c.opening - c.closed
FROM chain c
JOIN portal_entities_entity e ON e.id = c.entity_id
-- Documents whose days overlap (layout 1.4 may run from the first of January) say nothing of what lies between them.
WHERE c.after < c.day_from AND c.closed <> c.opening
    -- A journal in between that did not come whole is what is missing.
    AND NOT EXISTS (
        SELECT FROM judged d
        WHERE NOT d.complete AND (d.entity_id, d.treasurer_code) = (c.entity_id, c.treasurer_code)
            AND d.day_from > c.after AND d.day_to < c.day_from)
ORDER BY c.day_from DESC, e.name, c.account
