-- What stood on each account at the end of a day; with `known_at`, as it was known then.
SELECT p.account, p.assessment_id, a.year, a.number, a.chapter, a.description,
    sum(p.cents)::bigint AS cents,
    coalesce(sum(p.cents) FILTER (WHERE p.cents > 0), 0)::bigint AS debit,
    coalesce(-sum(p.cents) FILTER (WHERE p.cents < 0), 0)::bigint AS credit
FROM payments_reconciliation_ledgerposting p
JOIN payments_reconciliation_ledgerentry e ON e.id = p.entry_id
LEFT JOIN payments_reconciliation_revenueassessment a ON a.id = p.assessment_id
WHERE p.entity_id = ANY(%(entities)s) AND e.entity_id = ANY(%(entities)s) AND e.day <= %(on)s
    AND (%(known_at)s::timestamptz IS NULL OR e.posted_at <= %(known_at)s)
GROUP BY p.account, p.assessment_id, a.year, a.number, a.chapter, a.description
ORDER BY a.year NULLS FIRST, a.number, p.account
