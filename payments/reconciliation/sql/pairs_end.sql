-- What later evidence denies is taken back.
UPDATE payments_reconciliation_match x
SET live = false, revoked_at = %(now)s, revoked_run_id = %(run)s
FROM recon_gone g
WHERE x.id = g.id
