-- What the books gave to each assessment, month by month, from the beginning of the year.
SELECT p.account, e.code, a.number, a.year, a.chapter, a.description, extract(month FROM n.day)::int,
    -sum(p.cents)::bigint
FROM payments_reconciliation_ledgerposting p
JOIN payments_reconciliation_ledgerentry n ON n.id = p.entry_id
JOIN portal_entities_entity e ON e.id = p.entity_id
LEFT JOIN payments_reconciliation_revenueassessment a ON a.id = p.assessment_id
WHERE p.entity_id = ANY(%(entities)s) AND p.account IN ('assessment', 'unallocated')
    AND n.day BETWEEN %(year_first)s AND %(last)s
GROUP BY p.account, e.code, a.id, a.number, a.year, a.chapter, a.description, extract(month FROM n.day)
HAVING sum(p.cents) <> 0
ORDER BY p.account, e.code, a.year, a.number COLLATE "C", a.id, 7
