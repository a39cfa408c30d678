-- How far the documents go now, and a digest of the rules and accounts that decide where their money goes.
SELECT coalesce((SELECT max(id) FROM payments_reconciliation_verdict WHERE entity_id = %(entity)s), 0) AS verdict,
    coalesce((SELECT max(id) FROM payments_reconciliation_match WHERE entity_id = %(entity)s), 0) AS match,
    coalesce((SELECT max(id) FROM payments_reconciliation_reconciliationrun WHERE entity_id = %(entity)s), 0) AS run,
    coalesce((SELECT max(id) FROM payments_reconciliation_treasurymovement WHERE entity_id = %(entity)s), 0) AS movement,
    md5(concat_ws(' ',
        (SELECT string_agg(concat_ws('|', r.id, r.debt_kind, r.assessment_id, r.chapter, r.permille, r.valid_from,
            r.valid_until, r.confirmed_by <> ''), ',' ORDER BY r.id)
        FROM payments_reconciliation_allocationrule r WHERE r.entity_id = %(entity)s),
        (SELECT string_agg(concat_ws('|', a.id, a.year, a.chapter, a.for_duplicates), ',' ORDER BY a.id)
        FROM payments_reconciliation_revenueassessment a WHERE a.entity_id = %(entity)s),
        (SELECT string_agg(concat_ws('|', t.id, t.code, t.source), ',' ORDER BY t.id)
        FROM payments_reconciliation_treasuryaccount t WHERE t.entity_id = %(entity)s))) AS setup
