-- What later evidence denies is taken back, what is new is kept. Persons' own matches are left as they are.
UPDATE payments_reconciliation_match x
SET live = false, revoked_at = %(now)s, revoked_run_id = %(run)s
WHERE x.entity_id = %(entity)s AND x.live AND x.made_by_id IS NULL AND x.kind <> 'line_receipt'
    AND NOT EXISTS (
        SELECT FROM recon_pair p
        WHERE (p.kind, p.rule, p.cents, p.movement_id) = (x.kind, x.rule, x.cents, x.movement_id)
            AND (coalesce(p.flow_id, 0), coalesce(p.reverses_id, 0), coalesce(p.line_id, 0), coalesce(p.receipt_id, 0))
              = (coalesce(x.flow_id, 0), coalesce(x.reverses_id, 0), coalesce(x.line_id, 0), coalesce(x.receipt_id, 0))
            AND NOT p.by_person)
