-- What has changed: these movements of the treasury.
DROP TABLE IF EXISTS pg_temp.book_seed;
CREATE TEMP TABLE book_seed ON COMMIT DROP AS
SELECT NULL::bigint AS line_id, NULL::bigint AS receipt_id, NULL::bigint AS flow_id, t.id AS movement_id
FROM unnest(%(movements)s::bigint[]) AS t(id)
