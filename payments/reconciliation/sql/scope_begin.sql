-- The notices whose payments are judged again.
DROP TABLE IF EXISTS pg_temp.recon_scope;
CREATE TEMP TABLE recon_scope (iuv text PRIMARY KEY) ON COMMIT DROP
