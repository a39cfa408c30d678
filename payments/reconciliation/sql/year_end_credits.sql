-- The credits of later years that carry payments of the year.
WITH paid AS (
    SELECT l.flow_id, sum(l.cents)::bigint AS cents
    FROM book_row l
    WHERE l.day BETWEEN %(first)s AND %(last)s
    GROUP BY l.flow_id
)
SELECT m.id, m.document_number, m.year, m.booked_on, m.customer, f.iuf, p.cents, c.cents
FROM book_credit c
JOIN payments_reconciliation_treasurymovement m ON m.id = c.movement_id
JOIN payments_reconciliation_reportingflow g ON g.id = c.flow_id
JOIN book_current f ON (f.psp_id, f.iuf_key) = (g.psp_id, g.iuf_key)
JOIN paid p ON p.flow_id = f.id
WHERE m.year > %(year)s
ORDER BY m.booked_on, m.id
