-- All of them.
INSERT INTO recon_scope
SELECT iuv FROM payments_reconciliation_flowline WHERE entity_id = %(entity)s
UNION
SELECT iuv FROM payments_receipt WHERE entity_id = %(entity)s
