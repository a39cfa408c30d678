SELECT id, entity_id, nav, iuv, receipt_id, psp, paid_on, expected_cents::bigint, reported_cents::bigint, flows, iuf,
    regulation_date, declared_count, declared_cents, computed_count, computed_cents, credited_cents::bigint, credits,
    outcome
FROM judged
WHERE (%(outcome)s = '' OR outcome = %(outcome)s)
    AND (%(search)s = '' OR %(search)s IN (nav, iuv, receipt_id) OR upper(iuf) = upper(%(search)s))
ORDER BY paid_on DESC, id DESC
LIMIT %(limit)s OFFSET %(offset)s
