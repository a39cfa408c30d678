-- Journals of which pages are missing once all should be there, and journals that do not begin where the one before
-- ended, year after year. Pages of one journal are one document; a day that came twice is taken once.
WITH page AS (
    SELECT j.*, regexp_replace(j.journal_id, '#[0-9]{3}#[0-9]{3}$', '') AS document
    FROM payments_reconciliation_treasuryjournal j
    WHERE j.entity_id = %(entity)s
), paper AS (
    SELECT treasurer_code, year, day_from, day_to, document, (array_agg(id ORDER BY page, id))[1] AS id,
        least(greatest(max(pages), 1), 999) AS pages, array_agg(id) FILTER (WHERE whole) AS ids,
        coalesce(array_agg(DISTINCT page) FILTER (WHERE whole), '{}') AS present
    FROM page
    GROUP BY treasurer_code, year, day_from, day_to, document
), judged AS (
    SELECT *, cardinality(present) >= pages AS complete FROM paper
), balance AS (
    -- Of each account; of the journal as a whole, where it tells of no account.
    SELECT d.treasurer_code, d.year, d.day_from, d.day_to, d.document, j.id, j.journal_id, j.page,
        coalesce(b.account, '') AS account, CASE WHEN b.id IS NULL THEN j.opening_cents ELSE b.opening_cents END AS opening,
        CASE WHEN b.id IS NULL THEN j.closing_cents ELSE b.closing_cents END AS closing
    FROM judged d
    CROSS JOIN unnest(d.ids) AS p(id)
    JOIN payments_reconciliation_treasuryjournal j ON j.id = p.id
    LEFT JOIN payments_reconciliation_accountbalance b ON b.journal_id = j.id
    WHERE d.complete
), document AS (
    SELECT b.treasurer_code, b.account, b.year, b.day_from, b.day_to, b.document,
        (array_agg(b.id ORDER BY b.page))[1] AS id, (array_agg(b.journal_id ORDER BY b.page))[1] AS journal_id,
        min(b.page) AS page,
        (array_agg(b.opening ORDER BY b.page))[1] AS opening,
        (array_agg(b.closing ORDER BY b.page DESC))[1] AS closing
    FROM balance b
    WHERE b.opening IS NOT NULL AND b.closing IS NOT NULL
    GROUP BY b.treasurer_code, b.account, b.year, b.day_from, b.day_to, b.document
), once AS (
    SELECT DISTINCT ON (treasurer_code, account, year, day_from, day_to) *
    FROM document
    ORDER BY treasurer_code, account, year, day_from, day_to, journal_id COLLATE "C" DESC
), chain AS (
    SELECT o.*, lag(o.closing) OVER w AS before_closing, lag(o.day_to) OVER w AS before_day
    FROM once o
    WINDOW w AS (PARTITION BY o.treasurer_code, o.account ORDER BY o.year, o.day_from, o.day_to)
), gap AS (
    SELECT DISTINCT ON (c.id) c.*, sum(abs(c.opening - c.before_closing)) OVER (PARTITION BY c.id) AS missing
    FROM chain c
    -- Documents whose days overlap (layout 1.4 may run from the first of January) say nothing of what lies between.
    WHERE c.before_day < c.day_from AND c.opening <> c.before_closing AND c.day_from <= %(late)s
        -- A journal in between that did not come whole is what is missing.
        AND NOT EXISTS (
            SELECT FROM judged d
            WHERE NOT d.complete AND d.treasurer_code = c.treasurer_code AND d.day_from > c.before_day
                AND d.day_to < c.day_from)
    ORDER BY c.id, c.account COLLATE "C"
)
INSERT INTO recon_wanted (subject, sid, code, cents, since, key, facts)
SELECT 'journal', g.id, 'journal_gap', g.missing, g.day_from, concat_ws('|', g.treasurer_code, g.journal_id, g.page),
    jsonb_build_object('journal', g.journal_id, 'day', g.day_from, 'before', g.before_day, 'account', g.account,
        'opening', g.opening, 'closing', g.before_closing, 'cents', g.missing)
FROM gap g
UNION ALL
SELECT 'journal', d.id, 'journal_incomplete', 0, d.day_to, concat_ws('|', d.treasurer_code, d.document, d.day_to),
    jsonb_build_object('journal', d.document, 'day', d.day_to, 'count', d.pages, 'cents', 0, 'missing', array_to_string(
        ARRAY(SELECT n FROM generate_series(1, d.pages) n WHERE n <> ALL(d.present) ORDER BY n LIMIT 20), ', '))
FROM judged d
WHERE NOT d.complete AND d.day_to <= %(late)s AND NOT EXISTS (
    SELECT FROM judged o
    WHERE o.complete AND (o.treasurer_code, o.year, o.day_from, o.day_to)
        = (d.treasurer_code, d.year, d.day_from, d.day_to))
