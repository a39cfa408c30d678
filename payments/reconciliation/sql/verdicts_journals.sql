-- Journals that do not begin where the one before ended, year after year. A day that came twice is taken once.
WITH balance AS (
    SELECT j.id, j.treasurer_code, j.journal_id, j.page, j.year, j.day_from, j.day_to, b.account, b.opening_cents,
        b.closing_cents
    FROM payments_reconciliation_treasuryjournal j
    JOIN payments_reconciliation_accountbalance b ON b.journal_id = j.id
    WHERE j.entity_id = %(entity)s AND b.opening_cents IS NOT NULL AND b.closing_cents IS NOT NULL
    UNION ALL
    SELECT j.id, j.treasurer_code, j.journal_id, j.page, j.year, j.day_from, j.day_to, '', j.opening_cents,
        j.closing_cents
    FROM payments_reconciliation_treasuryjournal j
    WHERE j.entity_id = %(entity)s AND j.opening_cents IS NOT NULL AND j.closing_cents IS NOT NULL
        AND NOT EXISTS (SELECT FROM payments_reconciliation_accountbalance b WHERE b.journal_id = j.id)
), document AS (
    SELECT treasurer_code, account, year, day_from, day_to, journal_id,
        (array_agg(id ORDER BY page))[1] AS id, min(page) AS page,
        (array_agg(opening_cents ORDER BY page))[1] AS opening,
        (array_agg(closing_cents ORDER BY page DESC))[1] AS closing
    FROM balance
    GROUP BY treasurer_code, account, year, day_from, day_to, journal_id
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
    WHERE c.opening <> c.before_closing
    ORDER BY c.id, c.account COLLATE "C"
)
INSERT INTO recon_wanted (subject, sid, code, cents, since, key, facts)
SELECT 'journal', g.id, 'journal_gap', g.missing, g.day_from, concat_ws('|', g.treasurer_code, g.journal_id, g.page),
    jsonb_build_object('journal', g.journal_id, 'day', g.day_from, 'before', g.before_day, 'account', g.account,
        'opening', g.opening, 'closing', g.before_closing, 'cents', g.missing)
FROM gap g
