-- The documents that are judged: all of them.
DROP TABLE IF EXISTS pg_temp.recon_look_flow, pg_temp.recon_look_movement, pg_temp.recon_scope;
CREATE TEMP TABLE recon_look_flow ON COMMIT DROP AS
SELECT f.id FROM payments_reconciliation_reportingflow f WHERE f.entity_id = %(entity)s;
CREATE TEMP TABLE recon_look_movement ON COMMIT DROP AS
SELECT m.id FROM payments_reconciliation_treasurymovement m WHERE m.entity_id = %(entity)s;
CREATE TEMP TABLE recon_scope ON COMMIT DROP AS
SELECT iuv FROM payments_reconciliation_flowline WHERE entity_id = %(entity)s
UNION
SELECT iuv FROM payments_receipt WHERE entity_id = %(entity)s;
CREATE UNIQUE INDEX ON recon_look_flow (id);
CREATE UNIQUE INDEX ON recon_look_movement (id);
CREATE UNIQUE INDEX ON recon_scope (iuv);
ANALYZE recon_look_flow, recon_look_movement, recon_scope
