-- The payments of a year and what became of them.
WITH paid AS (
    -- Payments of the year by assessment, each with the flow that reports it, if one does.
    SELECT p.assessment_id, p.account, p.cents, l.flow_id, p.source_id AS receipt_id, NULL::int AS year
    FROM book_part p
    LEFT JOIN book_row l ON l.own_id = p.own_id AND l.nth = 1 AND l.cents > 0
    WHERE p.own_id IS NOT NULL AND p.day BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT p.assessment_id, p.account, p.cents, l.flow_id, NULL, NULL
    FROM book_part p
    JOIN book_row l ON l.id = p.line_id
    WHERE p.line_id IS NOT NULL AND p.account <> 'differences' AND p.day BETWEEN %(first)s AND %(last)s
    UNION ALL
    -- A payment outside pagoPA came with its credit.
    SELECT p.assessment_id, p.account, p.cents, NULL, NULL, d.year
    FROM book_part p
    JOIN book_direct d ON d.id = p.source_id
    WHERE p.source = 'outside' AND p.day BETWEEN %(first)s AND %(last)s
), arrived AS (
    -- A flow arrived when its last credit did, in the budget year that the treasurer says.
    SELECT f.psp_id, f.iuf_key, max(c.year) AS year
    FROM book_credit c
    JOIN payments_reconciliation_reportingflow f ON f.id = c.flow_id
    GROUP BY f.psp_id, f.iuf_key
), alone AS (
    SELECT receipt_id, max(year) AS year FROM book_credit WHERE receipt_id IS NOT NULL GROUP BY receipt_id
)
SELECT p.account, a.number, a.year, a.chapter, a.description,
    coalesce(sum(p.cents) FILTER (WHERE coalesce(p.year, r.year, s.year) <= %(year)s), 0)::bigint AS within,
    coalesce(sum(p.cents) FILTER (WHERE coalesce(p.year, r.year, s.year) > %(year)s), 0)::bigint AS after,
    coalesce(sum(p.cents) FILTER (WHERE coalesce(p.year, r.year, s.year) IS NULL), 0)::bigint AS waiting
FROM paid p
LEFT JOIN book_current f ON f.id = p.flow_id
LEFT JOIN arrived r USING (psp_id, iuf_key)
LEFT JOIN alone s ON s.receipt_id = p.receipt_id
LEFT JOIN payments_reconciliation_revenueassessment a ON a.id = p.assessment_id
GROUP BY p.account, a.number, a.year, a.chapter, a.description
ORDER BY a.number NULLS LAST, p.account
