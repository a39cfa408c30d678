-- Lines without a receipt: all of them.
DROP TABLE IF EXISTS pg_temp.recon_alone;
CREATE TEMP TABLE recon_alone ON COMMIT DROP AS
SELECT l.id
FROM payments_reconciliation_flowline l
WHERE l.entity_id = %(entity)s AND NOT EXISTS (
    SELECT FROM payments_reconciliation_match x WHERE x.line_id = l.id AND x.kind = 'line_receipt' AND x.live);
ANALYZE recon_alone
